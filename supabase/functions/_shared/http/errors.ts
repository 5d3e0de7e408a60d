/**
 * Every error that a caller can get: a stable code, the HTTP status, whether trying again can help,
 * and a sentence for a person in Portuguese and English.
 *
 * @module
 */

import type { Language } from "./language.ts";

/** What is the same for every error of one code: its sentence by language, and these. */
interface ErrorKind extends Readonly<Record<Language, string>> {
  /** The HTTP status. */
  readonly status: number;
  /** Whether the same request can succeed later. */
  readonly retryable: boolean;
}

/** The same request would fail again. */
const never = (status: number, pt: string, en: string): ErrorKind => (
  { status, retryable: false, pt, en }
);

/** The same request can succeed later. */
const later = (status: number, pt: string, en: string): ErrorKind => (
  { status, retryable: true, pt, en }
);

/** The errors by code. */
export const ERRORS = {
  METHOD_NOT_ALLOWED: never(405, "Use POST.", "Use POST."),
  METRICS_OFF: never(
    404,
    "As métricas estão desligadas: falta METRICS_TOKEN.",
    "Metrics are switched off: METRICS_TOKEN is not set.",
  ),
  INVALID_JSON: never(
    400,
    "O corpo da requisição não é um JSON válido.",
    "The request body is not valid JSON.",
  ),
  INVALID_REQUEST: never(400, "A requisição é inválida.", "The request is invalid."),
  UNKNOWN_ACTION: never(400, "Ação desconhecida.", "Unknown action."),
  PAYLOAD_TOO_LARGE: never(413, "A requisição é grande demais.", "The request is too large."),
  BUSY: later(
    503,
    "Há muitos arquivos a caminho agora. Tente de novo em alguns segundos.",
    "Too many files are on their way right now. Try again in a few seconds.",
  ),
  MEDIA_TOO_LARGE: never(413, "O arquivo passa de 16 MB.", "The file is larger than 16 MB."),
  UNAUTHENTICATED: never(
    401,
    "Sua sessão expirou ou é inválida. Entre de novo.",
    "Your session is missing, expired or invalid. Sign in again.",
  ),
  CONVERSATION_NOT_FOUND: never(404, "Conversa não encontrada.", "Conversation not found."),
  INSTANCE_NOT_FOUND: never(
    404,
    "Número de WhatsApp não encontrado.",
    "WhatsApp number not found.",
  ),
  REPLY_NOT_FOUND: never(
    404,
    "A mensagem respondida não está nesta conversa.",
    "The message replied to is not in this conversation.",
  ),
  CONVERSATION_WITHOUT_INSTANCE: never(
    409,
    "Esta conversa não tem mais um número de WhatsApp. Escolha um número antes de responder.",
    "This conversation has no WhatsApp number any more. Choose one before answering.",
  ),
  INSTANCE_MISMATCH: never(
    409,
    "Esta conversa pertence a outro número de WhatsApp.",
    "This conversation belongs to another WhatsApp number.",
  ),
  INSTANCE_WITHOUT_GATEWAY: never(
    409,
    "Este número ainda não está ligado a um servidor Evolution.",
    "This number is not linked to an Evolution server yet.",
  ),
  MESSAGE_ID_TAKEN: never(
    409,
    "Este identificador de mensagem já está em uso.",
    "This message id is already in use.",
  ),
  MESSAGE_CONTENT_DIFFERS: never(
    409,
    "Este identificador já foi usado para outra mensagem. Nada foi enviado.",
    "This id was used for another message before. Nothing was sent.",
  ),
  MEDIA_EXPIRED: never(
    409,
    "O arquivo desta mensagem não está mais guardado. Envie-o de novo.",
    "This message's file is not kept any more. Send it anew.",
  ),
  MEDIA_GONE: never(
    410,
    "O arquivo desta mensagem não pode mais ser obtido.",
    "This message's file cannot be had any more.",
  ),
  MEDIA_UNAVAILABLE: later(
    502,
    "O servidor Evolution não conseguiu baixar este arquivo do WhatsApp. Tente de novo em alguns minutos.",
    "The Evolution server could not fetch this file from WhatsApp. Try again in a few minutes.",
  ),
  MESSAGE_WITHOUT_MEDIA: never(
    409,
    "Esta mensagem não tem arquivo.",
    "This message has no file.",
  ),
  MESSAGE_NOT_FOUND: never(404, "Mensagem não encontrada.", "Message not found."),
  MESSAGE_NOT_FAILED: never(
    409,
    "Só uma mensagem que falhou pode ser reenviada.",
    "Only a message that failed can be sent again.",
  ),
  MAY_HAVE_BEEN_SENT: never(
    409,
    "Não se sabe se esta mensagem saiu. Confira no aparelho; para reenviar, confirme que pode chegar duas vezes.",
    "Whether this message left is unknown. Check on the phone; to send it again, confirm that it may arrive twice.",
  ),
  CHANNEL_NOT_FOUND: never(404, "Canal de alertas não encontrado.", "Alert channel not found."),
  CHANNEL_INCOMPLETE: never(
    400,
    "Falta algo para este tipo de canal: o destino, o endereço, a chave ou um fuso horário que exista.",
    "Something that this kind of channel needs is missing: its target, address, secret, or a time zone that exists.",
  ),
  FORBIDDEN: never(
    403,
    "Só administradores podem fazer isso com este número.",
    "Only administrators may do this with this number.",
  ),
  ORGANIZATION_NOT_FOUND: never(404, "Organização não encontrada.", "Organization not found."),
  INSTANCE_NAME_TAKEN: never(
    409,
    "Este nome já está em uso. Escolha outro.",
    "This name is already in use. Choose another.",
  ),
  CONFIRMATION_MISMATCH: never(
    400,
    "O nome digitado não é o deste número. Nada foi excluído.",
    "The name you typed is not this number's. Nothing was deleted.",
  ),
  INSTANCE_NOT_CONNECTED: later(
    409,
    "Este número não está conectado agora.",
    "This number is not connected right now.",
  ),
  REPAIR_IN_PROGRESS: later(
    409,
    "A conexão deste número já está sendo reparada.",
    "This number's connection is being repaired already.",
  ),
  QR_PENDING: never(
    409,
    "Um QR code já espera a leitura pelo celular.",
    "A QR code is waiting to be scanned already.",
  ),
  DELETE_TAKEN_OVER: later(
    409,
    "Outra ação assumiu este número antes de ele ser apagado. Veja em um minuto se ele ainda está na lista e, se estiver, apague-o de novo.",
    "Another action took this number over before it was deleted. See in a minute whether it is still listed, and delete it again if so.",
  ),
  RECONNECT_IN_PROGRESS: later(
    409,
    "Este número já está sendo reconectado. Aguarde alguns segundos.",
    "This number is being reconnected already. Wait a few seconds.",
  ),
  GATEWAY_NOT_CONFIGURED: never(
    400,
    "Informe o servidor Evolution: não há um padrão.",
    "Name the Evolution server: there is no default.",
  ),
  GATEWAY_ADDRESS_REFUSED: never(
    400,
    "O endereço do servidor Evolution precisa ser https e público.",
    "The Evolution server's address must be https and public.",
  ),
  GATEWAY_UNREACHABLE: later(
    502,
    "O servidor Evolution está fora do ar, ou outro servidor respondeu por ele (proxy, firewall). Quem cuida dele deve conferir.",
    "The Evolution server is down, or another one answered for it (proxy, firewall). Whoever runs it should check.",
  ),
  GATEWAY_UNAUTHORIZED: never(
    502,
    "O servidor Evolution recusou a chave de acesso.",
    "The Evolution server refused the access key.",
  ),
  GATEWAY_TIMEOUT: later(
    504,
    "O servidor Evolution não respondeu a tempo.",
    "The Evolution server did not answer in time.",
  ),
  GATEWAY_REFUSED: never(
    502,
    "O servidor Evolution recusou o pedido.",
    "The Evolution server refused the request.",
  ),
  GATEWAY_ERROR: later(
    502,
    "O que respondeu não parece ser o Evolution. Quem cuida do servidor deve conferir o endereço e o que responde nele.",
    "What answered does not look like Evolution. Whoever runs the server should check the address and what answers there.",
  ),
  GATEWAY_UNSUPPORTED: never(
    502,
    "É preciso o Evolution API 2.2.3 ou mais novo.",
    "Evolution API 2.2.3 or newer is needed.",
  ),
  GATEWAY_UNLICENSED: never(
    502,
    "O servidor Evolution espera a ativação da licença dele (LICENSE_REQUIRED).",
    "The Evolution server waits for the activation of its licence (LICENSE_REQUIRED).",
  ),
  INSTANCE_MISSING_AT_GATEWAY: never(
    409,
    "Este número não existe mais no servidor Evolution.",
    "This number no longer exists on the Evolution server.",
  ),
  DATABASE_UNAVAILABLE: later(
    503,
    "O banco de dados não respondeu. Tente de novo.",
    "The database did not answer. Try again.",
  ),
  OUTCOME_UNKNOWN: later(
    503,
    "O banco de dados não respondeu: não se sabe se o pedido foi feito. Confira antes de repetir.",
    "The database did not answer: whether this was done is unknown. Look before you repeat it.",
  ),
  SEND_UNKNOWN: never(
    503,
    "O banco de dados não respondeu: não se sabe se a mensagem será enviada. Confira a conversa. Para repetir sem duplicar, envie o mesmo conteúdo com o clientMessageId desta resposta.",
    "The database did not answer: whether the message will be sent is unknown. Look at the conversation. To repeat it without a duplicate, send the same content with the clientMessageId of this answer.",
  ),
  AUTH_UNAVAILABLE: later(
    503,
    "Não foi possível verificar sua sessão agora. Tente de novo.",
    "Your session could not be verified right now. Try again.",
  ),
  INTERNAL: later(
    500,
    "Algo falhou do nosso lado. Tente de novo.",
    "Something failed on our side. Try again.",
  ),
} as const satisfies Record<string, ErrorKind>;

