/**
 * What owners and admins can do to a number, and what every member can.
 *
 * @module
 */

import { useRef, useState } from "preact/hooks";
import { useSignedIn } from "../parts/signed-in.ts";
import type { Instance } from "../types.ts";
import { DeletePanel } from "./delete-panel.tsx";
import { lookWord } from "./look-word.ts";

/** The buttons, and the panel that a deletion opens. */
export function NumberActions({ number, name }: { number: Instance; name: string }) {
  const { data, say, perform, notice } = useSignedIn();
  const [deleting, setDeleting] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  if (number.role === null) return null;
  const manages = number.role !== "agent";
  const look = async () => {
    const { look: { reason } } = await data.lookNow(number.id);
    notice(say(lookWord(reason)));
  };
  const updateWebhook = async () => {
    const { added: { length: added }, removed: { length: removed } } = await data.updateWebhook(
      number.id,
    );
    notice(say("webhookUpdated", { added, removed }));
  };
  const act = (run: () => Promise<unknown>) => () => {
    notice(null);
    void perform(run);
  };
  return (
    <>
      <div class="actions">
        <button id="look-now" class="plain" type="button" onClick={act(look)}>
          {say("lookNow")}
        </button>
        {manages && !number.manualDisconnect && (
          <button
            id="disconnect"
            class="plain"
            type="button"
            onClick={act(() => data.disconnect(number.id))}
          >
            {say("disconnect")}
          </button>
        )}
        {manages && number.status !== "connected" && (
          <button
            id="reconnect"
            class="plain"
            type="button"
            onClick={act(() => data.reconnect(number.id))}
          >
            {say("reconnect")}
          </button>
        )}
        {manages && (
          <button id="update-webhook" class="plain" type="button" onClick={act(updateWebhook)}>
            {say("updateWebhook")}
          </button>
        )}
        {manages && !deleting && (
          <button
            id="delete"
            class="plain"
            type="button"
            ref={button}
            onClick={() => setDeleting(true)}
          >
            {say("delete")}
          </button>
        )}
      </div>
      {deleting && (
        <DeletePanel
          number={number}
          name={name}
          onClose={() => {
            setDeleting(false);
            // The button is there again after this.
            setTimeout(() => button.current?.focus());
          }}
        />
      )}
    </>
  );
}
