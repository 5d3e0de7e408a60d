/**
 * The gateways of the numbers that somebody manages, with their versions.
 *
 * @module
 */

import { toneOf } from "../data/number-state.ts";
import { addressOf, EVERYTHING } from "../data/route.ts";
import { useNow, useReading, useSignedIn } from "../parts/signed-in.ts";
import type { GatewayLine, NumberState } from "../types.ts";
import { ago, count } from "../words/format.ts";
import type { Word } from "../words/strings.ts";

const STATES: readonly (readonly [NumberState, Word])[] = [
  ["person", "sumPerson"],
  ["scan", "sumScan"],
  ["repair", "sumRepair"],
  ["off", "sumOff"],
  ["well", "sumWell"],
];

/** The page. */
export function GatewaysPage() {
  const { data, say } = useSignedIn();
  const found = useReading("gateways", () => data.gateways());
  if (found === null) return <p class="hint" role="status">{say("loading")}</p>;
  return (
    <section class="plain-page" aria-labelledby="gateways-title">
      <h2 id="gateways-title">{say("gateways")}</h2>
      <p class="hint">{say("gatewaysText")}</p>
      {found.value.length === 0
        ? <p class="panel empty">{say("noGateways")}</p>
        : (
          <ul class="cards">
            {found.value.map((gateway) => <Gateway key={gateway.host} gateway={gateway} />)}
          </ul>
        )}
    </section>
  );
}

function Gateway({ gateway }: { gateway: GatewayLine }) {
  const { say, language } = useSignedIn();
  const now = useNow(10_000);
  const { host, version, logoutSafe, lastWebhookAt, agent, sum } = gateway;
  return (
    <li class="panel gateway-card">
      <h3>
        <a href={addressOf({ page: "fleet", query: { ...EVERYTHING, gateway: host } })}>{host}</a>
      </h3>
      <ul class="counts">
        {STATES.filter(([state]) => sum[state] > 0).map(([state, word]) => (
          <li key={state} data-tone={toneOf(state)}>{count(sum[state], language)} · {say(word)}</li>
        ))}
      </ul>
      <dl class="facts">
        <div>
          <dt>{say("version")}</dt>
          <dd>{version ?? say("versionUnknown")}</dd>
        </div>
        <div>
          <dt>{say("lastHeard")}</dt>
          <dd>{ago(lastWebhookAt, now, language) ?? say("never")}</dd>
        </div>
        <div>
          <dt>{say("restartAgent")}</dt>
          <dd>{say(agent ? "yes" : "no")}</dd>
        </div>
        <div>
          <dt>{say("logoutHere")}</dt>
          <dd data-tone={logoutSafe ? undefined : "busy"}>
            {say(logoutSafe ? "logoutIsSafe" : "logoutUnsafe")}
          </dd>
        </div>
      </dl>
    </li>
  );
}
