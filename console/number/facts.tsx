/**
 * A number in figures: when it lived last, what became of its messages, its gateway.
 *
 * @module
 */

import { useNow, useSignedIn } from "../parts/signed-in.ts";
import type { NumberPage, Tone } from "../types.ts";
import { ago } from "../words/format.ts";
import type { Word } from "../words/strings.ts";

/** The facts. */
export function NumberFacts({ page }: { page: NumberPage }) {
  const { say, language } = useSignedIn();
  const now = useNow(10_000);
  const { number, gateway } = page;
  const time = (instant: string | null) => ago(instant, now, language) ?? say("never");
  const amount = (word: Word, count: number | null, tone: Tone) =>
    [word, count === null ? say("notKnown") : String(count), count === 0 ? null : tone] as const;
  const facts: readonly (readonly [Word, string, Tone | null])[] = [
    ["lastSent", time(number.lastSentAt), null],
    ["lastReceived", time(number.lastReceivedAt), null],
    ["lastAlive", time(number.lastAliveAt), null],
    ["lastHeard", time(page.lastWebhookAt), null],
    amount("failed", page.failed, "bad"),
    amount("unconfirmedDay", page.unconfirmed, "busy"),
    amount("heldNow", page.held, "busy"),
    amount("recoveredDay", page.recovered, "ok"),
    amount("missingDay", page.missing, "bad"),
    ...(gateway === null ? [] : [
      ["gateway", gateway.host, null],
      ["version", gateway.version ?? say("versionUnknown"), null],
    ] as const),
  ];
  return (
    <section class="panel figures" aria-labelledby="facts-title">
      <h3 id="facts-title">{say("facts")}</h3>
      <dl class="facts">
        {facts.map(([word, text, tone]) => (
          <div key={word} data-fact={word}>
            <dt>{say(word)}</dt>
            <dd data-tone={tone ?? undefined}>{text}</dd>
          </div>
        ))}
      </dl>
      {gateway?.logoutSafe === false && <p class="hint">{say("logoutUnsafe")}</p>}
    </section>
  );
}
