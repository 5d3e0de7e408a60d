/**
 * What the database's functions refuse with, as errors for the caller.
 *
 * @module
 */

import { z } from "zod";
import { ApiError, type ErrorCode } from "../_shared/http/errors.ts";
import type { Language } from "../_shared/http/language.ts";

/** Each word's field in the request. */
const FIELDS = {
  organization_not_found: "organizationId",
  instance_not_found: "instanceId",
  message_not_found: "messageId",
  message_not_failed: "messageId",
  may_have_been_sent: "confirmDuplicate",
  forbidden: undefined,
  instance_name_taken: "instanceName",
  confirmation_mismatch: "confirmName",
  conversation_without_instance: "messageId",
  instance_without_gateway: "instanceId",
  instance_not_connected: undefined,
  repair_in_progress: "instanceId",
  qr_pending: "instanceId",
  reconnect_in_progress: "instanceId",
} as const;

type RefusalWord = keyof typeof FIELDS;

/** Why a number cannot send or be connected, for a person. */
const REASONS: Readonly<Record<string, Readonly<Record<Language, string>>>> = {
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
    pt: "O reparo automático não bastou: o servidor Evolution precisa ser reiniciado.",
    en: "The automatic repair was not enough: the Evolution server has to be restarted.",
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

/** An answer of the database that refuses. */
export const refused = z.object({
  result: z.enum(Object.keys(FIELDS) as [RefusalWord, ...RefusalWord[]]),
  reason: z.string().optional(),
});

/** Makes the error of a refusal. */
export function refusal(
  { result, reason }: z.infer<typeof refused>,
  language: Language,
): ApiError {
  const field = FIELDS[result];
  const detail = reason === undefined ? undefined : REASONS[reason]?.[language];
  const code: ErrorCode = result.toUpperCase() as Uppercase<RefusalWord>;
  return new ApiError(code, {
    ...(field === undefined ? {} : { field }),
    ...(detail === undefined ? {} : { detail }),
    ...(reason === undefined ? {} : { reason }),
  });
}
