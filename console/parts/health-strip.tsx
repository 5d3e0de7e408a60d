/**
 * Of a local stack: the gateway, the scheduler's jobs, the policy.
 *
 * @module
 */

import type { JobRun, LocalInfo, Tone } from "../types.ts";
import { ago } from "../words/format.ts";
import type { Word } from "../words/strings.ts";
import { useNow, useSignedIn, type Voice } from "./signed-in.ts";

interface Fact {
  title: string;
  text: string;
  tone: Tone;
}

const JOBS: Record<string, Word> = {
  "auto-reconnect-instances": "jobReconnect",
  "advance-ghost-repairs": "jobRepair",
  "watch-instances": "jobWatch",
  "release-held-messages": "jobHeld",
  "recover-messages": "jobRecover",
  "send-alerts": "jobAlerts",
  sweep: "jobSweep",
};

/** The strip. */
export function HealthStrip({ info }: { info: LocalInfo }) {
  const signedIn = useSignedIn();
  const now = useNow(5_000);
  const { say } = signedIn;
  const { reachable } = info.gateway;
  const facts: Fact[] = [
    {
      title: say("gateway"),
      text: say(reachable ? "reachable" : "unreachable"),
      tone: reachable ? "ok" : "bad",
    },
    ...info.jobs.map((run) => jobFact(run, now, signedIn)),
    { title: say("policy"), text: say(policyWord(info)), tone: "quiet" },
    ...(info.speed === 1
      ? []
      : [{ title: say("speed"), text: `${info.speed}×`, tone: "quiet" as const }]),
  ];
  return (
    <section aria-labelledby="health-title">
      <h2 id="health-title" class="unseen">{say("health")}</h2>
      <dl id="health" class="health">
        {facts.map(({ title, text, tone }) => (
          <div key={title}>
            <dt>{title}</dt>
            <dd data-tone={tone === "quiet" ? undefined : tone}>{text}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function policyWord({ repairEnabled, policy }: LocalInfo): Word {
  if (repairEnabled === false) return "policyOff";
  return policy === "keep-pairing" ? "policyKeep" : "policyLogout";
}

function jobFact(run: JobRun, now: number, { say, language }: Voice): Fact {
  const word = JOBS[run.name];
  const title = word === undefined ? run.name : say(word);
  const time = ago(run.at ?? null, now, language) ?? "";
  if (run.result === "ok") {
    const count = leasedBy(run.said);
    return { title, text: say(count > 0 ? "jobBusy" : "jobOk", { time, count }), tone: "ok" };
  }
  if (run.result === "never") return { title, text: say("jobNever"), tone: "quiet" };
  return { title, text: say("jobFailed", { time, why: run.said }), tone: "bad" };
}

/** How many numbers a tick worked on, where it says so. */
function leasedBy(said: unknown): number {
  const { leased } = (said ?? {}) as { leased?: unknown };
  return typeof leased === "number" ? leased : 0;
}
