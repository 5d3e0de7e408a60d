// @ts-check
/**
 * The shapes that the page works with.
 *
 * @module
 */

/** @typedef {"pt" | "en"} Language */
/** @typedef {"ok" | "busy" | "ask" | "bad" | "quiet"} Tone How a state or an event looks. */

/**
 * @typedef {object} Repair An open repair.
 * @property {"open" | "needs_operator"} state
 * @property {string | null} step
 * @property {string | null} waitingFor
 * @property {number} attempts
 * @property {string | null} openedAt
 * @property {string | null} nextStepAt
 * @property {string | null} reason
 */

/**
 * @typedef {object} Instance A number, as `list_instances` answers it.
 * @property {string} id
 * @property {string} organizationId
 * @property {string} instanceName
 * @property {string | null} displayName
 * @property {string | null} phoneNumber
 * @property {"connected" | "connecting" | "disconnected" | "awaiting_qr"} status
 * @property {string | null} disconnectedSince
 * @property {boolean} manualDisconnect
 * @property {string | null} lastSentAt
 * @property {string | null} lastReceivedAt
 * @property {number} failedMessages24h
 * @property {Repair | null} repair
 * @property {{ attempts: number, nextAttemptAt: string | null } | null} reconnect
 * @property {string | null} attention
 * @property {string | null} qrExpiresAt
 * @property {"owner" | "admin" | "agent" | null} role
 */

/**
 * @typedef {object} TimelineEvent
 * @property {number} id
 * @property {string} instanceId
 * @property {string} kind
 * @property {Record<string, unknown>} detail
 * @property {string} createdAt
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
 */

/** @typedef {{ id: string, remote_jid: string, contact_name: string | null }} Conversation */

/**
 * @typedef {object} QrAnswer
 * @property {{ code: string | null, base64: string | null, pairingCode: string | null, expiresAt: string } | null} qr
 * @property {string} status
 * @property {number | null} retryAfterSeconds
 */

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
