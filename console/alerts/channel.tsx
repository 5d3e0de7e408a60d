/**
 * One alert channel: where it goes, what came of it, and what can be done with it.
 *
 * @module
 */

import { useEffect, useRef, useState } from "preact/hooks";
import { useNow, useSignedIn } from "../parts/signed-in.ts";
import type { AlertChannel } from "../types.ts";
import { ago } from "../words/format.ts";
import { ChannelForm } from "./channel-form.tsx";
import { EVENT_WORDS, KIND_WORDS } from "./channel-labels.ts";

/** A card of the list; its form takes its place. */
export function Channel(
  { channel, organizationId }: { channel: AlertChannel; organizationId: string },
) {
  const [doing, setDoing] = useState<"nothing" | "editing" | "deleting">("nothing");
  const card = useRef<HTMLLIElement>(null);
  /** Whoever closes a form goes on where it was opened. */
  const close = () => {
    const from = doing === "editing" ? ".edit" : ".delete";
    setDoing("nothing");
    setTimeout(() => card.current?.querySelector<HTMLElement>(from)?.focus());
  };
  return (
    <li ref={card} class={doing === "editing" ? "wide" : "panel channel"} data-channel={channel.id}>
      {doing === "editing"
        ? <ChannelForm organizationId={organizationId} channel={channel} onClose={close} />
        : (
          <>
            <Facts channel={channel} />
            {doing === "deleting" ? <Removal channel={channel} onClose={close} /> : (
              <Buttons
                channel={channel}
                onEdit={() => setDoing("editing")}
                onDelete={() =>
                  setDoing("deleting")}
              />
            )}
          </>
        )}
    </li>
  );
}

function Facts({ channel }: { channel: AlertChannel }) {
  const { say, language } = useSignedIn();
  const now = useNow(10_000);
  const { kind, name, target, host, events, enabled, quietFrom, quietUntil } = channel;
  const { lastOutcome, lastSentAt } = channel;
  const failed = lastOutcome !== null && lastOutcome !== "sent" && lastOutcome !== "unknown";
  const last = failed
    ? say("channelFailed", { why: lastOutcome })
    : lastSentAt === null
    ? say("channelNever")
    : say("channelSent", { time: ago(lastSentAt, now, language) });
  return (
    <>
      <div>
        <h3>{name}</h3>
        <p class="hint">{[say(KIND_WORDS[kind]), target ?? host].filter(Boolean).join(" · ")}</p>
      </div>
      <p class="hint">
        {[
          ...events.map((event) => say(EVENT_WORDS[event])),
          ...(quietFrom === null
            ? []
            : [say("channelQuiet", { from: quietFrom, until: quietUntil })]),
          ...(enabled ? [] : [say("channelOff")]),
        ].join(" · ")}
      </p>
      <p class="outcome" data-tone={failed ? "bad" : lastSentAt === null ? "quiet" : "ok"}>
        {last}
      </p>
    </>
  );
}

function Buttons(
  { channel, onEdit, onDelete }: {
    channel: AlertChannel;
    onEdit: () => void;
    onDelete: () => void;
  },
) {
  const { data, say, perform, notice } = useSignedIn();
  const [busy, setBusy] = useState(false);
  const { id, name, enabled } = channel;
  const attempt = (words: string, run: () => Promise<unknown>) =>
    perform(async () => {
      setBusy(true);
      try {
        await run();
        notice(words);
      } finally {
        setBusy(false);
      }
    });
  const test = () => attempt(say("channelTesting"), () => data.testChannel(id));
  const pause = () =>
    attempt(
      say(enabled ? "channelPaused" : "channelResumed", { name }),
      () => data.saveChannel({ channelId: id, enabled: !enabled }),
    );
  return (
    <p class="buttons">
      <button type="button" class="test" disabled={busy} onClick={() => void test()}>
        {say("channelTest")}
      </button>
      <button type="button" class="plain edit" disabled={busy} onClick={onEdit}>
        {say("channelEdit")}
        <span class="unseen">{` ${name}`}</span>
      </button>
      <button type="button" class="plain pause" disabled={busy} onClick={() => void pause()}>
        {say(enabled ? "channelPause" : "channelResume")}
        <span class="unseen">{` ${name}`}</span>
      </button>
      <button type="button" class="plain delete" disabled={busy} onClick={onDelete}>
        {say("delete")}
        <span class="unseen">{` ${name}`}</span>
      </button>
    </p>
  );
}

/** Asks once more, by the channel's name. */
function Removal({ channel, onClose }: { channel: AlertChannel; onClose: () => void }) {
  const { data, say, notice, hurry, faultWords } = useSignedIn();
  const { id, name } = channel;
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const back = useRef<HTMLButtonElement>(null);
  useEffect(() => back.current?.focus(), []);
  const remove = async () => {
    setBusy(true);
    setFault(null);
    try {
      await data.deleteChannel(id);
      notice(say("channelDeleted", { name }));
      document.getElementById("main")?.focus();
      hurry();
    } catch (error) {
      setFault(faultWords(error));
      setBusy(false);
    }
  };
  return (
    <div role="group" aria-labelledby={`ask-${id}`} class="removal">
      <p id={`ask-${id}`} class="strong">{say("channelDeleteAsk", { name })}</p>
      {fault !== null && <p class="outcome" data-tone="bad" role="alert">{fault}</p>}
      <p class="buttons">
        <button type="button" class="really" disabled={busy} onClick={() => void remove()}>
          {say("channelDeleteDo", { name })}
        </button>
        <button ref={back} type="button" class="plain" disabled={busy} onClick={onClose}>
          {say("cancel")}
        </button>
      </p>
    </div>
  );
}
