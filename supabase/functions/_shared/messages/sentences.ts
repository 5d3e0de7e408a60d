/**
 * Why a message was not sent, or a number cannot send, for the person who reads it. Everything else
 * passes on the codes alone.
 *
 * @module
 */

import type { SendFailure } from "../gateway/outcomes.ts";
import type { Language } from "../http/language.ts";

type Sentence = Readonly<Record<Language, string>>;

/**
 * Why a message failed, by `error_code`: what the gateway answered to its send, or
 * - `rate_limited_by_whatsapp`: WhatsApp takes no more messages from this number for now;
 * - `rejected_by_whatsapp`: WhatsApp reported after the send that it does not deliver it;
 * - `interrupted`: whoever sent it is gone, and nobody knows whether it left;
 * - `not_sent`: nobody tried; its number was not there in time.
 */
type MessageFailure =
  | SendFailure
  | "rate_limited_by_whatsapp"
  | "rejected_by_whatsapp"
  | "interrupted"
  | "not_sent";

/** Why a message failed. */
export interface Failure {
  readonly code: MessageFailure;
  /**
   * Where the connection was closed and nothing was begun for it: the word of `claim_ghost_repair`,
   * `claim_failed`, or `alive`, where the socket answered afterwards.
   */
  readonly why?: string | undefined;
}

/** What a failed message says, by `error_code`. */
export const FAILURES: Readonly<Record<MessageFailure, Sentence>> = {
  connection_closed: {
    pt:
      "O WhatsApp deste número caiu. A reconexão já começou; tente enviar de novo em alguns minutos.",
    en:
      "This number lost its WhatsApp connection. Reconnection has started; try again in a few minutes.",
  },
  number_not_on_whatsapp: {
    pt: "Este contato não tem WhatsApp.",
    en: "This contact is not on WhatsApp.",
  },
  hidden_number_unsupported: {
    pt: "Esta versão do servidor Evolution não consegue escrever para um contato de número oculto.",
    en: "This version of the Evolution server cannot write to a contact with a hidden number.",
  },
  invalid_request: {
    pt: "O servidor Evolution recusou a mensagem como inválida.",
    en: "The Evolution server refused the message as invalid.",
  },
  instance_not_found: {
    pt: "Este número não existe mais no servidor Evolution. Conecte-o de novo.",
    en: "This number no longer exists on the Evolution server. Connect it again.",
  },
  gateway_unauthorized: {
    pt: "O servidor Evolution recusou a chave de acesso. Avise um administrador.",
    en: "The Evolution server refused the access key. Tell an administrator.",
  },
  gateway_unlicensed: {
    pt: "O servidor Evolution espera a ativação da licença dele. Avise um administrador.",
    en: "The Evolution server waits for the activation of its licence. Tell an administrator.",
  },
  gateway_unreachable: {
    pt:
      "O servidor Evolution está fora do ar. A mensagem não saiu; tente de novo. Se continuar, avise quem cuida do servidor.",
    en:
      "The Evolution server is down. The message did not leave; try again. If it stays so, tell whoever runs the server.",
  },
  gateway_timeout: {
    pt:
      "O servidor Evolution não respondeu a tempo. Não se sabe se a mensagem saiu: confira antes de reenviar.",
    en:
      "The Evolution server did not answer in time. Whether the message left is unknown: check before sending it again.",
  },
  gateway_error: {
    pt:
      "O servidor Evolution não conseguiu enviar a mensagem. Se continuar, quem cuida dele deve conferir o que responde nesse endereço.",
    en:
      "The Evolution server could not send the message. If it stays so, whoever runs it should check what answers at its address.",
  },
  rate_limited_by_whatsapp: {
    pt:
      "O WhatsApp limitou os envios deste número por enquanto. A mensagem não saiu; espere alguns minutos.",
    en:
      "WhatsApp limits what this number may send for now. The message did not leave; wait a few minutes.",
  },
  rejected_by_whatsapp: {
    pt:
      "O WhatsApp não entregou a mensagem. Em geral ele limita mensagens a contatos novos; respostas a quem escreveu continuam passando.",
    en:
      "WhatsApp did not deliver the message. Usually it limits messages to new contacts; replies to people who wrote still pass.",
  },
  interrupted: {
    pt: "O envio foi interrompido; não se sabe se a mensagem saiu: confira antes de reenviar.",
    en:
      "The send was interrupted; whether the message left is unknown: check before sending it again.",
  },
  not_sent: {
    pt: "O número não esteve conectado a tempo. A mensagem não saiu; tente de novo.",
    en: "The number was not connected in time. The message did not leave; try again.",
  },
};

/** Reasons that SQL writes, as codes alone: their rows are put into words afterwards. */
export const WORDLESS = ["interrupted", "not_sent", "rejected_by_whatsapp"] as const;

