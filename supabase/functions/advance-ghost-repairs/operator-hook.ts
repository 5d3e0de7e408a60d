/**
 * Telling the operator: one signed call (Standard Webhooks) for each repair that needs a person, tried
 * again with back-off until the hook has taken it. It says which number, since when, what was tried and
 * what to do; no phone number and no key.
 *
 * @module
 */

import { utcMinute, withoutNumbers } from "../_shared/contracts/plain-words.ts";
import { ADVICE, HEARING, knownReason } from "../_shared/contracts/reasons.ts";
import type { Language } from "../_shared/http/language.ts";
import type { PostEffects } from "../_shared/http/post.ts";
import { callSigned } from "../_shared/http/signed-call.ts";
import type { Effects } from "../_shared/runtime/effects.ts";
import { errorName, type Log } from "../_shared/runtime/log.ts";
import type { Notice, WorkList } from "./work-list.ts";

/** Notices called in one tick. */
const NOTICES = 20;

/** How long the hook may take, in ms. */
const HOOK_LIMIT_MS = 10_000;

/**
 * Calls the hook, where one is set, for every notice that is due; where none is, says so.
 *
 * @returns How many it accepted.
 * @throws {DatabaseError} Where the due notices could not be had.
 */
export async function callNotices(
  workList: Pick<WorkList, "claimNotices" | "recordNotice">,
  effects: PostEffects & Pick<Effects, "operatorHook">,
  log: Log,
): Promise<number> {
  const { operatorHook } = effects;
  const due = await workList.claimNotices(NOTICES, operatorHook !== undefined);
  if (operatorHook === undefined) return 0;
  const outcomes = await Promise.all(due.map(async (notice) => {
    const instanceId = notice.instance_id;
    // The same at every try; another one where there is something else to do.
    const id = `${notice.repair_id}:${notice.reason}`;
    const outcome = await callOperatorHook(operatorHook, id, operatorMessage(notice), effects);
    log.write("info", "operator_hook", { instanceId, outcome });
    // Not written down, the notice is called again: its id tells the receiver that it is the same.
    await workList.recordNotice(notice, outcome).catch((error: unknown) =>
      log.write("error", "notice_not_recorded", { instanceId, error: errorName(error) })
    );
    return outcome;
  }));
  return outcomes.filter((outcome) => outcome === "accepted").length;
}

/** Where the hook is. */
interface OperatorHook {
  readonly url: string;
  /** `whsec_` and base64, or any text. */
  readonly secret: string;
}

/** How a call ended; only `accepted` is not tried again. */
type HookOutcome = "accepted" | "refused" | "failed" | "address_refused";

/** Calls the hook. Never throws. `id`: see {@linkcode callSigned}. */
export async function callOperatorHook(
  { url, secret }: OperatorHook,
  id: string,
  message: unknown,
  effects: PostEffects,
): Promise<HookOutcome> {
  const hook = { url, secrets: [secret], limitMs: HOOK_LIMIT_MS };
  const call = await callSigned(hook, id, message, effects);
  if (call.kind !== "answered") return call.kind;
  return call.status >= 200 && call.status < 300 ? "accepted" : "refused";
}

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
