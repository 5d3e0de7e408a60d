/**
 * Which events a number's webhook asks for: the one list.
 *
 * @module
 */

/**
 * The events that `evolution-webhook` reads. Left out on purpose: `MESSAGES_EDITED`. An edit that
 * arrives while the webhook's receiver is away makes the number deaf on 2.3.7 until its retries end,
 * and a restart of the instance makes a ghost of it (measured).
 */
export const WEBHOOK_EVENTS = [
  "CONNECTION_UPDATE",
  "QRCODE_UPDATED",
  "MESSAGES_SET",
  "MESSAGES_UPSERT",
  "MESSAGES_UPDATE",
  "SEND_MESSAGE",
  "LOGOUT_INSTANCE",
  "PRESENCE_UPDATE",
  "STATUS_INSTANCE",
] as const;
