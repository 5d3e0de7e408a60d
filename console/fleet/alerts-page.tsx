/**
 * Where people are told: each organization's channels, and a way to try them.
 *
 * @module
 */

import { useState } from "preact/hooks";
import { useNow, useReading, useSession } from "../parts/session.ts";
import type { AlertChannel, Fleet } from "../types.ts";
import { ago } from "../words/format.ts";
import type { Word } from "../words/strings.ts";

const EVENTS: Record<AlertChannel["events"][number], Word> = {
  down: "channelDown",
  qr: "channelQr",
  recovered: "channelRecovered",
};

type Organization = Fleet["organizations"][number];

/** The page. */
export function AlertsPage() {
  const { data, say } = useSession();
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
  const { say } = useSession();
  return (
    <>
      {titled && <h3>{name}</h3>}
      {channels.length === 0 ? <p class="panel empty">{say("noChannels")}</p> : (
        <ul class="cards">
          {channels.map((channel) => <Channel key={channel.id} channel={channel} />)}
        </ul>
      )}
      <HearingSwitch organizationId={id} chosen={hearing} />
    </>
  );
}

/** Whether silent numbers are asked, by messages among themselves, whether they hear. */
function HearingSwitch(
  { organizationId, chosen }: { organizationId: string; chosen: boolean },
) {
  const { data, say, perform } = useSession();
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

function Channel({ channel }: { channel: AlertChannel }) {
  const { data, say, language, perform, notice } = useSession();
  const now = useNow(10_000);
  const [busy, setBusy] = useState(false);
  const { kind, name, target, host, events, enabled, quietFrom, quietUntil } = channel;
  const test = () =>
    perform(async () => {
      setBusy(true);
      try {
        await data.testChannel(channel.id);
        notice(say("channelTesting"));
      } finally {
        setBusy(false);
      }
    });
  const { lastOutcome, lastSentAt } = channel;
  const failed = lastOutcome !== null && lastOutcome !== "sent" && lastOutcome !== "unknown";
  const last = failed
    ? say("channelFailed", { why: lastOutcome })
    : lastSentAt === null
    ? say("channelNever")
    : say("channelSent", { time: ago(lastSentAt, now, language) });
  return (
    <li class="panel channel" data-channel={channel.id}>
      <div>
        <h3>{name}</h3>
        <p class="hint">{[kind, target ?? host].filter(Boolean).join(" · ")}</p>
      </div>
      <p class="hint">
        {[
          ...events.map((event) => say(EVENTS[event])),
          ...(quietFrom === null
            ? []
            : [say("channelQuiet", { from: quietFrom, until: quietUntil })]),
          ...(enabled ? [] : [say("channelOff")]),
        ].join(" · ")}
      </p>
      <p class="outcome" data-tone={failed ? "bad" : lastSentAt === null ? "quiet" : "ok"}>
        {last}
      </p>
      <button type="button" class="test" disabled={busy} onClick={() => void test()}>
        {say("channelTest")}
      </button>
    </li>
  );
}
