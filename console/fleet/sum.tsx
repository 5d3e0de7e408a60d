/**
 * The sum at the top: how many numbers are in which state. Each is a way to see those alone.
 *
 * @module
 */

import { toneOf } from "../data/number-state.ts";
import { addressOf } from "../data/route.ts";
import { useSignedIn } from "../parts/signed-in.ts";
import type { Fleet, FleetQuery, NumberState } from "../types.ts";
import { count } from "../words/format.ts";
import type { Word } from "../words/strings.ts";

const TILES: readonly { state: FleetQuery["state"]; word: Word; always: boolean }[] = [
  { state: "person", word: "sumPerson", always: true },
  { state: "scan", word: "sumScan", always: true },
  { state: "repair", word: "sumRepair", always: true },
  { state: "deaf", word: "sumDeaf", always: false },
  { state: "well", word: "sumWell", always: true },
  { state: "off", word: "sumOff", always: false },
  { state: null, word: "sumAll", always: true },
];

const BAR: readonly NumberState[] = ["person", "scan", "repair", "off", "well"];

/** The sum. */
export function FleetSum({ fleet: { sum }, query }: { fleet: Fleet; query: FleetQuery }) {
  const { say, language } = useSignedIn();
  return (
    <nav class="sum" aria-label={say("sumLabel")}>
      <ul>
        {TILES.map(({ state, word, always }) => {
          const amount = sum[state ?? "all"];
          const chosen = query.state === state;
          if (!always && amount === 0 && !chosen) return null;
          // A second click on what is chosen shows all again.
          const next = { ...query, page: 0, state: chosen ? null : state };
          return (
            <li key={word}>
              <a
                class="tile"
                data-state={state ?? "all"}
                data-tone={state === null ? "quiet" : state === "deaf" ? "busy" : toneOf(state)}
                data-empty={amount === 0 ? "true" : undefined}
                aria-current={chosen ? "true" : undefined}
                href={addressOf({ page: "fleet", query: next })}
              >
                <b>{count(amount, language)}</b>
                <span>{say(word)}</span>
              </a>
            </li>
          );
        })}
      </ul>
      <div class="shares" aria-hidden="true">
        {BAR.filter((state) => sum[state] > 0).map((state) => (
          <span key={state} data-tone={toneOf(state)} style={{ flexGrow: String(sum[state]) }} />
        ))}
      </div>
    </nav>
  );
}
