/**
 * Requests and answers of the actions on numbers. Runs in browsers too.
 *
 * @module
 */

import * as z from "zod/mini";
import { optional, optionalOr } from "./optional-field.ts";

const timestamp = z.iso.datetime({ offset: true });
const success = z.literal(true);
const byId = z.object({ instanceId: z.uuid() });

/** A number's state, as its row says. */
export const instanceStatus = z.enum(["connected", "connecting", "disconnected", "awaiting_qr"]);

/** A number as its members see it. */
export const instanceView = z.object({
  id: z.uuid(),
  organizationId: z.uuid(),
  /** Its name at the gateway. */
  instanceName: z.string(),
  displayName: z.nullable(z.string()),
  /** Digits; null until it was first connected. */
  phoneNumber: z.nullable(z.string()),
  status: instanceStatus,
  disconnectedSince: z.nullable(timestamp),
  /** Disconnected by a person: nothing reconnects it by itself. */
  manualDisconnect: z.boolean(),
  lastSentAt: z.nullable(timestamp),
  lastReceivedAt: z.nullable(timestamp),
  /** When something last proved that its socket lives. */
  lastAliveAt: z.nullable(timestamp),
  failedMessages24h: z.int(),
  /** The open repair of its session. */
  repair: z.nullable(z.object({
    /**
     * `restart_requested`, `restarted`: the process of its gateway; `recreating`: the number is deleted
     * there and made anew.
     */
    state: z.enum(["open", "restart_requested", "restarted", "recreating", "needs_operator"]),
    step: z.nullable(z.string()),
    waitingFor: z.nullable(z.string()),
    attempts: z.int(),
    openedAt: timestamp,
    nextStepAt: timestamp,
    /** Why it needs a person. */
    reason: z.nullable(z.string()),
    /**
     * Of a session that lives, what canaries say of it; `unproven`: nothing came in since a step that
     * can make it deaf; null: it is about the session.
     */
    hearing: z.nullable(
      z.enum(["suspected_deaf", "deaf", "webhook_mute", "lagging", "unproven"]),
    ),
  })),
  /** What the scheduler does by itself; null: nothing. */
  reconnect: z.nullable(z.object({
    attempts: z.int(),
    maxAttempts: z.int(),
    /** Null: the attempts are used up. */
    nextAttemptAt: z.nullable(timestamp),
  })),
  /**
   * Why a person has to look at it, besides its repair: `not_found`, `gateway_unauthorized`,
   * `instance_without_gateway`, `session_still_open`, ….
   */
  attention: z.nullable(z.string()),
  /** How it is watched while it is connected; null: it is not. */
  watch: z.nullable(z.object({
    /**
     * What the last probe found: `alive`, `dead`, `limited` (WhatsApp wants fewer), or why probes prove
     * nothing here (`no_number`, `any_answer`, `no_endpoint`, …); null: none was needed yet.
     */
    finding: z.nullable(z.string()),
    /** When it is looked at next, if nothing is heard of it before; null: switched off. */
    nextLookAt: z.nullable(timestamp),
    /** How many times its interval: more than 1 where WhatsApp wanted fewer. */
    stretch: z.int(),
  })),
  /** Until when the QR that waits can be scanned. */
  qrExpiresAt: z.nullable(timestamp),
  /** The caller's own. */
  role: z.enum(["owner", "admin", "agent"]),
});

/** A code to scan. A secret: who scans it owns the session. */
export const qrView = z.object({
  /** The text of the code. */
  code: z.nullable(z.string()),
  /** The image, a `data:` URL. */
  base64: z.nullable(z.string()),
  pairingCode: z.nullable(z.string()),
  expiresAt: timestamp,
});

/** `{organizationId?}` → every number of the caller, or of one organization. */
export const listInstancesContract = {
  request: z.object({ organizationId: optional(z.uuid()) }),
  response: z.object({ success, instances: z.array(instanceView) }),
};

/** `{instanceId}` → one number; the gateway is not asked. */
export const getStatusContract = {
  request: byId,
  response: z.object({ success, instance: instanceView }),
};

/**
 * `{instanceId}` → one number, and a look at its session as soon as may be; the gateway is not asked here.
 * Poll `get_status` for what the look finds.
 */
