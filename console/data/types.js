// @ts-check
/**
 * The shapes that the page works with.
 *
 * @module
 */

/** @typedef {"pt" | "en"} Language */
/** @typedef {"ok" | "busy" | "ask" | "bad" | "quiet"} Tone How a state or an event looks. */

/**
 * What the functions answer, by their own contracts. Where a project has no such action, a number is
 * read from its table, which knows less.
 *
 * @typedef {import("../../supabase/functions/_shared/contracts/actions.ts").InstanceView} InstanceView
 * @typedef {Pick<NonNullable<InstanceView["reconnect"]>, "attempts" | "nextAttemptAt">} Reconnect
 * @typedef {Omit<InstanceView, "role" | "reconnect"> & { role: InstanceView["role"] | null, reconnect: Reconnect | null }} Instance
 * @typedef {NonNullable<Instance["repair"]>} Repair
 * @typedef {import("../../supabase/functions/_shared/contracts/actions.ts").ActionResponse<"list_events">} Events
 * @typedef {Events["events"][number]} TimelineEvent
 * @typedef {import("../../supabase/functions/_shared/contracts/actions.ts").ActionResponse<"get_qrcode">} QrAnswer
 */

/**
 * @typedef {object} Message
 * @property {string} id
 * @property {boolean} is_from_me
 * @property {string} message_type
 * @property {string | null} content
 * @property {string | null} caption
 * @property {string | null} file_name
 * @property {string} status
 * @property {string | null} error_code
 * @property {string | null} error_message
 * @property {string} created_at
 * @property {boolean} [queued] Nobody has tried to send it yet.
 * @property {boolean} [unconfirmed] Sent ten minutes ago, and no report came.
 * @property {boolean} [may_have_left] It failed, and may have left all the same.
 * @property {string | null} [recovered_at] When it was brought in, after it had been missed.
 * @property {string | null} [edited_at] When its sender changed it, as far as the gateway told.
 * @property {string | null} [deleted_at] The same of a deletion: nothing is left of what it held.
 */

/** @typedef {{ id: string, remote_jid: string, contact_name: string | null }} Conversation */

/**
 * @typedef {object} JobRun
 * @property {string} name
 * @property {"never" | "ok" | "failed"} result
 * @property {string} [at]
 * @property {number} [ms]
 * @property {unknown} [said]
 */

/**
 * @typedef {object} Inside What only the simulator knows of a session.
 * @property {string} name
 * @property {string} registry
 * @property {string | null} memory
 * @property {string} socket
 * @property {string | null} ghost
 * @property {string} network
 * @property {boolean} paired
 * @property {boolean} qr
 */

/**
 * @typedef {object} LocalInfo What a local stack tells of itself: `GET /dev/info`.
 * @property {string} url
 * @property {string} publishableKey
 * @property {{ email: string, password: string }} login
 * @property {string} conversationId
 * @property {string} instanceName
 * @property {string} customer
 * @property {number} tickSeconds
 * @property {number} speed
 * @property {number} aheadMs By how much the stack's clock is ahead of this machine's.
 * @property {string | null} policy
 * @property {boolean | null} repairEnabled
 * @property {JobRun[]} jobs
 * @property {{ reachable: boolean }} gateway
 * @property {{ ghosts: { kind: string, title: string }[], instances: Inside[] } | null} simulator
 */

export {};
