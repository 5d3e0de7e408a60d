/**
 * What the page shows and does, as calls. It reads by functions of the database, and the tables; where a
 * project has tables alone, those are read, as far as the user may see them.
 *
 * @module
 */

import { type Api, ApiFault } from "./api.ts";
import { readEvents, readFleet, readNumber } from "./read-tables.ts";
import type {
  AlertChannel,
  Conversation,
  Fleet,
  FleetQuery,
  GatewayLine,
  Message,
  NumberPage,
  QrAnswer,
  TimelineEvent,
} from "../types.ts";

/** Numbers on a page of the list. */
export const PAGE = 50;
const MESSAGES = 40;

type Role = Fleet["organizations"][number]["role"];

/** A gateway that is silent is asked three times, 48 seconds in all. */
const DELETE_LIMIT_MS = 90_000;

/** What the page may ask. */
export type Data = ReturnType<typeof createData>;

/** See {@linkcode Data}. */
export function createData(api: Api) {
  const unknown: Set<string> = new Set();

  /** Asks for what another project may not have; then otherwise, and never again. */
  const orElse = async <T>(
    name: string,
    ask: () => Promise<T>,
    otherwise: () => Promise<T>,
  ): Promise<T> => {
    if (unknown.has(name)) return await otherwise();
    try {
      return await ask();
    } catch (error) {
      const missing = error instanceof ApiFault &&
        ([400, 404].includes(error.status) || error.code === "UNKNOWN_ACTION");
      if (!missing) throw error;
      const answer = await otherwise();
      unknown.add(name);
      return answer;
    }
  };

  return {
    /** A page of all numbers. */
    fleet: (query: FleetQuery): Promise<Fleet> => {
      const { page, ...asked } = query;
      const told = { ...asked, offset: page * PAGE, limit: PAGE };
      return orElse(
        "fleet",
        () => api.ask<Fleet>("fleet", { p_query: told }),
        () => readFleet(api, query, PAGE),
      );
    },

    /** One number; null where it is none of the user's. */
    number: (id: string): Promise<NumberPage | null> =>
      orElse(
        "number_page",
        () => api.ask<NumberPage | null>("number_page", { p_instance_id: id }),
        () => readNumber(api, id),
      ),

    /** Grows whenever anything happens; 0 where nothing tells. */
    pulse: (): Promise<number> =>
      orElse("fleet_pulse", () => api.ask<number>("fleet_pulse", {}), () => Promise.resolve(0)),

    gateways: (): Promise<GatewayLine[]> =>
      orElse(
        "fleet_gateways",
        () => api.ask<GatewayLine[]>("fleet_gateways", {}),
        () => Promise.resolve([]),
      ),

    /** A number's events after one, or its newest where that is null; oldest first. */
    events: (instanceId: string, afterId: number | null): Promise<TimelineEvent[]> =>
      readEvents(api, instanceId, afterId),

    conversations: (instanceId: string): Promise<Conversation[]> =>
      api.rows("conversations", {
        select: "id,remote_jid,contact_name",
        whatsapp_instance_id: `eq.${instanceId}`,
        order: "last_message_at.desc.nullslast",
        limit: "20",
      }),

    /** The newest messages, oldest first. */
    messages: async (conversationId: string): Promise<Message[]> => {
      const known = "id,is_from_me,message_type,content,caption,file_name,status,error_code," +
        "error_message,created_at";
      const newest = { conversation_id: `eq.${conversationId}`, limit: String(MESSAGES) };
      const rows = await orElse("message_states", () =>
        api.rows<Message>("message_states", {
          ...newest,
          select: `${known},queued,unconfirmed,may_have_left,recovered_at,edited_at,deleted_at`,
          order: "created_at.desc,position.desc",
        }), () =>
        api.rows<Message>("messages", {
          ...newest,
          select: known,
          order: "created_at.desc",
        }));
      return rows.reverse();
    },

    /** The code to scan; null where the project shows none. */
    qr: (instanceId: string): Promise<QrAnswer | null> =>
      orElse<QrAnswer | null>(
        "get_qrcode",
        () => api.action<QrAnswer>("get_qrcode", { instanceId }),
        () => Promise.resolve(null),
      ),

    /** A number's state alone: the least that tells of a scan. Null: it is gone. */
    status: async (instanceId: string): Promise<string | null> => {
      const [row] = await api.rows<{ status: string }>("whatsapp_instances", {
        select: "status",
        id: `eq.${instanceId}`,
      });
      return row?.status ?? null;
    },

    send: (conversationId: string, message: string) =>
      api.action("send_message_async", {
        conversationId,
        message,
        clientMessageId: crypto.randomUUID(),
      }),

    retry: (messageId: string, confirmDuplicate: boolean) =>
      api.action("retry_message", { messageId, ...(confirmDuplicate ? { confirmDuplicate } : {}) }),

    disconnect: (instanceId: string) => api.action("disconnect_instance", { instanceId }),

    reconnect: (instanceId: string) => api.action("reconnect_instance", { instanceId }),

    lookNow: (instanceId: string) =>
      api.action<{ look: { reason: string | null } }>("refresh_status", { instanceId }),

    updateWebhook: (instanceId: string) =>
      api.action<{ added: string[]; removed: string[] }>("update_webhook", { instanceId }),

    /**
     * Deletes a number.
     *
     * @param confirmName Typed by the person.
     * @param force Also where the gateway does not confirm.
     */
    remove: (instanceId: string, confirmName: string, force: boolean) =>
      api.action<{ warning?: string }>(
        "delete_instance",
        { instanceId, confirmName, ...(force ? { force } : {}) },
        DELETE_LIMIT_MS,
      ),

    /** Whom the user belongs to, and as what. */
    organizations: async (): Promise<Fleet["organizations"]> => {
      const rows = await api.rows<
        { role: Role; organizations: { id: string; name: string } }
      >("organization_members", { select: "role,organizations(id,name)" });
      return rows.map(({ role, organizations }) => ({ ...organizations, role }));
    },

    /** The organizations whose changes are broadcast; none where the project has no Realtime. */
    channelsOfChanges: (): Promise<string[]> =>
      orElse(
        "fleet_channels",
        () => api.ask<string[]>("fleet_channels", {}),
        () => Promise.resolve([]),
      ),

    /** Where an organization's people are told. */
    channels: async (organizationId: string): Promise<AlertChannel[]> =>
      (await api.action<{ channels: AlertChannel[] }>("list_alert_channels", { organizationId }))
        .channels,

    /** Whether an organization's silent numbers are asked whether they hear. */
    asksHearing: async (organizationId: string): Promise<boolean> =>
      (await api.action<{ settings: { canaries: boolean } }>("get_settings", { organizationId }))
        .settings.canaries,

    /** Chooses that. */
    askHearing: (organizationId: string, canaries: boolean) =>
      api.action("update_settings", { organizationId, canaries }),

    /** Makes a channel, or with `channelId` changes one: what is not told stays. */
    saveChannel: (channel: Record<string, unknown>) => api.action("save_alert_channel", channel),

    deleteChannel: (channelId: string) => api.action("delete_alert_channel", { channelId }),

    /** Sends a word of trial by a channel. */
    testChannel: (channelId: string) => api.action("test_alert_channel", { channelId }),
  };
}
