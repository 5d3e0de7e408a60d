/**
 * The bar of the last hour. It is a slider: arrow keys move from minute to minute, and what is said
 * of the minute is its value.
 *
 * @module
 */

import { useState } from "preact/hooks";
import { type Beat, BEATS, beatsOf } from "../data/beats.ts";
import { useNow, useSignedIn, type Voice } from "../parts/signed-in.ts";
import type { Instance, TimelineEvent, Tone } from "../types.ts";
import { minuteTime } from "../words/format.ts";
import { describeEvent } from "../words/sentences.ts";
import type { Word } from "../words/strings.ts";

const WORDS: Record<Tone, Word> = {
  ok: "beatOk",
  busy: "beatBusy",
  ask: "beatAsk",
  bad: "beatBad",
  quiet: "beatQuiet",
};

/** The bar. */
export function HourBar({ name, status, events, bornAt }: {
  name: string;
  status: Instance["status"];
  events: readonly TimelineEvent[];
  bornAt: number;
}) {
  const signedIn = useSignedIn();
  const { say } = signedIn;
  const now = useNow(5_000);
  const [chosen, choose] = useState<number | null>(null);
  const beats = beatsOf({ status }, events, now, Number.isNaN(bornAt) ? null : bornAt);
  const beat = chosen === null ? undefined : beats[chosen];
  const within = (index: number) => Math.min(BEATS - 1, Math.max(0, index));

  const onKeyDown = (event: KeyboardEvent) => {
    const from = chosen ?? BEATS - 1;
    const moves: Record<string, number> = {
      ArrowLeft: from - 1,
      ArrowDown: from - 1,
      ArrowRight: from + 1,
      ArrowUp: from + 1,
      Home: 0,
      End: BEATS - 1,
    };
    const to = moves[event.key];
    if (to === undefined) return;
    event.preventDefault();
    choose(within(to));
  };
  const onPointerMove = ({ clientX, currentTarget }: PointerEvent) => {
    const { left, width } = (currentTarget as HTMLElement).getBoundingClientRect();
    choose(within(Math.floor((clientX - left) / width * BEATS)));
  };
  return (
    <div class="bar">
      <div
        class="beats"
        role="slider"
        tabIndex={0}
        aria-label={say("barLabel", { name })}
        aria-valuemin={0}
        aria-valuemax={BEATS - 1}
        aria-valuenow={chosen ?? BEATS - 1}
        aria-valuetext={beat === undefined ? summary(beats, signedIn) : explain(beat, signedIn)}
        onKeyDown={onKeyDown}
        onBlur={() => choose(null)}
        onPointerMove={onPointerMove}
        onPointerLeave={() => choose(null)}
      >
        {beats.map(({ tone }, index) => (
          <span
            key={index}
            class="beat"
            data-tone={tone}
            data-chosen={index === chosen ? "true" : undefined}
          />
        ))}
      </div>
      <div class="bar-words" aria-hidden="true">
        <span>{say("barAgo")}</span>
        <span class="bar-why">{beat === undefined ? "" : explain(beat, signedIn)}</span>
        <span>{say("barNow")}</span>
      </div>
    </div>
  );
}

function explain({ at, tone, events }: Beat, { say, language }: Voice): string {
  const happened = events.flatMap((event) => describeEvent(event, language)).at(-1);
  const words = [minuteTime(at, language), say(WORDS[tone]), happened?.text ?? ""];
  return words.filter(Boolean).join(" · ");
}

function summary(beats: readonly Beat[], { say }: Voice): string {
  const minutes: Map<Tone, number> = new Map();
  for (const { tone } of beats) minutes.set(tone, (minutes.get(tone) ?? 0) + 1);
  return [...minutes].map(([tone, count]) => `${say(WORDS[tone])} ${count} min`).join(", ");
}
