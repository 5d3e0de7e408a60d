/**
 * A conversation: what was written, how each message fared, and a box to write in.
 *
 * @module
 */

import { useState } from "preact/hooks";
import { useFollowEnd } from "../parts/follow-end.ts";
import { Glyph } from "../parts/glyph.tsx";
import { useReading, useSignedIn } from "../parts/signed-in.ts";
import type { Message } from "../types.ts";
import { minuteTime } from "../words/format.ts";
import { failureWords, mayHaveLeft, statusWord } from "../words/message-words.ts";

/** The number's conversations, one at a time. */
export function Conversation({ id, sample, nudge }: {
  id: string;
  /** What the box holds at first. */
  sample: string;
  /** Whether to say that a send shows what is wrong. */
  nudge: boolean;
}) {
  const { data, say, perform } = useSignedIn();
  const [wanted, want] = useState<string | null>(null);
  const [text, setText] = useState(sample);
  const found = useReading(`conversations ${id}`, () => data.conversations(id));
  const conversations = found?.value ?? [];
  const open = conversations.find((each) => each.id === wanted)?.id ?? conversations[0]?.id ?? null;
  // Delivery reports and what customers write are no events.
  const read = useReading(
    `messages ${open}`,
    async () => open === null ? [] : await data.messages(open),
    true,
  );
  const messages = read?.key === `messages ${open}` ? read.value : [];
  const box = useFollowEnd(open ?? "");

  const send = (event: Event) => {
    event.preventDefault();
    const message = text.trim();
    if (message === "" || open === null) return;
    void perform(async () => {
      await data.send(open, message);
      setText(sample);
    });
  };
  return (
    <section class="panel talk" aria-labelledby="talk-title">
      <h3 id="talk-title">{say("conversation")}</h3>
      {conversations.length > 1 && (
        <label class="with-whom">
          <span>{say("withWhom")}</span>
          <select
            id="conversations"
            value={open ?? ""}
            onChange={(event) => want(event.currentTarget.value)}
          >
            {conversations.map(({ id, remote_jid: jid, contact_name: name }) => (
              <option key={id} value={id}>
                {[name, jid.replace(/@.*/, "")].filter(Boolean).join(" · ")}
              </option>
            ))}
          </select>
        </label>
      )}
      <div
        id="messages-scroll"
        class="scroll"
        tabIndex={0}
        role="group"
        aria-labelledby="talk-title"
        ref={box}
      >
        {messages.length === 0 && (
          <p id="messages-empty" class="hint">
            {say(open === null ? "noConversation" : "conversationEmpty")}
          </p>
        )}
        <ol id="messages" class="messages">
          {messages.map((message) => <MessageLine key={message.id} message={message} />)}
        </ol>
      </div>
      {open !== null && (
        <form id="send-form" class="send" onSubmit={send}>
          <label class="unseen" for="message">{say("messageLabel")}</label>
          <input
            id="message"
            autocomplete="off"
            required
            maxLength={65_536}
            placeholder={say("messageHint")}
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
          />
          <button class="main" type="submit">{say("send")}</button>
        </form>
      )}
      {nudge && <p id="nudge" class="nudge">{say("nudge")}</p>}
    </section>
  );
}

function MessageLine({ message }: { message: Message }) {
  const { data, say, language, perform } = useSignedIn();
  const [busy, setBusy] = useState(false);
  const failed = message.status === "failed";
  const unsure = mayHaveLeft(message);
  const why = failed ? failureWords(message, language) : "";
  const word = statusWord(message);
  const retry = async () => {
    setBusy(true);
    await perform(() => data.retry(message.id, unsure));
    setBusy(false);
  };
  return (
    <li
      class={message.is_from_me ? "message mine" : "message"}
      data-status={message.status}
    >
      <p class="text">{message.deleted_at ? say("deletedMessage") : textOf(message)}</p>
      {why !== "" && <p class="why">{why}</p>}
      {failed && (
        <button type="button" class="retry" disabled={busy} onClick={() => void retry()}>
          {say(unsure ? "retryAnyway" : "retry")}
        </button>
      )}
      <p class="status">
        <time dateTime={message.created_at}>
          {minuteTime(Date.parse(message.created_at), language)}
        </time>
        <Glyph name={message.is_from_me ? message.status : "quiet"} />
        <span>{word === undefined ? message.status : say(word)}</span>
      </p>
    </li>
  );
}

function textOf({ message_type: type, content, caption, file_name: fileName }: Message): string {
  if (type === "text") return content ?? "";
  return [`[${type}]`, fileName, caption ?? content].filter(Boolean).join(" ");
}
