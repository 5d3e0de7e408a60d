/**
 * The numbers, a line each.
 *
 * @module
 */

import { useEffect, useState } from "preact/hooks";
import { addressOf } from "../data/route.ts";
import { useNow, useSignedIn, type Voice } from "../parts/signed-in.ts";
import { StateBadge } from "../parts/state-badge.tsx";
import { Percent, UPTIME_SPANS } from "../parts/percent.tsx";
import type { FleetLine } from "../types.ts";
import { ago, phone, span } from "../words/format.ts";
import { adviceOf, reasonWord } from "../words/reasons.ts";
import type { Word } from "../words/strings.ts";

const HEADS: readonly Word[] = ["state", "number", "what", "uptime", "lastAlive"];

/** More lines than a screen shows at first; the others are made once these are seen. */
const AT_FIRST = 16;

/** The list. */
export function FleetRows(
  { numbers, withGateway }: { numbers: FleetLine[]; withGateway: boolean },
) {
  const { say } = useSignedIn();
  const now = useNow(10_000);
  const [all, setAll] = useState(false);
  useEffect(() => setAll(true), []);
  return (
    <div class="fleet" data-gateway={withGateway ? "true" : undefined}>
      <div class="fleet-head" aria-hidden="true">
        {HEADS.map((word) => <span key={word}>{say(word)}</span>)}
        {withGateway && <span>{say("gateway")}</span>}
      </div>
      <ul id="instances" class="instances">
        {(all ? numbers : numbers.slice(0, AT_FIRST)).map((line) => (
          <Row
            key={line.id}
            line={line}
            now={now}
            withGateway={withGateway}
          />
        ))}
      </ul>
    </div>
  );
}

function Row(
  { line, now, withGateway }: { line: FleetLine; now: number; withGateway: boolean },
) {
  const session = useSignedIn();
  const { say, language } = session;
  const why = whyOf(line, session);
  const away = line.since === null || line.state === "well"
    ? null
    : say("sinceTime", { time: span((now - Date.parse(line.since)) / 1_000) });
  return (
    <li class="instance" data-id={line.id}>
      <StateBadge of={line} />
      <div class="who">
        <h3>
          <a class="instance-open" href={addressOf({ page: "number", id: line.id })}>
            {line.name}
          </a>
        </h3>
        <span class="instance-phone">{phone(line.phoneNumber)}</span>
      </div>
      <div class="why">
        {(away !== null || why !== "") && (
          <p title={why}>{[away, why].filter(Boolean).join(": ")}</p>
        )}
        <Counts line={line} />
      </div>
      <dl class="uptimes">
        {UPTIME_SPANS.map((word) => (
          <div key={word}>
            <dt>
              <span class="unseen">{say("uptime")}</span> {say(word)}
            </dt>
            <dd>
              <Percent share={line.uptime[word]} />
            </dd>
          </div>
        ))}
      </dl>
      <p class="alive">
        <span class="label">{say("lastAlive")}:</span>
        {ago(line.lastAliveAt, now, language) ?? say("never")}
      </p>
      {withGateway && (
        <p class="gateway">
          <span class="label">{say("gateway")}:</span>
          {line.gateway ?? "—"}
        </p>
      )}
    </li>
  );
}

function Counts({ line: { failed, unconfirmed } }: { line: FleetLine }) {
  const { say } = useSignedIn();
  if (failed + unconfirmed === 0) return null;
  return (
    <p class="counts">
      {failed > 0 && <span data-tone="bad">{say("someFailed", { count: failed })}</span>}
      {unconfirmed > 0 && (
        <span data-tone="busy">{say("someUnconfirmed", { count: unconfirmed })}</span>
      )}
    </p>
  );
}

/** What is the matter, and what to do about it. */
function whyOf({ state, reason }: FleetLine, { language }: Voice): string {
  if (reason === null || state === "well" || state === "scan" || state === "off") return "";
  return state === "person" ? adviceOf(reason, language) : reasonWord(reason, language);
}
