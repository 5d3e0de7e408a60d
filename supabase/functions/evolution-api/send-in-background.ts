/**
 * What goes on after a send was answered: the messages go out, and a session that turns out dead is
 * repaired. Here the repair gets its effects: the gateway's calls and the SQL functions.
 *
 * @module
 */

import * as z from "zod/mini";
import { proveLife } from "../_shared/gateway/prove-life.ts";
import { handOver } from "../_shared/messages/claimed-message.ts";
import { tryRefreshVersions } from "../_shared/messages/refresh-versions.ts";
import type { MessagePart } from "../_shared/messages/message-part.ts";
import { sendMessages, type SuspectSession } from "../_shared/messages/send-messages.ts";
import { instanceConnection } from "../_shared/contracts/instance-row.ts";
import { openSendWindow } from "../_shared/messages/send-window.ts";
import type { Effects } from "../_shared/runtime/effects.ts";
import { errorName } from "../_shared/runtime/log.ts";
import type { Call } from "./action.ts";
import { handleConnectionClosed } from "./connection-closed.ts";

/** A stored request, as the database hands it over. */
export const storedRequest = z.object({
  conversation_id: z.uuid(),
  position: z.number(),
  remote_jid: z.string(),
  quoted_whatsapp_message_id: z.nullable(z.string()),
  instance: instanceConnection,
});

/** Sends stored messages; returns at once. */
export function sendInBackground(
  stored: z.infer<typeof storedRequest>,
  parts: readonly MessagePart[],
  { effects, queue, language, log: requestLog }: Call,
): void {
  const { instance: { id: instanceId }, conversation_id: conversationId } = stored;
  const log = requestLog.with({ instanceId, conversationId });
  const repair = (session: SuspectSession) => repairSession(session, effects);
  const sending = { ...effects, queue, handleConnectionClosed: repair };
  const window = openSendWindow(effects.clock);
  effects.background.run(
    sendMessages(parts, { ...stored, language }, window, sending, log),
    log,
  );
}

/** Leaves queued messages to the scheduler at once, unless somebody sends them; returns at once. */
export function leaveInBackground(
  messageIds: readonly string[],
  { effects, log }: Call,
): void {
  const claimant = { token: crypto.randomUUID(), window: openSendWindow(effects.clock) };
  effects.background.run(handOver(messageIds, claimant, effects, log), log);
}

const claims = z.tuple([z.object({
  claimed: z.boolean(),
  reason: z.nullable(z.string()),
  token: z.nullable(z.string()),
})]);

const word = z.string();

async function repairSession(
  { instance, gateway, failMessage, log }: SuspectSession,
  { database, clock, fetch }: Effects,
): Promise<"alive" | "dead"> {
  // After the probes: they take as long as a gateway needs to come up with another version.
  const readVersion = () => tryRefreshVersions(1, { database, clock, fetch }, log, instance.id);
  const held = (token: string) => ({ p_instance_id: instance.id, p_token: token });
  const result = await handleConnectionClosed(
    {
      ownNumber: instance.phone_number,
      confirmAtMs: instance.confirm_at_ms,
      policy: instance.policy,
    },
    {
      gateway: { ...gateway, probe: (ownNumber) => proveLife(gateway, ownNumber) },
      claim: async () => {
        const asked = { p_instance_id: instance.id };
        return (await database.call("claim_ghost_repair", asked, claims))[0];
      },
      confirm: async (token, probes) => {
        await readVersion();
        const asked = { ...held(token), p_probes: probes };
        return await database.call("confirm_ghost_repair", asked, word);
      },
      release: (token, probes) =>
        database.call("release_ghost_repair", { ...held(token), p_probes: probes }, word),
      recordLogout: (token, outcome) =>
        database.call("record_ghost_logout", { ...held(token), p_outcome: outcome }, word),
      recordVerification: (token, outcome) =>
        database.call("record_ghost_verification", { ...held(token), p_outcome: outcome }, word),
      failMessage,
      sleep: clock.sleep.bind(clock),
      onFault: (step, error) =>
        log.write("error", "repair_fault", { step, error: errorName(error) }),
    },
  );
  log.write("info", "repair_ended", {
    outcome: result.outcome,
    ...(result.outcome === "skipped" ? { reason: result.reason } : {}),
  });
  return result.outcome === "false_alarm" ? "alive" : "dead";
}
