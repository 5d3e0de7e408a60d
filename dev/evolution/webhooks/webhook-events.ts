/**
 * The events a webhook can ask for.
 *
 * @module
 */

/** Every event name that `POST /webhook/set` accepts, in the order of its error message. */
export const WEBHOOK_EVENTS: readonly string[] = [
  "APPLICATION_STARTUP",
  "QRCODE_UPDATED",
  "MESSAGES_SET",
  "MESSAGES_UPSERT",
  "MESSAGES_EDITED",
  "MESSAGES_UPDATE",
  "MESSAGES_DELETE",
  "SEND_MESSAGE",
  "SEND_MESSAGE_UPDATE",
  "CONTACTS_SET",
  "CONTACTS_UPSERT",
  "CONTACTS_UPDATE",
  "PRESENCE_UPDATE",
  "CHATS_SET",
  "CHATS_UPSERT",
  "CHATS_UPDATE",
  "CHATS_DELETE",
  "GROUPS_UPSERT",
  "GROUP_UPDATE",
  "GROUP_PARTICIPANTS_UPDATE",
  "CONNECTION_UPDATE",
  "LABELS_EDIT",
  "LABELS_ASSOCIATION",
  "CALL",
  "TYPEBOT_START",
  "TYPEBOT_CHANGE_STATUS",
  "REMOVE_INSTANCE",
  "LOGOUT_INSTANCE",
  "INSTANCE_CREATE",
  "INSTANCE_DELETE",
  "STATUS_INSTANCE",
];

/** `connection.update` → `CONNECTION_UPDATE`. */
export function settingName(event: string): string {
  return event.replaceAll(".", "_").toUpperCase();
}

/** `connection.update` → `connection-update`, the path that `byEvents` adds to the URL. */
export function pathName(event: string): string {
  return event.replaceAll(".", "-").toLowerCase();
}
