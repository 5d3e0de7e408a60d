/**
 * An instance as `fetchInstances` shows it.
 *
 * @module
 */

import { PROFILE_PICTURE, profileName } from "./webhooks/announcements.ts";
import type { Instance } from "./session/instance.ts";

/** The database row with its relations, as recorded. It holds the token: never log it. */
export function instanceRow(instance: Instance): Record<string, unknown> {
  const known = instance.ownerJid !== null;
  return {
    id: instance.id,
    name: instance.name,
    connectionStatus: instance.registry,
    ownerJid: instance.ownerJid,
    profileName: known ? profileName(instance) : null,
    profilePicUrl: known ? PROFILE_PICTURE : null,
    integration: "WHATSAPP-BAILEYS",
    number: null,
    businessId: null,
    token: instance.token,
    clientName: "evolution",
    disconnectionReasonCode: instance.disconnection?.code ?? null,
    disconnectionObject: instance.disconnection?.object ?? null,
    disconnectionAt: instance.disconnection?.at ?? null,
    createdAt: instance.createdAt,
    updatedAt: instance.updatedAt,
    Chatwoot: null,
    Proxy: null,
    Rabbitmq: null,
    Nats: null,
    Sqs: null,
    Websocket: null,
    Setting: {
      id: instance.settingsId,
      ...instance.settings,
      createdAt: instance.createdAt,
      updatedAt: instance.createdAt,
      instanceId: instance.id,
    },
    _count: { Message: instance.messageCount, Contact: 0, Chat: 0 },
  };
}
