/**
 * The faults that a plan draws from.
 *
 * @module
 */

import type { WhatsAppChange } from "../../evolution/control/changes.ts";
import type { Version } from "../../evolution/model/versions.ts";
import type { Fault } from "../../evolution/routes/gate.ts";
import type { ReportFault, WebhookFaults } from "../../evolution/webhooks/sender.ts";

const MINUTE = 60_000;

/**
 * What happens to one request to the database.
 * - `refused`: it never arrives;
 * - `answer lost`: it is done, and the answer does not come back;
 * - `late`: it is done 12 s later, when the caller has given up;
 * - `slow`: it is done, and the answer takes 6 s.
 */
export const DATABASE_FAULTS = ["refused", "answer lost", "late", "slow"] as const;
/** One of {@linkcode DATABASE_FAULTS}. */
export type DatabaseFault = typeof DATABASE_FAULTS[number];

/** What a call to the gateway is about; most are sends. */
export const ROUTES = [
  "sendText",
  "sendText",
  "sendMedia",
  "logout",
  "fetchInstances",
  "connect",
  "restart",
  "fetchBusinessProfile",
  "connectionState",
  "webhook/set",
  "root",
] as const;

/** How WhatsApp is away. */
export const WHATSAPP_FAULTS: readonly WhatsAppChange[] = [
  { refusing: true },
  { rejecting: 503 },
  { hanging: "login" },
  { hanging: "upgrade" },
];

/** What answers in the place of the gateway, or nothing. */
export const GATEWAY_FAULTS: readonly Fault[] = [
  "hang",
  "cut",
  { status: 500, body: { status: 500, error: "Internal Server Error" } },
  { status: 401, body: { status: 401, error: "Unauthorized" } },
  // Not the gateway: a platform that has no such application, a firewall, a parked domain.
  { status: 404, body: { message: "Application not found" } },
  { page: 403 },
  { page: 200 },
];

/**
 * Two customers, each as WhatsApp may write a Brazilian number: with the ninth digit and without. Every
 * company has a conversation with the first, with it.
 */
export const CUSTOMERS = [
  "551188887777",
  "5511988887777",
  "551188887777",
  "551177776666",
  "5511977776666",
] as const;

/** What happens to webhooks on their way. */
export const WEBHOOK_FAULTS: readonly WebhookFaults[] = [
  {},
  { duplicate: true },
  { reorder: true },
  { duplicate: true, reorder: true },
  { delayMs: 2_000 },
  { delayMs: 20_000 },
];

/** What happens to the next report of a state. */
export const REPORT_FAULTS: readonly ReportFault[] = [
  { state: "open", lateMs: "lost" },
  { state: "open", lateMs: "lost" },
  { state: "open", lateMs: 30_000 },
  { state: "open", lateMs: 4 * MINUTE },
  { state: "close", lateMs: "lost" },
  { state: "close", lateMs: 30_000 },
];

/** Zones of gateways, from the true time: as people set them, and as daylight saving changes them. */
export const CLOCKS_OFF_HOURS = [-8, -4, -3, -1, 0, 1, 3, 5.5] as const;

/** One gateway a run; mostly the version that most have. */
export const VERSIONS: readonly Version[] = [
  ...Array.from({ length: 8 }, () => "2.3.7" as const),
  "2.3.6",
  "2.4.0-rc2",
];