export const refreshStatusContract = {
  request: byId,
  response: z.object({
    success,
    instance: instanceView,
    look: z.object({
      /** From when on it is looked at: within seconds of then; null: not by itself. */
      dueAt: z.nullable(timestamp),
      /**
       * Null: this request made the look due. `asked_lately`: one was asked for seconds ago; `under_way`;
       * or who looks instead, or why nobody does: `repairing`, `needs_operator`, `reconnecting`,
       * `watch_off`, `paused`, `instance_without_gateway`.
       */
      reason: z.nullable(z.string()),
    }),
  }),
};

/** What happened, oldest first: after an event, or the newest ones. */
export const listEventsContract = {
  request: z.object({
    instanceId: optional(z.uuid()),
    afterId: optional(z.int().check(z.minimum(0))),
    limit: optionalOr(z.int().check(z.minimum(1), z.maximum(200)), 50),
  }),
  response: z.object({
    success,
    events: z.array(z.object({
      id: z.int(),
      instanceId: z.uuid(),
      kind: z.string(),
      /** Without keys, numbers, QR codes or texts. */
      detail: z.record(z.string(), z.unknown()),
      createdAt: timestamp,
    })),
    /** For the next `afterId`. */
    lastId: z.int(),
  }),
};

/** `{instanceId}` → the QR to scan. May be polled by any number of pages. */
export const getQrCodeContract = {
  request: byId,
  response: z.object({
    success,
    qr: z.nullable(qrView),
    status: instanceStatus,
    /** Why there is none: `connected`, `manual_disconnect`, `asking`, `gateway_unreachable`, …. */
    reason: z.nullable(z.string()),
    /** When to ask again; 0: there is nothing to wait for. */
    retryAfterSeconds: z.int().check(z.minimum(0)),
  }),
};

/** Makes a number, here and at the gateway. */
export const createInstanceContract = {
  request: z.object({
    organizationId: z.uuid(),
    displayName: z.string().check(z.trim(), z.minLength(1), z.maxLength(100)),
    /** At the gateway; made from the display name unless given. */
    instanceName: optional(z.stringFormat("instance_name", /^[A-Za-z0-9_-]{3,64}$/)),
    /** The environment's unless given. */
    gateway: optional(z.object({
      apiUrl: z.url({ protocol: /^https?$/ }).check(z.maxLength(2048)),
      apiKey: z.string().check(z.minLength(1), z.maxLength(512)),
    })),
  }),
  response: z.object({ success, instance: instanceView, qr: z.nullable(qrView) }),
};

/** Disconnects by hand: nothing reconnects the number by itself. */
export const disconnectInstanceContract = {
  request: byId,
  response: z.object({
    success,
    status: instanceStatus,
    /** What the gateway answered to the logout; `not_called` where it was not asked. */
    logout: z.string(),
    /** What the gateway's registry said afterwards: `close`, `open`, `unreachable`, …. */
    registry: z.string(),
    /** For a person: what the logout costs on this version, or that the session may live on. */
    warning: z.optional(z.string()),
  }),
};

/** Brings a number back: attempts begin anew, and one is made at once. */
export const reconnectInstanceContract = {
  request: byId,
  response: z.object({ success, status: instanceStatus, qr: z.nullable(qrView) }),
};

/**
 * Deletes a number here and at the gateway; conversations stay, without a number. Where the gateway
 * does not confirm, nothing is deleted here, unless a person says so a second time: `force`.
 */
export const deleteInstanceContract = {
  request: z.extend(byId, {
    /** The number's `instanceName`, typed by a person. */
    confirmName: z.string().check(z.maxLength(200)),
    /** The gateway is asked all the same; without its word the number goes here alone. */
    force: optionalOr(z.boolean(), false),
  }),
  response: z.object({
    success,
    /** False: the gateway has not let go of the name yet. */
    nameFreed: z.boolean(),
    /** For a person, where the gateway did not confirm: the session may live on there. */
    warning: z.optional(z.string()),
  }),
};

/** Brings a number's webhook up to date. */
export const updateWebhookContract = {
  request: byId,
  response: z.object({
    success,
    /** Where the gateway reports to. */
    url: z.string(),
    /** Events that it reports from now on. */
    added: z.array(z.string()),
    /** Events that it reports no more. */
    removed: z.array(z.string()),
  }),
};
