/**
 * Where people are told: each organization's channels.
 *
 * @module
 */

import { useRef, useState } from "preact/hooks";
import { useReading, useSignedIn } from "../parts/signed-in.ts";
import type { AlertChannel, Fleet } from "../types.ts";
import { Channel } from "./channel.tsx";
import { ChannelForm } from "./channel-form.tsx";

type Organization = Fleet["organizations"][number];

/** The page. */
export function AlertsPage() {
  const { data, say } = useSignedIn();
  const found = useReading("alerts", async () => {
    const managed = (await data.organizations()).filter(({ role }) => role !== "agent");
    return await Promise.all(
      managed.map(async (each) => {
        const [channels, hearing] = await Promise.all([
          data.channels(each.id),
          data.asksHearing(each.id),
        ]);
        return { ...each, channels, hearing };
      }),
    );
  }, true);
  if (found === null) return <p class="hint" role="status">{say("loading")}</p>;
  return (
    <section class="plain-page" aria-labelledby="alerts-title">
      <h2 id="alerts-title">{say("alertsPage")}</h2>
      <p class="hint">{say("alertsText")}</p>
      {found.value.length === 0 && <p class="panel empty">{say("alertsForbidden")}</p>}
      {found.value.map((organization) => (
        <Places key={organization.id} {...organization} titled={found.value.length > 1} />
      ))}
    </section>
  );
}

function Places(
  { id, name, channels, hearing, titled }: Organization & {
    channels: AlertChannel[];
    hearing: boolean;
    titled: boolean;
  },
) {
  const { say } = useSignedIn();
  const [adding, setAdding] = useState(false);
  const add = useRef<HTMLButtonElement>(null);
  const close = () => {
    setAdding(false);
    setTimeout(() => add.current?.focus());
  };
  return (
    <>
      {titled && <h3>{name}</h3>}
      {channels.length === 0 ? <p class="panel empty">{say("noChannels")}</p> : (
        <ul class="cards">
          {channels.map((channel) => (
            <Channel key={channel.id} channel={channel} organizationId={id} />
          ))}
        </ul>
      )}
      {adding ? <ChannelForm organizationId={id} channel={null} onClose={close} /> : (
        <p>
          <button ref={add} type="button" class="main add" onClick={() => setAdding(true)}>
            {say("channelAdd")}
          </button>
        </p>
      )}
      <HearingSwitch organizationId={id} chosen={hearing} />
    </>
  );
}

/** Whether silent numbers are asked, by messages among themselves, whether they hear. */
function HearingSwitch(
  { organizationId, chosen }: { organizationId: string; chosen: boolean },
) {
  const { data, say, perform } = useSignedIn();
  const [on, setOn] = useState(chosen);
  const [busy, setBusy] = useState(false);
  const choose = (wanted: boolean) =>
    perform(async () => {
      setBusy(true);
      setOn(wanted);
      try {
        await data.askHearing(organizationId, wanted);
      } catch (fault) {
        setOn(!wanted);
        throw fault;
      } finally {
        setBusy(false);
      }
    });
  return (
    <label class="panel hearing-switch">
      <input
        type="checkbox"
        checked={on}
        disabled={busy}
        onChange={(event) => void choose(event.currentTarget.checked)}
      />
      <span>
        <strong>{say("hearingSwitch")}</strong>
        <span class="hint">{say("hearingSwitchText")}</span>
      </span>
    </label>
  );
}
