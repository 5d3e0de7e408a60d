/**
 * Every error that a caller can get: a stable code, the HTTP status, whether trying again can help,
 * and a sentence for a person in Portuguese and English.
 *
 * @module
 */

import { type ErrorKind, kind } from "./error-kind.ts";
import { INSTANCE_ERRORS } from "./instance-errors.ts";
import type { Language } from "./language.ts";

/** The errors by code. */
export const ERRORS = {
  METHOD_NOT_ALLOWED: kind(405, false, "Use POST.", "Use POST."),
  INVALID_JSON: kind(
    400,
    false,
    "O corpo da requisição não é um JSON válido.",
    "The request body is not valid JSON.",
  ),
  INVALID_REQUEST: kind(400, false, "A requisição é inválida.", "The request is invalid."),
  UNKNOWN_ACTION: kind(400, false, "Ação desconhecida.", "Unknown action."),
  PAYLOAD_TOO_LARGE: kind(
    413,
    false,
    "A requisição é grande demais.",
    "The request is too large.",
  ),
  MEDIA_TOO_LARGE: kind(
    413,
    false,
    "O arquivo passa de 16 MB.",
    "The file is larger than 16 MB.",
  ),
  UNAUTHENTICATED: kind(
    401,
    false,
    "Sua sessão expirou ou é inválida. Entre de novo.",
    "Your session is missing, expired or invalid. Sign in again.",
  ),
  CONVERSATION_NOT_FOUND: kind(
    404,
    false,
    "Conversa não encontrada.",
    "Conversation not found.",
  ),
  INSTANCE_NOT_FOUND: kind(
    404,
    false,
    "Número de WhatsApp não encontrado.",
    "WhatsApp number not found.",
  ),
  REPLY_NOT_FOUND: kind(
    404,
    false,
    "A mensagem respondida não está nesta conversa.",
    "The message replied to is not in this conversation.",
  ),
  CONVERSATION_WITHOUT_INSTANCE: kind(
    409,
    false,
    "Esta conversa não tem mais um número de WhatsApp. Escolha um número antes de responder.",
    "This conversation has no WhatsApp number any more. Choose one before answering.",
  ),
  INSTANCE_MISMATCH: kind(
    409,
    false,
    "Esta conversa pertence a outro número de WhatsApp.",
    "This conversation belongs to another WhatsApp number.",
  ),
  INSTANCE_WITHOUT_GATEWAY: kind(
    409,
    false,
    "Este número ainda não está ligado a um servidor Evolution.",
    "This number is not linked to an Evolution server yet.",
  ),
  MESSAGE_ID_TAKEN: kind(
    409,
    false,
    "Este identificador de mensagem já está em uso.",
    "This message id is already in use.",
  ),
  MESSAGE_NOT_FOUND: kind(404, false, "Mensagem não encontrada.", "Message not found."),
  MESSAGE_NOT_FAILED: kind(
    409,
    false,
    "Só uma mensagem que falhou pode ser reenviada.",
    "Only a message that failed can be sent again.",
  ),
  MAY_HAVE_BEEN_SENT: kind(
    409,
    false,
    "Não se sabe se esta mensagem saiu. Confira no aparelho; para reenviar, confirme que pode chegar duas vezes.",
    "Whether this message left is unknown. Check on the phone; to send it again, confirm that it may arrive twice.",
  ),
  ...INSTANCE_ERRORS,
  DATABASE_UNAVAILABLE: kind(
    503,
    true,
    "O banco de dados não respondeu. Nada foi enviado; tente de novo.",
    "The database did not answer. Nothing was sent; try again.",
  ),
  AUTH_UNAVAILABLE: kind(
    503,
    true,
    "Não foi possível verificar sua sessão agora. Tente de novo.",
    "Your session could not be verified right now. Try again.",
  ),
  INTERNAL: kind(
    500,
    true,
    "Algo falhou do nosso lado. Tente de novo.",
    "Something failed on our side. Try again.",
  ),
} as const satisfies Record<string, ErrorKind>;

/** A code of {@linkcode ERRORS}. */
export type ErrorCode = keyof typeof ERRORS;

/** Where in the request the error is. */
export interface ErrorPlace {
  /** The field, as a path: `media.url`. */
  readonly field?: string;
  /** What is wrong there and what is allowed, in the caller's language. */
  readonly detail?: string;
  /** Why, as a word from a fixed list of ours. */
  readonly reason?: string;
}

/** An error with an answer of its own; everything else that is thrown answers INTERNAL. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  constructor(readonly code: ErrorCode, readonly place: ErrorPlace = {}, options?: ErrorOptions) {
    super(code, options);
  }
}

/** The body of an error's answer. */
export interface ErrorBody {
  readonly success: false;
  readonly error: string;
  readonly errorCode: ErrorCode;
  readonly retryable: boolean;
  readonly requestId: string;
  readonly field?: string;
  readonly reason?: string;
}

/** Builds an error's answer in the caller's language. */
export function errorBody(error: ApiError, language: Language, requestId: string): ErrorBody {
  const known = ERRORS[error.code];
  const { field, detail, reason } = error.place;
  return {
    success: false,
    error: detail === undefined ? known[language] : `${known[language]} ${detail}`,
    errorCode: error.code,
    retryable: known.retryable,
    requestId,
    ...(field === undefined ? {} : { field }),
    ...(reason === undefined ? {} : { reason }),
  };
}
