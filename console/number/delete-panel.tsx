/**
 * Deleting a number: its name is typed, and where the gateway could not be asked a second click
 * deletes it all the same.
 *
 * @module
 */

import { useEffect, useRef, useState } from "preact/hooks";
import { ApiFault } from "../data/api.ts";
import { addressOf, EVERYTHING } from "../data/route.ts";
import { useSignedIn } from "../parts/signed-in.ts";
import type { Instance } from "../types.ts";
import { mayDeleteAnyway } from "./delete-anyway.ts";

/** The panel. */
export function DeletePanel(
  { number, name, onClose }: { number: Instance; name: string; onClose: () => void },
) {
  const { data, say, notice, hurry, faultWords } = useSignedIn();
  const [typed, setTyped] = useState("");
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const [anyway, setAnyway] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);

  const attempt = async (force: boolean) => {
    if (busy) return;
    setBusy(true);
    setFault(null);
    try {
      const { warning } = await data.remove(number.id, typed.trim(), force);
      location.replace(addressOf({ page: "fleet", query: EVERYTHING }));
      notice(warning ?? say("deleted", { name }));
      hurry();
    } catch (error) {
      setFault(faultWords(error));
      setAnyway(error instanceof ApiFault && mayDeleteAnyway(error.code));
      setBusy(false);
    }
  };
  return (
    <section id="removal" class="removal" aria-labelledby="removal-title">
      <h3 id="removal-title">{say("deleteTitle")}</h3>
      <p id="removal-text">{say("deleteText", { name: number.instanceName })}</p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void attempt(false);
        }}
      >
        <label class="unseen" for="removal-name">{say("deleteName")}</label>
        <input
          id="removal-name"
          ref={input}
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          required
          value={typed}
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
        <button id="removal-do" type="submit" disabled={busy}>{say("delete")}</button>
        <button class="plain" type="button" disabled={busy} onClick={onClose}>
          {say("cancel")}
        </button>
      </form>
      {(fault !== null || busy) && (
        <p id="removal-fault" class="strong" role="status">
          {busy ? say("deleting") : fault}
        </p>
      )}
      {anyway && !busy && (
        <div id="removal-insist">
          <p class="hint">{say("deleteAnywayText")}</p>
          <button id="removal-anyway" type="button" onClick={() => void attempt(true)}>
            {say("deleteAnyway")}
          </button>
        </div>
      )}
    </section>
  );
}
