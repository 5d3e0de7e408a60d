/**
 * One number, at its own address: how it is, what is done about it, what was.
 *
 * @module
 */

import { useEffect, useRef, useState } from "preact/hooks";
import { nextAction } from "../data/next-action.ts";
import { stateOf } from "../data/number-state.ts";
import { paceOf } from "../data/pace.ts";
import { EVENTS } from "../data/read-tables.ts";
import { addressOf, EVERYTHING } from "../data/route.ts";
import { useNow, useReading, useSignedIn } from "../parts/signed-in.ts";
import { Meaning, StateBadge } from "../parts/state-badge.tsx";
import type { NumberPage as Page, TimelineEvent } from "../types.ts";
import { countdown, phone, span } from "../words/format.ts";
import { adviceOf } from "../words/reasons.ts";
import { NumberActions } from "./actions.tsx";
import { BreakPanel } from "./break-panel.tsx";
import { Conversation } from "./conversation.tsx";
import { NumberFacts } from "./facts.tsx";
import { HourBar } from "./hour-bar.tsx";
import { QrPanel } from "./qr-panel.tsx";
import { Timeline } from "./timeline.tsx";
import { UptimePanel } from "./uptime-panel.tsx";

/** The page. */
export function NumberPage({ id }: { id: string }) {
  const signedIn = useSignedIn();
  const { data, say, setNow, announce } = signedIn;
  const found = useReading(`number ${id}`, async () => {
    const page = await data.number(id);
    if (page !== null) setNow(page.now);
    return page;
  });
  const events = useEvents(id);
  const page = found?.value ?? null;
  const name = page === null ? "" : page.number.displayName ?? page.number.instanceName;

  const before = useRef<string | null>(null);
  const word = page === null ? null : stateOf(page).word;
  useEffect(() => {
    if (word === null) return;
    if (before.current !== null) announce(say("stateNow", { name, state: say(word) }));
    before.current = word;
  }, [word]);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "Escape" || event.defaultPrevented) return;
      location.hash = addressOf({ page: "fleet", query: EVERYTHING });
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);

  if (found === null) return <p class="hint" role="status">{say("loading")}</p>;
  return (
    <>
      <p class="crumb">
        <a href={addressOf({ page: "fleet", query: EVERYTHING })}>← {say("allNumbers")}</a>
      </p>
      {page === null
        ? <p id="no-number" class="panel empty">{say("noSuchNumber")}</p>
        : <Details page={page} name={name} events={events} />}
    </>
  );
}

function Details(
  { page, name, events }: { page: Page; name: string; events: TimelineEvent[] },
) {
  const signedIn = useSignedIn();
  const { say, language, info } = signedIn;
  const { number } = page;
  const inside = info?.simulator?.instances.find((each) => each.name === number.instanceName) ??
    null;
  const advice = page.state === "person" && page.reason !== null
    ? adviceOf(page.reason, language)
    : "";
  return (
    <div
      id="details"
      class="details"
      role="group"
      aria-labelledby="details-title"
      data-broken={inside === null ? "false" : "true"}
    >
      <header class="panel number-head">
        <div class="number-title">
          <h2 id="details-title" tabIndex={-1}>{name}</h2>
          <span class="instance-phone">{phone(number.phoneNumber)}</span>
          <StateBadge of={page} />
          <NumberActions number={number} name={name} />
        </div>
        {advice !== "" && <p class="advice">{advice}</p>}
        <div class="number-now">
          <NextWords page={page} />
          <Meaning of={page} />
        </div>
        <HourBar
          name={name}
          status={number.status}
          events={events}
          bornAt={Date.parse(page.createdAt)}
        />
      </header>
      {page.health === "awaiting_qr" && <QrPanel id={number.id} />}
      {inside !== null && info?.simulator && (
        <BreakPanel
          inside={inside}
          ghosts={info.simulator.ghosts}
          customer={info.customer}
          gatewayUp={info.gateway.reachable}
          needsRestart={number.repair?.state === "needs_operator"}
        />
      )}
      <div class="column">
        <Timeline events={events} />
        <UptimePanel page={page} />
      </div>
      <div class="column">
        <Conversation
          id={number.id}
          sample={info === null ? "" : say("sample")}
          nudge={inside?.ghost != null && number.status === "connected"}
        />
        <NumberFacts page={page} />
      </div>
    </div>
  );
}

function NextWords({ page }: { page: Page }) {
  const { say, info } = useSignedIn();
  const now = useNow(1_000);
  const next = nextAction(page.number, paceOf(info, now), now);
  const what = say(next.word, next.values);
  const away = page.since !== null && page.state !== "well"
    ? say("sinceTime", { time: span((now - Date.parse(page.since)) / 1_000) })
    : null;
  return (
    <p id="next">
      {away !== null && <span class="hint">{away} ·</span>}
      <span class="hint">{say("next")}:</span>
      <b>
        {next.at === null ? what : say("within", { what, time: countdown(next.at - now) })}
      </b>
    </p>
  );
}

/** A number's events, as many as are remembered; new ones are added at the end. */
function useEvents(id: string): TimelineEvent[] {
  const { data } = useSignedIn();
  const known = useRef<TimelineEvent[]>([]);
  const [, setCount] = useState(0);
  useReading(`events ${id}`, async () => {
    const last = known.current.at(-1)?.id ?? null;
    const fresh = (await data.events(id, last)).filter((event) => event.id > (last ?? 0));
    if (fresh.length === 0 && last !== null) return last;
    known.current = [...known.current, ...fresh].slice(-2 * EVENTS);
    setCount((count) => count + 1);
    return known.current.at(-1)?.id ?? null;
  });
  return known.current;
}
