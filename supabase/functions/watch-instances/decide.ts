/**
 * What a look at a number tells the database. Pure.
 *
 * Of a connected number, by its probe and by what the process's memory (`connectionState`) says, where
 * the probe's answer is not the last word:
 *
 * | probe | memory | verdict |
 * |---|---|---|
 * | the own number's profile | `open`, or no answer | alive |
 * | the own number's profile | not open, nor the registry: waits for a scan (recorded) | dead |
 * | `rate-overlimit` | | limited: WhatsApp's own answer, through the socket |
 * | Connection Closed | | dead |
 * | none in 8 s, or a proxy gave up | answers | dead: the gateway lives, the socket is silent |
 * | any error | `close`, `connecting`, or no such session | dead |
 * | any error | no answer | silent: the gateway, and nothing is known |
 * | the key refused, no licence, or no answer of a gateway | | of the gateway: a person is told |
 * | an error of unknown words | `open` | blind: `probe_refused` |
 * | 200 without the own number | answers | blind: `any_answer` |
 * | 404 `Cannot POST` | answers | blind: `no_endpoint` |
 * | refused by somebody in front | answers | blind: `probe_blocked` |
 * | not asked: the own number is not known | | blind: `no_number` |
 *
 * Dead counts twice in a row only. Blind proves nothing, also not death.
 *
 * @module
 */

import type { BLIND } from "../_shared/contracts/reasons.ts";
import { type Finding, finding } from "../_shared/gateway/instance.ts";
import type {
  LogoutOutcome,
  MemoryOutcome,
  ProbeOutcome,
  RegistryOutcome,
} from "../_shared/gateway/outcomes.ts";
import { isDoubted } from "../_shared/gateway/prove-life.ts";

/**
 * What a look at a connected number comes to.
 * - `silent`: the gateway did not answer, nothing is known;
 * - `skipped`: not looked at after all, or cut off midway: soon again;
 * - `gateway_…`: the gateway answers, and not as one that knows us: a person is told if it stays so.
 */
export type Verdict =
  | "alive"
  | "limited"
  | "dead"
  | "silent"
  | "skipped"
  | "gateway_unauthorized"
  | "gateway_unlicensed"
  | "gateway_error"
  | keyof typeof BLIND;

/** Statuses with which a proxy says that it waited in vain for a gateway it reached. */
const GAVE_UP: ReadonlySet<number | undefined> = new Set([408, 504, 524]);

/** Whether a probe says too little without the memory. */
export function needsMemory(probe: ProbeOutcome): boolean {
  switch (probe.outcome) {
    case "alive":
      return probe.limited !== true;
    case "connection_closed":
    case "no_number":
    case "unauthorized":
    case "unlicensed":
      return false;
    default:
      return true;
  }
}

/**
 * Judges one probe.
 *
 * @param memory Null where it was not asked, see {@linkcode needsMemory}.
 * @param registry Null where it was not asked, see {@linkcode isDoubted}.
 */
export function judgeProbe(
  probe: ProbeOutcome,
  memory: MemoryOutcome | null,
  registry: RegistryOutcome | null = null,
): Verdict {
  switch (probe.outcome) {
    case "alive":
      if (probe.limited) return "limited";
      return isDoubted(probe, memory, registry) ? "dead" : "alive";
    case "connection_closed":
      return "dead";
    case "no_number":
      return "no_number";
    case "unauthorized":
      return "gateway_unauthorized";
    case "unlicensed":
      return "gateway_unlicensed";
  }
  const state = memory?.outcome;
  switch (state) {
    case "unauthorized":
      return "gateway_unauthorized";
    case "unlicensed":
      return "gateway_unlicensed";
    case "invalid":
      return "gateway_error";
    case "timeout":
    case "unreachable":
    case undefined:
      return "silent";
  }
  switch (probe.outcome) {
    case "timeout":
      return "dead";
    case "unreachable":
      if (probe.httpStatus === undefined) return "skipped";
      return GAVE_UP.has(probe.httpStatus) ? "dead" : "probe_blocked";
    case "refused":
    case "not_found":
      return state === "open" ? "probe_refused" : "dead";
    case "invalid":
      if (probe.httpStatus === 404) return "no_endpoint";
      return probe.httpStatus !== undefined && probe.httpStatus < 300
        ? "any_answer"
        : "unknown_answer";
  }
}

/** What the registry said of a number; no number, no key. */
export type RegistryFinding = Finding<"registry"> & {
  readonly outcome: RegistryOutcome["outcome"];
};

/** Says what was found, and nothing else of the answer. */
export function readRegistry(registry: RegistryOutcome): RegistryFinding {
  return { outcome: registry.outcome, ...finding("registry", registry) };
}

/** What an owed logout came to: its own answer, and the registry's afterwards, which counts. */
export interface OwedLogout {
  readonly logout: LogoutOutcome["outcome"];
  readonly registry: RegistryOutcome["outcome"];
  readonly ms: number;
  readonly httpStatus?: number;
}

/** See {@linkcode OwedLogout}. */
export function readOwedLogout(logout: LogoutOutcome, registry: RegistryOutcome): OwedLogout {
  const { ms, httpStatus } = finding("logout", logout);
  const status = httpStatus === undefined ? {} : { httpStatus };
  return { logout: logout.outcome, registry: registry.outcome, ms, ...status };
}

/**
 * How a waiting number's turn ended.
 * - `connected`: it is open, and nobody had disconnected it;
 * - `logout`: it was open against a person's wish, and was logged out;
 * - `waits`: as it was;
 * - `overtaken`: something newer had changed the number by then, nothing was written.
 */
export type TurnEnd = "connected" | "logout" | "waits" | "overtaken";
