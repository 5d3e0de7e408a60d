/**
 * What a person is told when nothing over HTTP can repair a session: which number, since when, what
 * was tried, what to do. No phone number and no key.
 *
 * @module
 */

import { ADVICE } from "../_shared/contracts/reasons.ts";
import type { Language } from "../_shared/http/language.ts";
import type { Notice } from "./work-list.ts";

type Sentence = Readonly<Record<Language, string>>;

/** What was tried. */
const TRIED: Readonly<Record<"logout" | "connect" | "restart", Sentence>> = {
  logout: { pt: "encerrar a sessão (logout)", en: "logging out" },
  connect: { pt: "conectar", en: "connecting" },
  restart: { pt: "reiniciar a instância", en: "restarting the instance" },
};

/** Nothing was. */
const NOTHING: Sentence = { pt: "nada", en: "nothing" };

/** The hook's body. */
export function operatorMessage(notice: Notice): Record<string, unknown> {
  const reason = toReason(notice.reason);
  const tried = (["logout", "connect", "restart"] as const).filter((step) =>
    notice[`${step}_called`]
  );
  const since = notice.disconnected_since ?? notice.opened_at;
  const name = withoutNumbers(notice.display_name ?? notice.instance_name);
  const said = (language: Language) =>
    tried.map((step) => TRIED[step][language]).join(", ") || NOTHING[language];
  return {
    type: "ghost_repair.needs_operator",
    timestamp: notice.opened_at,
    data: {
      repairId: notice.repair_id,
      instanceId: notice.instance_id,
      organizationId: notice.organization_id,
      instanceName: withoutNumbers(notice.instance_name),
      disconnectedSince: since,
      reason,
      tried,
      message: {
        pt: `"${name}" está sem WhatsApp desde ${minutes(since)}. Já foi tentado: ${said("pt")}. ` +
          ADVICE[reason].pt,
        en: `"${name}" has been without WhatsApp since ${minutes(since)}. Tried: ${said("en")}. ` +
          ADVICE[reason].en,
      },
    },
  };
}

function toReason(reason: string | null): keyof typeof ADVICE {
  return reason !== null && reason in ADVICE ? reason as keyof typeof ADVICE : "steps_used_up";
}

/** Many people name an instance after its number: all but the last two digits are left out. */
function withoutNumbers(name: string): string {
  return name.replace(/\+?\d(?:[\s().-]*\d){7,}/g, (found) => `…${found.slice(-2)}`);
}

/** `2026-11-22 21:27 UTC`. */
function minutes(timestamp: string): string {
  const at = new Date(timestamp);
  return Number.isNaN(at.getTime())
    ? timestamp
    : `${at.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
