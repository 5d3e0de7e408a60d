// @ts-check
/// <reference no-default-lib="true" />
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/// <reference lib="esnext" />
/**
 * What happened to the chosen number, in words, oldest first; it follows the newest as long as the
 * reader has not scrolled away from it.
 *
 * @module
 */

import { clockTime } from "../words/format.js";
import { glyph, setGlyph } from "../words/glyphs.js";
import { byId, make, part, patchList, setAttribute, setShown, setText } from "./patch.js";
import { describeEvent } from "../words/sentences.js";
import { followEnd } from "../data/follow-end.js";

/** @import { State, Voice } from "../data/state.js" */

/** Older events are in the database. */
const SHOWN = 120;

/**
 * @param {Voice} voice
 * @returns {(state: State) => void}
 */
export function createTimeline({ language }) {
  const list = byId("story");
  const follow = followEnd(byId("story-scroll"));
  let instanceId = "";
  let newest = -1;

  return (state) => {
    const events = (state.events.get(state.selected ?? "") ?? []).slice(-SHOWN);
    const moments = events.flatMap((event) =>
      describeEvent(event, language).map((line, index) => ({ ...line, event, index }))
    );
    const switched = instanceId !== (state.selected ?? "");
    const before = switched ? Infinity : newest;
    instanceId = state.selected ?? "";
    newest = events.at(-1)?.id ?? -1;
    setShown(byId("story-empty"), events.length === 0);
    follow(() =>
      patchList(
        list,
        moments,
        ({ event, index }) => `${event.id}.${index}`,
        ({ event }) =>
          make(
            "li",
            { class: event.id > before ? "moment fresh" : "moment", "data-kind": event.kind },
            make("time", { datetime: event.createdAt }),
            make("span", { class: "dot" }, glyph("quiet")),
            make("div", { class: "say" }, make("p"), make("small")),
          ),
        (element, { event, tone, text, facts }) => {
          setAttribute(element, "data-tone", tone);
          setText(part(element, "time"), clockTime(Date.parse(event.createdAt), language));
          const picture = part(element, ".dot").firstElementChild;
          if (picture) setGlyph(picture, tone);
          setText(part(element, "p"), text);
          setText(part(element, "small"), facts.join(" · "));
        },
      ), switched);
  };
}
