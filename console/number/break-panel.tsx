/**
 * "Break it": what only the world outside can do, on the simulated gateway.
 *
 * @module
 */

import { useState } from "preact/hooks";
import { control } from "../data/local.ts";
import { useSignedIn } from "../parts/signed-in.ts";
import type { Inside, Tone } from "../types.ts";
import { ghostTitle } from "../words/ghost-titles.ts";
import type { Word } from "../words/strings.ts";

/** A half-open session that came back by itself would end the show too early. */
const OPTIONS: Record<string, Record<string, unknown>> = {
  A1: { selfHeals: false, noticedAfterMs: 180_000 },
};

/** The panel. */
export function BreakPanel({ inside, ghosts, customer, gatewayUp, needsRestart }: {
  inside: Inside;
  ghosts: readonly { kind: string; title: string }[];
  customer: string;
  gatewayUp: boolean;
  needsRestart: boolean;
}) {
  const { say, language, hurry } = useSignedIn();
  const [done, setDone] = useState("");
  const { name } = inside;
  const act = async (method: string, body: Record<string, unknown>, what: string) => {
    try {
      const result = await control(method, body);
      const refused = result?.accepted === false ? result.reason : null;
      setDone(refused ? say("fault", { why: refused }) : say("done", { what }));
    } catch (error) {
      setDone(say("fault", { why: error instanceof Error ? error.message : String(error) }));
    }
    hurry();
  };
  const button = (id: string, word: Word, method: string, body: Record<string, unknown>) => (
    <button
      type="button"
      id={id}
      onClick={() => void act(method, body, say(word))}
    >
      {say(word)}
    </button>
  );
  const toggle = (
    id: string,
    word: Word,
    on: boolean,
    method: string,
    body: Record<string, unknown>,
  ) => (
    <button
      type="button"
      id={id}
      role="switch"
      aria-checked={on}
      onClick={() => void act(method, body, say(word))}
    >
      {say(word)}
    </button>
  );
  const whatsappUp = inside.network === "reachable";
  return (
    <section id="break" class="panel break" aria-labelledby="break-title">
      <h3 id="break-title">{say("breakIt")}</h3>
      <p class="hint">{say("breakText")}</p>
      <Truth inside={inside} />
      <h4 id="ghosts-title">{say("ghostKinds")}</h4>
      <ul id="ghosts" class="ghosts" tabIndex={0} aria-labelledby="ghosts-title">
        {ghosts.map(({ kind, title }) => (
          <li key={kind}>
            <button
              type="button"
              data-ghost={kind}
              aria-pressed={inside.ghost === kind}
              // A session without a pairing has nothing left to break.
              disabled={!inside.paired}
              onClick={() => void act("ghost", { name, kind, options: OPTIONS[kind] ?? {} }, kind)}
            >
              <b>{kind.replace("flapping-", "")}</b>
              <span>{ghostTitle(kind, title, language)}</span>
            </button>
          </li>
        ))}
      </ul>
      <h4 id="outside-title">{say("outside")}</h4>
      <div id="outside" class="outside" role="group" aria-labelledby="outside-title">
        {inside.qr && button("scan", "scan", "scan", { name })}
        {button("inbound", "inbound", "inbound", {
          name,
          from: customer,
          text: say("inboundText"),
        })}
        {toggle("whatsapp-up", "whatsappUp", whatsappUp, "whatsapp", {
          change: whatsappUp ? { refusing: true } : { reachable: true },
        })}
        {toggle("gateway-up", "gatewayUp", gatewayUp, "gatewayDown", { on: gatewayUp })}
        {button("remove-device", "removeDevice", "removeDevice", { name })}
        <button
          type="button"
          id="restart-process"
          data-wanted={needsRestart ? "true" : undefined}
          onClick={() => void act("restartProcess", {}, say("restartProcess"))}
        >
          {say("restartProcess")}
        </button>
      </div>
      <p id="break-done" class="hint" role="status">{done}</p>
    </section>
  );
}

/** Registry, memory and websocket: the three that people take for one. */
function Truth({ inside: { registry, memory, socket } }: { inside: Inside }) {
  const { say } = useSignedIn();
  const lamps: readonly (readonly [Word, string | null])[] = [
    ["registry", registry],
    ["memory", memory],
    ["socket", socket],
  ];
  return (
    <dl id="truth" class="truth">
      {lamps.map(([word, value]) => (
        <div key={word} data-tone={lamp(value)}>
          <dt>{say(word)}</dt>
          <dd>{value ?? "—"}</dd>
        </div>
      ))}
    </dl>
  );
}

function lamp(value: string | null): Tone {
  if (value === "open") return "ok";
  if (value === "pairing") return "ask";
  return value === "connecting" || value === "upgrading" || value === "login" ? "busy" : "bad";
}
