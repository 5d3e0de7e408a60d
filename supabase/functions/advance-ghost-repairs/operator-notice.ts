/**
 * What a person is told when nothing over HTTP can repair a session: which number, since when, what
 * was tried, what to do. No phone number and no key.
 *
 * @module
 */

import { ADVICE, HEARING, knownReason } from "../_shared/contracts/reasons.ts";
import type { Language } from "../_shared/http/language.ts";
import { utcMinute } from "../_shared/messages/utc-minute.ts";
import { withoutNumbers } from "../_shared/messages/without-numbers.ts";
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

/** What is wrong. */
const AWAY: Sentence = { pt: "está sem WhatsApp", en: "has been without WhatsApp" };
const UNHEARD: Sentence = { pt: "envia, mas talvez não receba", en: "sends but may not hear," };

/** The hook's body. */
export function operatorMessage(notice: Notice): Record<string, unknown> {
  const reason = knownReason(notice.reason);
  const tried = (["logout", "connect", "restart"] as const).filter((step) =>
    notice[`${step}_called`]
  );
  const since = notice.disconnected_since ?? notice.opened_at;
  const name = withoutNumbers(notice.display_name ?? notice.instance_name);
  const said = (language: Language) =>
    tried.map((step) => TRIED[step][language]).join(", ") || NOTHING[language];
  const what = HEARING.has(reason) ? UNHEARD : AWAY;
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
        pt: `"${name}" ${what.pt} desde ${utcMinute(since)}. Já foi tentado: ${said("pt")}. ` +
          ADVICE[reason].pt,
        en: `"${name}" ${what.en} since ${utcMinute(since)}. Tried: ${said("en")}. ` +
          ADVICE[reason].en,
      },
    },
  };
}