/** A code of {@linkcode ERRORS}. */
export type ErrorCode = keyof typeof ERRORS;

/** Where in the request the error is. */
export interface ErrorPlace {
  /** The field, as a path: `media.url`. */
  readonly field?: string | undefined;
  /** What is wrong there and what is allowed, in the caller's language. */
  readonly detail?: string | undefined;
  /** Why, as a word from a fixed list of ours. */
  readonly reason?: string | undefined;
  /** The messages of which nobody knows what becomes. */
  readonly messageIds?: readonly string[] | undefined;
  /** Where the request itself decides whether it can be repeated. */
  readonly retryable?: boolean | undefined;
}

/** An error with an answer of its own; everything else that is thrown answers INTERNAL. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  constructor(readonly code: ErrorCode, readonly place: ErrorPlace = {}, options?: ErrorOptions) {
    super(code, options);
  }
}

/** Builds an error's answer in the caller's language. What is undefined is not in its JSON. */
export function errorBody(error: ApiError, language: Language, requestId: string) {
  const known = ERRORS[error.code];
  const { field, detail, reason, messageIds, retryable = known.retryable } = error.place;
  return {
    success: false,
    error: detail === undefined ? known[language] : `${known[language]} ${detail}`,
    errorCode: error.code,
    retryable,
    requestId,
    field,
    reason,
    // A request's id is its first message's.
    clientMessageId: messageIds?.[0],
    messageIds,
  } as const;
}
