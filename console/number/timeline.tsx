/**
 * What happened to the number, in words, oldest first; it follows the newest as long as the reader has
 * not scrolled away from it.
 *
 * @module
 */

import { useRef } from "preact/hooks";
import { useFollowEnd } from "../parts/follow-end.ts";
import { Glyph } from "../parts/glyph.tsx";
import { useSignedIn } from "../parts/signed-in.ts";
import type { TimelineEvent } from "../types.ts";
import { clockTime, day, DAY_MS } from "../words/format.ts";
import { describeEvent } from "../words/sentences.ts";

/** Older events are in the database. */
const SHOWN = 120;

/** The timeline. */
export function Timeline({ events }: { events: readonly TimelineEvent[] }) {
  const { say, language, now } = useSignedIn();
  const box = useFollowEnd("story");
  const shown = events.slice(-SHOWN);
  // What was there at first does not arrive.
  const first = useRef<number | null>(null);
  first.current ??= events.at(-1)?.id ?? null;
  const moments = shown.flatMap((event) =>
    describeEvent(event, language).map((line, index) => ({ ...line, event, index }))
  );
  return (
    <section class="panel story" aria-labelledby="story-title">
      <h3 id="story-title">{say("timeline")}</h3>
      <div
        id="story-scroll"
        class="scroll"
        tabIndex={0}
        role="log"
        aria-labelledby="story-title"
        ref={box}
      >
        {events.length === 0 && <p id="story-empty" class="hint">{say("timelineEmpty")}</p>}
        <ol id="story" class="story-list">
          {moments.map(({ event, index, tone, text, facts }) => {
            const at = Date.parse(event.createdAt);
            return (
              <li
                key={`${event.id}.${index}`}
                class={event.id > (first.current ?? 0) ? "moment fresh" : "moment"}
                data-kind={event.kind}
                data-tone={tone}
              >
                <time dateTime={event.createdAt}>
                  {now() - at > DAY_MS ? `${day(at, language)} ` : ""}
                  {clockTime(at, language)}
                </time>
                <span class="dot">
                  <Glyph name={tone} />
                </span>
                <div class="say">
                  <p>{text}</p>
                  <small>{facts.join(" · ")}</small>
                </div>
              </li>
            );
          })}
        </ol>
      </div>
    </section>
  );
}
