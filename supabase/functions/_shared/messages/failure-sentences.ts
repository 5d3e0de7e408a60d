/**
 * Why a message was not sent, for the person who wrote it.
 *
 * @module
 */

import type { Language } from "../http/language.ts";

/** What a failed message says, by `error_code`. */
export const FAILURES = {
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
  gateway_unreachable: {
    pt: "O servidor Evolution está fora do ar. A mensagem não saiu; tente de novo.",
    en: "The Evolution server is down. The message did not leave; try again.",
  },
  gateway_timeout: {
    pt:
      "O servidor Evolution não respondeu a tempo. Não se sabe se a mensagem saiu: confira antes de reenviar.",
    en:
      "The Evolution server did not answer in time. Whether the message left is unknown: check before sending it again.",
  },
  gateway_error: {
    pt: "O servidor Evolution não conseguiu enviar a mensagem.",
    en: "The Evolution server could not send the message.",
  },
} as const satisfies Record<string, Record<Language, string>>;

/** An `error_code` of a message whose send failed. */
export type FailureCode = keyof typeof FAILURES;
