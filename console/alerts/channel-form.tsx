/**
 * The form of an alert channel, a new one or one that is there. What is wrong is said beside its field.
 *
 * @module
 */

import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { ApiFault } from "../data/api.ts";
import { useSignedIn } from "../parts/signed-in.ts";
import type { AlertChannel, Language } from "../types.ts";
import { EVENT_WORDS, hintOf, KIND_WORDS, LABELS } from "./channel-labels.ts";
import {
  type Draft,
  draftOf,
  EVENTS,
  type Field,
  fieldAt,
  type Kind,
  KINDS,
  placesOf,
  requestOf,
  wrongField,
} from "./channel-draft.ts";

/** The form. */
export function ChannelForm({ organizationId, channel, onClose }: {
  organizationId: string;
  /** Null: a new one. */
  channel: AlertChannel | null;
  onClose: () => void;
}) {
  const { data, say, language, notice, hurry, faultWords } = useSignedIn();
  const id = useId();
  const form = useRef<HTMLFormElement>(null);
  const [draft, setDraft] = useState<Draft>(() =>
    draftOf(channel, { language, timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone })
  );
  const [wrong, setWrong] = useState<Field | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const change = (part: Partial<Draft>) => {
    setDraft({ ...draft, ...part });
    // It was said; whether it is right now is known with the next try.
    setWrong(null);
  };
  const focus = (field: string) =>
    form.current?.querySelector<HTMLElement>(`[data-field="${field}"]`)?.focus();
  useLayoutEffect(() => focus(channel === null ? "kind" : "name"), []);
  useLayoutEffect(() => {
    if (wrong !== null) focus(wrong);
  }, [wrong]);

  const save = async () => {
    if (busy) return;
    const found = wrongField(draft, channel === null);
    setWrong(found);
    setFault(null);
    // The same field again: it is said again.
    if (found !== null) return focus(found);
    setBusy(true);
    try {
      await data.saveChannel(requestOf(draft, { organizationId, channelId: channel?.id ?? null }));
      notice(say("channelSaved", { name: draft.name.trim() }));
      hurry();
      onClose();
    } catch (error) {
      const field = error instanceof ApiFault ? fieldAt(error.field) : null;
      setWrong(field);
      if (field === null) setFault(faultWords(error));
      setBusy(false);
    }
  };

  const row = (field: Field, input: (described: Described) => ComponentChildren) => (
    <div class="field" key={field}>
      <label for={`${id}-${field}`}>{say(LABELS[field])}</label>
      {input({
        id: `${id}-${field}`,
        "data-field": field,
        "aria-describedby": `${id}-${field}-hint`,
        "aria-invalid": wrong === field,
      })}
      <Hint id={`${id}-${field}-hint`} wrong={wrong === field}>
        {say(hintOf(draft.kind, field))}
        {channel !== null && placesOf(draft.kind).some((each) =>
          each === field
        ) &&
          draft[field as "url"] === "" && ` ${say("channelKept")}`}
      </Hint>
    </div>
  );
  const text = (field: "name" | "target" | "url" | "secret" | "timeZone") =>
    row(field, (described) => {
      const typed = {
        ...described,
        autocapitalize: "off",
        spellcheck: false,
        value: draft[field],
        onInput: (event: Event) =>
          change({ [field]: (event.currentTarget as HTMLInputElement).value }),
      } as const;
      return field === "secret"
        ? <input {...typed} type="password" autocomplete="new-password" />
        : <input {...typed} type="text" autocomplete="off" />;
    });
  return (
    <form
      ref={form}
      class="panel channel-form"
      aria-labelledby={`${id}-title`}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <h3 id={`${id}-title`}>
        {channel === null ? say("channelNew") : say("channelEditing", { name: channel.name })}
      </h3>
      {channel === null && (
        <div class="field">
          <label for={`${id}-kind`}>{say("channelKind")}</label>
          <select
            id={`${id}-kind`}
            data-field="kind"
            value={draft.kind}
            onChange={(event) => change({ kind: event.currentTarget.value as Kind })}
          >
            {KINDS.map((kind) => <option key={kind} value={kind}>{say(KIND_WORDS[kind])}</option>)}
          </select>
        </div>
      )}
      {text("name")}
      {placesOf(draft.kind).map(text)}
      <fieldset aria-describedby={`${id}-events-hint`}>
        <legend>{say("channelEvents")}</legend>
        {EVENTS.map((event, index) => (
          <label key={event} class="check">
            <input
              type="checkbox"
              data-field={index === 0 ? "events" : undefined}
              checked={draft.events.includes(event)}
              onChange={({ currentTarget: { checked } }) =>
                change({
                  events: EVENTS.filter((each) =>
                    each === event ? checked : draft.events.includes(each)
                  ),
                })}
            />
            <span>{say(EVENT_WORDS[event])}</span>
          </label>
        ))}
        <Hint id={`${id}-events-hint`} wrong={wrong === "events"}>{say("channelEventsHint")}</Hint>
      </fieldset>
      <div class="field">
        <label for={`${id}-language`}>{say("channelLanguage")}</label>
        <select
          id={`${id}-language`}
          value={draft.language}
          onChange={(event) => change({ language: event.currentTarget.value as Language })}
        >
          <option value="pt" lang="pt-BR">Português</option>
          <option value="en" lang="en">English</option>
        </select>
      </div>
      <fieldset aria-describedby={`${id}-quiet-hint`}>
        <legend>{say("channelQuietHours")}</legend>
        <label class="check">
          <input
            type="checkbox"
            checked={draft.quiet}
            onChange={(event) => change({ quiet: event.currentTarget.checked })}
          />
          <span>{say("channelQuietOn")}</span>
        </label>
        {draft.quiet && (
          <div class="times-of-day">
            {(["from", "until"] as const).map((end) => (
              <label key={end}>
                <span>{say(end === "from" ? "channelFrom" : "channelUntil")}</span>
                <input
                  type="time"
                  data-field={end === "from" ? "quiet" : undefined}
                  aria-invalid={wrong === "quiet"}
                  value={draft[end]}
                  onInput={(event) => change({ [end]: event.currentTarget.value })}
                />
              </label>
            ))}
          </div>
        )}
        <Hint id={`${id}-quiet-hint`} wrong={wrong === "quiet"}>{say("channelQuietHint")}</Hint>
      </fieldset>
      {text("timeZone")}
      {fault !== null && <p class="outcome" data-tone="bad" role="alert">{fault}</p>}
      <p class="buttons">
        <button class="main save" type="submit" disabled={busy}>{say("channelSave")}</button>
        <button class="plain" type="button" disabled={busy} onClick={onClose}>
          {say("cancel")}
        </button>
      </p>
    </form>
  );
}

interface Described {
  id: string;
  "data-field": string;
  "aria-describedby": string;
  "aria-invalid": boolean;
}

/** What belongs into a field; where it did not, the same is said aloud. */
function Hint(
  { id, wrong, children }: { id: string; wrong: boolean; children: ComponentChildren },
) {
  const { say } = useSignedIn();
  return (
    <p id={id} class={wrong ? "outcome" : "hint"} data-tone={wrong ? "bad" : undefined}>
      {wrong && <strong role="alert">{`${say("channelWrong")} `}</strong>}
      {children}
    </p>
  );
}
