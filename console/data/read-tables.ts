/**
 * Numbers and events read from the tables themselves, for projects without the console's functions:
 * they know less. Numbers are read all at once, as far as the API gives them.
 *
 * @module
 */

import type { Api } from "./api.ts";
import type {
  Fleet,
  FleetLine,
  FleetQuery,
  Instance,
  NumberHealth,
  NumberPage,
  TimelineEvent,
} from "../types.ts";

/** A number's row; another project's table may lack the optional ones. */
interface NumberRow {
  id: string;
  organization_id: string;
  instance_name: string;
  display_name?: string | null;
  phone_number?: string | null;
  status: Instance["status"];
  disconnected_since?: string | null;
  manual_disconnect?: boolean | null;
  reconnect_attempts_count?: number | null;
  last_sent_at?: string | null;
  last_received_at?: string | null;
  last_alive_at?: string | null;
  last_webhook_at?: string | null;
  created_at?: string | null;
}

interface EventRow {
  id: number;
  instance_id: string;
  kind: string;
  detail: Record<string, unknown> | null;
  created_at: string;
}

/** Events that are read at once, and remembered of a number. */
export const EVENTS = 200;

const UNKNOWN_UPTIME = { day: null, week: null, month: null };
const URGENCY = ["person", "scan", "repair", "off", "well"];

function healthOf(row: NumberRow): NumberHealth {
  const since = row.disconnected_since ?? null;
  const health = row.manual_disconnect
    ? "manual"
    : row.status === "connected"
    ? "ok"
    : row.status === "awaiting_qr"
    ? "awaiting_qr"
    : "reconnecting";
  const state = { manual: "off", ok: "well", awaiting_qr: "scan", reconnecting: "repair" } as const;
  return { status: row.status, state: state[health], health, reason: null, hearing: null, since };
}

function lineOf(row: NumberRow): FleetLine {
  return {
    ...healthOf(row),
    id: row.id,
    organizationId: row.organization_id,
    name: row.display_name ?? row.instance_name,
    phoneNumber: row.phone_number ?? null,
    lastAliveAt: row.last_alive_at ?? null,
    failed: 0,
    unconfirmed: 0,
    uptime: UNKNOWN_UPTIME,
    gateway: null,
  };
}

/** A page of all numbers. What is asked for is looked for here. */
export async function readFleet(api: Api, query: FleetQuery, atMost: number): Promise<Fleet> {
  const rows = await api.rows<NumberRow>("whatsapp_instances", { select: "*" });
  const words = query.search.trim().toLowerCase();
  const all = rows.map(lineOf).filter(({ name, phoneNumber }) =>
    name.toLowerCase().includes(words) || (phoneNumber ?? "").includes(words)
  );
  const found = all.filter(({ state }) => query.state === null || state === query.state);
  const place = ({ state }: FleetLine) => query.sort === "need" ? URGENCY.indexOf(state) : 0;
  const quiet = ({ lastAliveAt }: FleetLine) => query.sort === "silent" ? lastAliveAt ?? "" : "";
  found.sort((a, b) =>
    place(a) - place(b) || quiet(a).localeCompare(quiet(b)) || a.name.localeCompare(b.name)
  );
  const count = (state: string) => all.filter((each) => each.state === state).length;
  return {
    now: new Date().toISOString(),
    numbers: found.slice(query.page * atMost, (query.page + 1) * atMost),
    found: found.length,
    sum: {
      all: all.length,
      well: count("well"),
      repair: count("repair"),
      scan: count("scan"),
      person: count("person"),
      off: count("off"),
      deaf: 0,
    },
    organizations: [],
    gateways: [],
  };
}

/** One number. Open repairs, and when it is looked at next, the tables do not say. */
export async function readNumber(api: Api, id: string): Promise<NumberPage | null> {
  const [row] = await api.rows<NumberRow>("whatsapp_instances", { select: "*", id: `eq.${id}` });
  if (row === undefined) return null;
  const number: Instance = {
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
    failedMessages24h: 0,
    repair: null,
    reconnect: row.status === "disconnected" && !row.manual_disconnect
      ? { attempts: row.reconnect_attempts_count ?? 0, nextAttemptAt: "" }
      : null,
    attention: null,
    watch: null,
    qrExpiresAt: null,
    role: null,
  };
  return {
    ...healthOf(row),
    now: new Date().toISOString(),
    number,
    createdAt: row.created_at ?? "",
    lastWebhookAt: row.last_webhook_at ?? null,
    uptime: UNKNOWN_UPTIME,
    days: [],
    away: [],
    median: { awaySeconds: null, foundSeconds: null, times: 0 },
    failed: 0,
    unconfirmed: 0,
    held: 0,
    recovered: 0,
    missing: 0,
    gateway: null,
  };
}

/** A number's events after one, or its newest; oldest first. */
export async function readEvents(
  api: Api,
  instanceId: string,
  afterId: number | null,
): Promise<TimelineEvent[]> {
  const rows = await api.rows<EventRow>("instance_events", {
    select: "id,instance_id,kind,detail,created_at",
    instance_id: `eq.${instanceId}`,
    order: afterId === null ? "id.desc" : "id.asc",
    limit: String(EVENTS),
    ...(afterId === null ? {} : { id: `gt.${afterId}` }),
  });
  const events = rows.map((row) => ({
    id: row.id,
    instanceId: row.instance_id,
    kind: row.kind,
    detail: row.detail ?? {},
    createdAt: row.created_at,
  }));
  return afterId === null ? events.reverse() : events;
}
