// @ts-check
/**
 * What the page shows and does, as calls. Where a project has an `evolution-api` of its own that does
 * not know an action, the tables are read instead, as far as the user may see them.
 *
 * @module
 */

import { ApiFault } from "./api.js";
import { readEvents, readInstances } from "./read-tables.js";

/** @import { Api } from "./api.js" */
/** @import { Conversation, Instance, Message, QrAnswer, TimelineEvent } from "./types.js" */

const EVENTS_AT_FIRST = 200;
const MESSAGES = 40;
/** A gateway that is silent is asked three times, 48 seconds in all. */
const DELETE_LIMIT_MS = 90_000;

/** @typedef {ReturnType<typeof createData>} Data */

/** @param {Api} api */
export function createData(api) {
  /** @type {Set<string>} */
  const unknown = new Set();

  /**
   * @template T
   * @param {string} action
   * @param {Record<string, unknown>} body
   * @param {() => Promise<T>} otherwise
   * @returns {Promise<T>}
   */
  const ask = async (action, body, otherwise) => {
    if (unknown.has(action)) return await otherwise();
    try {
      return await api.action(action, body);
    } catch (error) {
      if (!(error instanceof ApiFault) || error.code !== "UNKNOWN_ACTION") throw error;
      unknown.add(action);
      return await otherwise();
    }
  };

  return {
    /** @returns {Promise<Instance[]>} */
    instances: async () => (await ask("list_instances", {}, () => readInstances(api))).instances,

    /**
     * Events after `afterId`; the newest where that is null. Oldest first.
     *
     * @param {number | null} afterId
     * @returns {Promise<TimelineEvent[]>}
     */
    events: async (afterId) => {
      const body = { limit: EVENTS_AT_FIRST, ...(afterId === null ? {} : { afterId }) };
      return (await ask("list_events", body, () => readEvents(api, afterId, EVENTS_AT_FIRST)))
        .events;
    },

    /**
     * Since when each number exists, and when its gateway last reported.
     *
     * @returns {Promise<{ id: string, created_at: string, last_webhook_at: string | null }[]>}
     */
    births: () => api.rows("whatsapp_instances", { select: "id,created_at,last_webhook_at" }),

    /** @param {string} instanceId @returns {Promise<Conversation[]>} */
    conversations: (instanceId) =>
      api.rows("conversations", {
        select: "id,remote_jid,contact_name",
        whatsapp_instance_id: `eq.${instanceId}`,
        order: "last_message_at.desc.nullslast",
        limit: "20",
      }),

    /** The newest messages, oldest first. @param {string} conversationId @returns {Promise<Message[]>} */
    messages: async (conversationId) => {
      const known = "id,is_from_me,message_type,content,caption,file_name,status,error_code," +
        "error_message,created_at";
      const newest = { conversation_id: `eq.${conversationId}`, limit: String(MESSAGES) };
      try {
        if (!unknown.has("message_states")) {
          const rows = await api.rows("message_states", {
            ...newest,
            select: `${known},queued,unconfirmed,may_have_left,recovered_at,edited_at,deleted_at`,
            order: "created_at.desc,position.desc",
          });
          return rows.reverse();
        }
      } catch (error) {
        // A project that has the table alone, or another view.
        if (!(error instanceof ApiFault && [400, 404].includes(error.status))) throw error;
        unknown.add("message_states");
      }
      const rows = await api.rows("messages", {
        ...newest,
        select: known,
        order: "created_at.desc",
      });
      return rows.reverse();
    },

    /** @param {string} instanceId @returns {Promise<QrAnswer | null>} */
    qr: (instanceId) => ask("get_qrcode", { instanceId }, () => Promise.resolve(null)),

    /** @param {string} conversationId @param {string} message */
    send: (conversationId, message) =>
      api.action("send_message_async", {
        conversationId,
        message,
        clientMessageId: crypto.randomUUID(),
      }),

    /** @param {string} messageId @param {boolean} confirmDuplicate */
    retry: (messageId, confirmDuplicate) =>
      api.action("retry_message", { messageId, ...(confirmDuplicate ? { confirmDuplicate } : {}) }),

    /** @param {string} instanceId */
    disconnect: (instanceId) => api.action("disconnect_instance", { instanceId }),

    /** @param {string} instanceId */
    reconnect: (instanceId) => api.action("reconnect_instance", { instanceId }),

    /** @param {string} instanceId @returns {Promise<{ added: string[], removed: string[] }>} */
    updateWebhook: (instanceId) => api.action("update_webhook", { instanceId }),

    /**
     * @param {string} instanceId
     * @param {string} confirmName Typed by the person.
     * @param {boolean} force Also where the gateway does not confirm.
     * @returns {Promise<{ warning?: string }>}
     */
    remove: (instanceId, confirmName, force) =>
      api.action(
        "delete_instance",
        { instanceId, confirmName, ...(force ? { force } : {}) },
        DELETE_LIMIT_MS,
      ),
  };
}
