// @ts-check
/**
 * Numbers and events read from the tables themselves, for projects without those actions.
 *
 * @module
 */

/** @import { Api } from "./api.js" */
/** @import { Instance, TimelineEvent } from "./types.js" */

const DAY_MS = 86_400_000;

/**
 * @param {Api} api
 * @returns {Promise<{ instances: Instance[] }>}
 */
export async function readInstances(api) {
  const [rows, failed] = await Promise.all([
    api.rows("whatsapp_instances", { select: "*", order: "instance_name" }),
    api.rows("messages", {
      select: "whatsapp_instance_id",
      status: "eq.failed",
      created_at: `gte.${new Date(Date.now() - DAY_MS).toISOString()}`,
      limit: "1000",
    }),
  ]);
  const instances = rows.map((row) => ({
    id: row.id,
    organizationId: row.organization_id,
    instanceName: row.instance_name,
    displayName: row.display_name ?? null,
    phoneNumber: row.phone_number ?? null,
    status: row.status,
    disconnectedSince: row.disconnected_since ?? null,
    manualDisconnect: row.manual_disconnect ?? false,
    lastSentAt: row.last_sent_at ?? null,
    lastReceivedAt: row.last_received_at ?? null,
    lastAliveAt: row.last_alive_at ?? null,
    failedMessages24h: failed.filter((each) => each.whatsapp_instance_id === row.id).length,
    // Open repairs are not in a table that members read.
    repair: null,
    // When the next attempt is, and whether there is one, the tables do not say.
    reconnect: row.status === "disconnected" && !row.manual_disconnect
      ? { attempts: row.reconnect_attempts_count ?? 0, nextAttemptAt: "" }
      : null,
    attention: null,
    // Nor when it is looked at.
    watch: null,
    qrExpiresAt: null,
    role: null,
  }));
  return { instances };
}

/**
 * @param {Api} api
 * @param {number | null} afterId
 * @param {number} limit
 * @returns {Promise<{ events: TimelineEvent[] }>}
 */
export async function readEvents(api, afterId, limit) {
  const rows = await api.rows("instance_events", {
    select: "id,instance_id,kind,detail,created_at",
    order: afterId === null ? "id.desc" : "id.asc",
    limit: String(limit),
    ...(afterId === null ? {} : { id: `gt.${afterId}` }),
  });
  const events = rows.map((row) => ({
    id: row.id,
    instanceId: row.instance_id,
    kind: row.kind,
    detail: row.detail ?? {},
    createdAt: row.created_at,
  }));
  return { events: afterId === null ? events.reverse() : events };
}
