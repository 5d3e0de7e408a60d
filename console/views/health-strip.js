// @ts-check
/// <reference no-default-lib="true" />
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/// <reference lib="esnext" />
/**
 * The strip on top: the gateway, the scheduler's jobs, the policy.
 *
 * @module
 */

import { ago } from "../words/format.js";
import { make, part, patchList, setAttribute, setText } from "./patch.js";

/** @import { JobRun, Tone } from "../data/types.js" */
/** @import { State, Voice } from "../data/state.js" */
/** @import { Word } from "../words/strings.js" */

/** @typedef {{ key: string, title: string, text: string, tone: Tone }} Fact */

/** @type {Record<string, Word>} */
const JOBS = {
  "auto-reconnect-instances": "jobReconnect",
  "advance-ghost-repairs": "jobRepair",
  "watch-instances": "jobWatch",
  "release-held-messages": "jobHeld",
  "sweep-stale-messages": "jobSweep",
};

/**
 * @param {HTMLElement} list
 * @param {Voice} voice
 * @returns {(state: State, now: number) => void}
 */
export function createHealthStrip(list, voice) {
  return (state, now) => {
    patchList(
      list,
      [gateway(state, now, voice), ...jobs(state, now, voice), ...policy(state, voice)],
      ({ key }) => key,
      () => make("div", {}, make("dt"), make("dd")),
      (element, { title, text, tone }) => {
        setText(part(element, "dt"), title);
        setText(part(element, "dd"), text);
        setAttribute(part(element, "dd"), "data-tone", tone === "quiet" ? null : tone);
      },
    );
  };
}

/**
 * Away from a local stack, the newest webhook is the only sign of the gateway.
 *
 * @param {State} state
 * @param {number} now
 * @param {Voice} voice
 * @returns {Fact}
 */
function gateway({ info, births }, now, { say, language }) {
  const title = say("gateway");
  if (info) {
    const { reachable } = info.gateway;
    const text = say(reachable ? "reachable" : "unreachable");
    return { key: "gateway", title, text, tone: reachable ? "ok" : "bad" };
  }
  const newest = [...births.values()].map(({ lastWebhookAt }) => lastWebhookAt ?? "").sort().at(-1);
  const time = ago(newest || null, now, language);
  const text = time === null ? say("unknown") : say("lastWebhook", { time });
  return { key: "gateway", title, text, tone: "quiet" };
}

/**
 * @param {State} state
 * @param {number} now
 * @param {Voice} voice
 * @returns {Fact[]}
 */
function jobs({ info }, now, voice) {
  if (info === null) {
    const text = voice.say("everySeconds", { seconds: 60 });
    return [{ key: "jobs", title: voice.say("jobReconnect"), text, tone: "quiet" }];
  }
  return info.jobs.map((run) => {
    const word = JOBS[run.name];
    const title = word === undefined ? run.name : voice.say(word);
    return { key: run.name, title, ...jobResult(run, now, voice) };
  });
}

/**
 * @param {JobRun} run
 * @param {number} now
 * @param {Voice} voice
 * @returns {{ text: string, tone: Tone }}
 */
function jobResult(run, now, { say, language }) {
  const time = ago(run.at ?? null, now, language) ?? "";
  if (run.result === "ok") {
    const count = leasedBy(run.said);
    return { text: say(count > 0 ? "jobBusy" : "jobOk", { time, count }), tone: "ok" };
  }
  if (run.result === "never") return { text: say("jobNever"), tone: "quiet" };
  return { text: say("jobFailed", { time, why: run.said }), tone: "bad" };
}

/**
 * @param {State} state
 * @param {Voice} voice
 * @returns {Fact[]}
 */
function policy({ info }, { say }) {
  if (info === null) return [];
  const word = info.repairEnabled === false
    ? "policyOff"
    : info.policy === "keep-pairing"
    ? "policyKeep"
    : "policyLogout";
  /** @type {Fact[]} */
  const facts = [{ key: "policy", title: say("policy"), text: say(word), tone: "quiet" }];
  if (info.speed !== 1) {
    facts.push({ key: "speed", title: say("speed"), text: `${info.speed}×`, tone: "quiet" });
  }
  return facts;
}

/** How many numbers a tick worked on, where it says so. @param {unknown} said */
function leasedBy(said) {
  const { leased } = /** @type {{ leased?: unknown }} */ (said ?? {});
  return typeof leased === "number" ? leased : 0;
}
