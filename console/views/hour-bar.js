// @ts-check
/// <reference no-default-lib="true" />
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/// <reference lib="esnext" />
/**
 * The bar of the last hour. It is a slider: arrow keys move from minute to minute, and what is said
 * of the minute is its value.
 *
 * @module
 */

import { BEATS, beatsOf } from "../data/beats.js";
import { minuteTime } from "../words/format.js";
import { make, part, patchList, setAttribute, setText } from "./patch.js";
import { describeEvent } from "../words/sentences.js";

/** @import { Beat } from "../data/beats.js" */
/** @import { Instance, TimelineEvent, Tone } from "../data/types.js" */
/** @import { Voice } from "../data/state.js" */
/** @import { Word } from "../words/strings.js" */

/** @type {Record<Tone, Word>} */
const WORDS = {
  ok: "beatOk",
  busy: "beatBusy",
  ask: "beatAsk",
  bad: "beatBad",
  quiet: "beatQuiet",
};

/** @typedef {ReturnType<typeof createHourBar>} HourBar */

/** @param {Voice} voice */
export function createHourBar({ say, language }) {
  const beats = make("div", {
    class: "beats",
    role: "slider",
    tabindex: "0",
    "aria-valuemin": "0",
    "aria-valuemax": String(BEATS - 1),
  });
  const why = make("span", { class: "bar-why", "aria-hidden": "true" });
  const element = make(
    "div",
    { class: "bar" },
    beats,
    make(
      "div",
      { class: "bar-words" },
      make("span", { "aria-hidden": "true" }, say("barAgo")),
      why,
      make("span", { "aria-hidden": "true" }, say("barNow")),
    ),
  );
  /** @type {Beat[]} */
  let shown = [];
  /** @type {number | null} */
  let chosen = null;

  /** @param {Beat} beat */
  const explain = ({ at, tone, events }) => {
    const happened = events.flatMap((event) => describeEvent(event, language)).at(-1);
    const words = [minuteTime(at, language), say(WORDS[tone]), happened?.text ?? ""];
    return words.filter(Boolean).join(" · ");
  };
  const summary = () => {
    /** @type {Map<Tone, number>} */
    const minutes = new Map();
    for (const { tone } of shown) minutes.set(tone, (minutes.get(tone) ?? 0) + 1);
    return [...minutes].map(([tone, count]) => `${say(WORDS[tone])} ${count} min`).join(", ");
  };
  const draw = () => {
    patchList(
      beats,
      shown.map((beat, index) => ({ ...beat, index })),
      ({ index }) => String(index),
      () => make("span", { class: "beat" }),
      (span, { tone, index }) => {
        setAttribute(span, "data-tone", tone);
        setAttribute(span, "data-chosen", index === chosen ? "true" : null);
      },
    );
    const beat = chosen === null ? undefined : shown[chosen];
    setText(why, beat === undefined ? "" : explain(beat));
    setAttribute(beats, "aria-valuenow", String(chosen ?? BEATS - 1));
    setAttribute(beats, "aria-valuetext", beat === undefined ? summary() : explain(beat));
  };
  /** @param {number | null} index */
  const choose = (index) => {
    if (index === chosen) return;
    chosen = index;
    draw();
  };

  beats.addEventListener("keydown", (event) => {
    const from = chosen ?? BEATS - 1;
    /** @type {Record<string, number>} */
    const moves = {
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
    choose(Math.min(BEATS - 1, Math.max(0, to)));
  });
  beats.addEventListener("blur", () => choose(null));
  beats.addEventListener("pointermove", (event) => {
    const { left, width } = beats.getBoundingClientRect();
    const index = Math.floor((event.clientX - left) / width * BEATS);
    choose(Math.min(BEATS - 1, Math.max(0, index)));
  });
  beats.addEventListener("pointerleave", () => choose(null));

  return {
    element,
    /**
     * @param {Instance} instance
     * @param {readonly TimelineEvent[]} events
     * @param {number} now
     * @param {number | null} bornAt
     */
    show: (instance, events, now, bornAt) => {
      const name = instance.displayName ?? instance.instanceName;
      setAttribute(part(element, ".beats"), "aria-label", say("barLabel", { name }));
      shown = beatsOf(instance, events, now, bornAt);
      draw();
    },
  };
}
