// @ts-check
/// <reference no-default-lib="true" />
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/// <reference lib="esnext" />
/**
 * The numbers, a card each.
 *
 * @module
 */

import { ago, countdown, phone } from "../words/format.js";
import { glyph, setGlyph } from "../words/glyphs.js";
import { createHourBar } from "./hour-bar.js";
import { stateOf } from "../data/instance-state.js";
import { nextAction } from "../data/next-action.js";
import { make, part, patchList, setAttribute, setText } from "./patch.js";
import { paceOf } from "../data/state.js";

/** @import { HourBar } from "./hour-bar.js" */
/** @import { Instance, LocalInfo } from "../data/types.js" */
/** @import { State, Voice } from "../data/state.js" */
/** @import { Word } from "../words/strings.js" */

/** @type {readonly Word[]} */
const FACTS = ["lastSent", "lastReceived", "lastAlive", "failed", "next"];

/**
 * @param {HTMLElement} list
 * @param {Voice} voice
 * @param {(instanceId: string) => void} onOpen
 * @returns {(state: State, now: number) => void}
 */
export function createInstanceList(list, voice, onOpen) {
  /** @type {Map<string, HourBar>} */
  const bars = new Map();

  /** @param {Instance} instance */
  const create = ({ id }) => {
    const bar = createHourBar(voice);
    bars.set(id, bar);
    const open = make("button", { class: "instance-open", type: "button" });
    open.addEventListener("click", () => onOpen(id));
    const state = make("span", { class: "state" }, glyph("quiet"), make("span"));
    const head = make(
      "div",
      { class: "instance-head" },
      make("h3", {}, open),
      make("span", { class: "instance-phone" }),
      state,
    );
    const facts = FACTS.map((word) =>
      make("div", { "data-fact": word }, make("dt", {}, voice.say(word)), make("dd"))
    );
    return make(
      "li",
      { class: "instance" },
      head,
      bar.element,
      make("dl", { class: "facts" }, ...facts),
    );
  };

  return (state, now) => {
    patchList(list, state.instances, ({ id }) => id, create, (element, instance) => {
      const { say, language } = voice;
      const selected = instance.id === state.selected;
      setAttribute(element, "data-selected", String(selected));
      const open = part(element, ".instance-open");
      setText(open, instance.displayName ?? instance.instanceName);
      setAttribute(open, "aria-expanded", String(selected));
      setAttribute(open, "aria-controls", "details");
      setText(part(element, ".instance-phone"), phone(instance.phoneNumber));

      const { tone, word } = stateOf(instance);
      const badge = part(element, ".state");
      setAttribute(badge, "data-tone", tone);
      const picture = badge.firstElementChild;
      if (picture) setGlyph(picture, tone);
      setText(part(badge, "span"), say(word));

      const bornAt = state.births.get(instance.id)?.bornAt ?? null;
      bars.get(instance.id)?.show(instance, state.events.get(instance.id) ?? [], now, bornAt);

      fact(element, "lastSent", ago(instance.lastSentAt, now, language) ?? say("never"));
      fact(element, "lastReceived", ago(instance.lastReceivedAt, now, language) ?? say("never"));
      fact(element, "lastAlive", ago(instance.lastAliveAt, now, language) ?? say("never"));
      fact(element, "failed", String(instance.failedMessages24h));
      const failed = instance.failedMessages24h > 0 ? "bad" : null;
      setAttribute(part(element, '[data-fact="failed"] dd'), "data-tone", failed);
      fact(element, "next", nextWords(instance, state.info, now, voice));
    });
  };
}

/** @param {HTMLElement} card @param {Word} name @param {string} text */
function fact(card, name, text) {
  setText(part(card, `[data-fact="${name}"] dd`), text);
}

/**
 * @param {Instance} instance
 * @param {LocalInfo | null} info
 * @param {number} now
 * @param {Voice} voice
 */
function nextWords(instance, info, now, { say }) {
  const next = nextAction(instance, paceOf(info, now), now);
  const what = say(next.word, next.values);
  return next.at === null ? what : say("within", { what, time: countdown(next.at - now) });
}
