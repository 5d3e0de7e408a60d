// @ts-check
/// <reference no-default-lib="true" />
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/// <reference lib="esnext" />
/**
 * A conversation: what was written, how each message fared, and a box to write in.
 *
 * @module
 */

import { minuteTime } from "../words/format.js";
import { followEnd } from "../data/follow-end.js";
import { glyph, setGlyph } from "../words/glyphs.js";
import { failureWords, mayHaveLeft, statusWord } from "../words/message-words.js";
import { byId, make, part, patchList, setAttribute, setShown, setText } from "./patch.js";

/** @import { Message } from "../data/types.js" */
/** @import { State, Voice } from "../data/state.js" */

/**
 * @param {Voice} voice
 * @param {(messageId: string, confirmDuplicate: boolean) => Promise<void>} onRetry
 * @returns {(state: State) => void}
 */
export function createConversation(voice, onRetry) {
  const { say, language } = voice;
  const list = byId("messages");
  const follow = followEnd(byId("messages-scroll"));
  let conversationId = "";

  /** @param {Message} message */
  const create = (message) => {
    const retry = make("button", { type: "button", class: "retry", hidden: "" });
    retry.addEventListener("click", async () => {
      retry.disabled = true;
      await onRetry(message.id, retry.dataset.duplicate === "true");
      retry.disabled = false;
    });
    return make(
      "li",
      { class: message.is_from_me ? "message mine" : "message" },
      make("p", { class: "text" }),
      make("p", { class: "why", hidden: "" }),
      retry,
      make("p", { class: "status" }, make("time"), glyph("quiet"), make("span")),
    );
  };

  /** @param {HTMLElement} element @param {Message} message */
  const update = (element, message) => {
    const failed = message.status === "failed";
    setAttribute(element, "data-status", message.status);
    setText(part(element, ".text"), message.deleted_at ? say("deletedMessage") : textOf(message));
    const why = failed ? failureWords(message, language) : "";
    setShown(part(element, ".why"), why !== "");
    setText(part(element, ".why"), why);
    const unsure = mayHaveLeft(message);
    const retry = part(element, ".retry");
    setShown(retry, failed);
    setAttribute(retry, "data-duplicate", String(unsure));
    setText(retry, say(unsure ? "retryAnyway" : "retry"));
    setText(part(element, "time"), minuteTime(Date.parse(message.created_at), language));
    const picture = element.querySelector(".status svg");
    if (picture) setGlyph(picture, message.is_from_me ? message.status : "quiet");
    const word = statusWord(message);
    setText(part(element, ".status span"), word === undefined ? message.status : say(word));
  };

  return (state) => {
    const switched = conversationId !== (state.conversationId ?? "");
    conversationId = state.conversationId ?? "";
    follow(() => patchList(list, state.messages, ({ id }) => id, create, update), switched);
    const words = state.conversationId === null ? "noConversation" : "conversationEmpty";
    setText(byId("messages-empty"), say(words));
    setShown(byId("messages-empty"), state.messages.length === 0);
    setShown(byId("send-form"), state.conversationId !== null);
    setShown(byId("with-whom"), state.conversations.length > 1);
    patchList(
      byId("conversations"),
      state.conversations,
      ({ id }) => id,
      ({ id }) => make("option", { value: id }),
      (option, { remote_jid: jid, contact_name: name }) =>
        setText(option, [name, jid.replace(/@.*/, "")].filter(Boolean).join(" · ")),
    );
    const choice = /** @type {HTMLSelectElement} */ (byId("conversations"));
    if (choice.value !== conversationId) choice.value = conversationId;
  };
}

/** @param {Message} message */
function textOf({ message_type: type, content, caption, file_name: fileName }) {
  if (type === "text") return content ?? "";
  return [`[${type}]`, fileName, caption ?? content].filter(Boolean).join(" ");
}