/** Added where the reason alone sounds as if the message could be sent again without a risk. */
const MAY_HAVE_LEFT: Sentence = {
  pt: "Não se sabe se a mensagem saiu: confira antes de reenviar.",
  en: "Whether the message left is unknown: check before sending it again.",
};

/** The failures that mean by themselves that it may have left. */
export const MAY_HAVE_LEFT_BY_ITSELF: ReadonlySet<string> = new Set<MessageFailure>(
  ["gateway_timeout", "interrupted"],
);

/** Whether a message's `error_code` is one that this version knows. */
export function isMessageFailure(code: string): code is MessageFailure {
  return Object.hasOwn(FAILURES, code);
}

/** What a failed message says to a person. */
export function failureSentence(
  { code, why = "" }: Failure,
  language: Language,
  mayHaveLeft: boolean,
): string {
  const unbegun = code === "connection_closed" && Object.hasOwn(NOTHING_BEGUN, why);
  const sentence = (unbegun ? NOTHING_BEGUN[why]! : FAILURES[code])[language];
  const unsaid = mayHaveLeft && !MAY_HAVE_LEFT_BY_ITSELF.has(code);
  return unsaid ? `${sentence} ${MAY_HAVE_LEFT[language]}` : sentence;
}

/** Why a number cannot send or be connected now, by the database's word. */
export const NOT_CONNECTED: Readonly<Record<string, Sentence>> = {
  manual_disconnect: {
    pt: "Ele foi desconectado manualmente. Reconecte-o primeiro.",
    en: "It was disconnected by hand. Reconnect it first.",
  },
  awaiting_qr: {
    pt: "É preciso ler o QR code com o celular.",
    en: "Its QR code has to be scanned with the phone.",
  },
  repairing: {
    pt: "A conexão está sendo reparada; tente em alguns minutos.",
    en: "The connection is being repaired; try again in a few minutes.",
  },
  needs_operator: {
    pt: "O reparo automático não bastou: quem cuida do servidor Evolution precisa agir.",
    en: "The automatic repair was not enough: whoever runs the Evolution server has to act.",
  },
  connecting: {
    pt: "A reconexão está em andamento; tente em um minuto.",
    en: "It is being reconnected; try again in a minute.",
  },
  disconnected: {
    pt: "A reconexão automática vai tentar de novo; tente em alguns minutos.",
    en: "The automatic reconnection goes on; try again in a few minutes.",
  },
};

/** Why a message's file is not to be had any more, by the database's word or the gateway's. */
export const MEDIA_GONE: Readonly<Record<string, Sentence>> = {
  deleted: {
    pt: "Quem enviou a mensagem a apagou.",
    en: "Its sender deleted the message.",
  },
  not_kept: {
    pt: "O arquivo da mensagem não está mais guardado.",
    en: "The file of the message is not kept any more.",
  },
  number_deleted: {
    pt: "O número da mensagem foi excluído.",
    en: "The number of the message was deleted.",
  },
  unknown_message: {
    pt: "O servidor Evolution não tem essa mensagem guardada.",
    en: "The Evolution server has not stored this message.",
  },
  expired: {
    pt: "O WhatsApp não entrega mais arquivos tão antigos; o celular pode ainda tê-lo.",
    en: "WhatsApp does not hand out files this old any more; the phone may still have it.",
  },
};

const unconnected = (then: Sentence): Sentence => ({
  pt: `Este número não está conectado. ${then.pt}`,
  en: `This number is not connected. ${then.en}`,
});

/**
 * What a message that met a closed connection says where no reconnection has begun for it. In all other
 * cases one has: by this send, or by one before.
 */
const NOTHING_BEGUN: Readonly<Record<string, Sentence>> = {
  manual_disconnect: unconnected(NOT_CONNECTED["manual_disconnect"]!),
  awaiting_qr: unconnected(NOT_CONNECTED["awaiting_qr"]!),
  needs_operator: unconnected(NOT_CONNECTED["needs_operator"]!),
  disabled: unconnected({
    pt: "O reparo automático está desligado. Avise um administrador.",
    en: "The automatic repair is switched off. Tell an administrator.",
  }),
  paused: unconnected({
    pt: "As reconexões automáticas estão pausadas. Avise um administrador.",
    en: "Automatic reconnections are paused. Tell an administrator.",
  }),
  claim_failed: unconnected({
    pt: "A reconexão ainda não começou; tente de novo em alguns minutos.",
    en: "Its reconnection has not begun yet; try again in a few minutes.",
  }),
  alive: {
    pt: "A conexão deste número falhou durante o envio e já voltou.",
    en: "This number's connection failed during the send and is back.",
  },
};

/** The {@linkcode Failure.why} that a row's sentence was made of, in whichever language. */
export function whyOf(said: string | null): string | undefined {
  return Object.keys(NOTHING_BEGUN).find((why) =>
    Object.values(NOTHING_BEGUN[why]!).some((sentence) => said?.startsWith(sentence))
  );
}
