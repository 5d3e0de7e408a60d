/**
 * Every action of `evolution-api`: what is asked and what is answered. The function checks requests
 * with these schemas, the client checks answers with them. Runs in browsers too.
 *
 * @module
 */

import * as z from "zod/mini";
import {
  deleteAlertChannelContract,
  listAlertChannelsContract,
  saveAlertChannelContract,
  testAlertChannelContract,
} from "./alert-channels.ts";
import { eraseCustomerContract } from "./erase-customer.ts";
import { getMediaContract } from "./get-media.ts";
import { messageStatus, sendMessageRequest } from "./send-message.ts";
import {
  createInstanceContract,
  deleteInstanceContract,
  disconnectInstanceContract,
  getQrCodeContract,
  getStatusContract,
  instanceView,
  listEventsContract,
  listInstancesContract,
  reconnectInstanceContract,
  refreshStatusContract,
  updateWebhookContract,
} from "./instances.ts";
import { optionalOr } from "./optional-field.ts";
import { getSettingsContract, updateSettingsContract } from "./settings.ts";

const queued = z.object({
  success: z.literal(true),
  messageId: z.uuid(),
  /** Where a text held several messages: all of them. */
  messageIds: z.optional(z.array(z.uuid())),
  conversationId: z.uuid(),
  async: z.literal(true),
  message: z.string(),
  /** The same request came before: nothing was sent for this one. */
  duplicate: z.optional(z.literal(true)),
  /** Of a duplicate: what became of the first; of several parts, the one that fared worst. */
  status: z.optional(messageStatus),
  /** Of a duplicate: what became of each part. */
  parts: z.optional(z.array(z.object({
    messageId: z.uuid(),
    status: messageStatus,
    errorCode: z.nullable(z.string()),
  }))),
});

/** Request and response of each action by its name. */
export const CONTRACTS = {
  send_message_async: { request: sendMessageRequest, response: queued },
  /** The same action: frontends call it so where there is `media`. */
  send_media_async: { request: sendMessageRequest, response: queued },
  retry_message: {
    request: z.object({
      messageId: z.uuid(),
      /** Where nobody knows whether the message left: that it may arrive twice. */
      confirmDuplicate: optionalOr(z.boolean(), false),
    }),
    response: queued,
  },
  get_media: getMediaContract,
  list_instances: listInstancesContract,
  get_status: getStatusContract,
  refresh_status: refreshStatusContract,
  list_events: listEventsContract,
  get_qrcode: getQrCodeContract,
  create_instance: createInstanceContract,
  disconnect_instance: disconnectInstanceContract,
  reconnect_instance: reconnectInstanceContract,
  delete_instance: deleteInstanceContract,
  update_webhook: updateWebhookContract,
  get_settings: getSettingsContract,
  update_settings: updateSettingsContract,
  list_alert_channels: listAlertChannelsContract,
  save_alert_channel: saveAlertChannelContract,
  test_alert_channel: testAlertChannelContract,
  delete_alert_channel: deleteAlertChannelContract,
  erase_customer: eraseCustomerContract,
} as const;

/** The answer to any action that was refused or failed. */
export const errorResponse = z.object({
  success: z.literal(false),
  /** A sentence for a person, by the request's `Accept-Language`. */
  error: z.string(),
  /** Stable, UPPER_SNAKE. */
  errorCode: z.string(),
  /** Whether the same request can succeed later. */
  retryable: z.boolean(),
  requestId: z.string(),
  field: z.optional(z.string()),
  reason: z.optional(z.string()),
  /** With it the same request can be repeated, and is sent once. */
  clientMessageId: z.optional(z.uuid()),
  /** The messages of which nobody knows what becomes. */
  messageIds: z.optional(z.array(z.uuid())),
});

/** The name of an action. */
export type ActionName = keyof typeof CONTRACTS;
/** What an action is asked, without its name. */
export type ActionRequest<A extends ActionName> = z.input<typeof CONTRACTS[A]["request"]>;
/** What an action answers where it succeeded. */
export type ActionResponse<A extends ActionName> = z.output<typeof CONTRACTS[A]["response"]>;
/** See {@linkcode instanceView}. */
export type InstanceView = z.output<typeof instanceView>;
