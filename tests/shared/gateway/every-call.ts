/**
 * The client's calls, so that one test can try them all.
 *
 * @module
 */

import {
  createGateway,
  type Gateway,
  type GatewayLimits,
  type Measured,
} from "../../../supabase/functions/_shared/gateway/client.ts";
import { VirtualClock } from "../../../dev/world/virtual-clock.ts";

/** An end of any call. */
type AnyOutcome = Measured & { readonly outcome: string };

/** One call with plain arguments, by its limit. */
interface NamedCall {
  readonly name: keyof Gateway;
  readonly limit: keyof GatewayLimits;
  readonly run: (gateway: Gateway) => Promise<AnyOutcome>;
}

const NUMBER = "5511988887777";

const call = (
  name: keyof Gateway,
  limit: keyof GatewayLimits,
  run: (gateway: Gateway) => Promise<AnyOutcome>,
): NamedCall => ({ name, limit, run });

const webhook = { url: "http://127.0.0.1:8092/hook", events: ["CONNECTION_UPDATE"] } as const;
const image = { number: NUMBER, mediatype: "image", media: "iVBORw0=" } as const;

/** The three sends. */
export const SENDS: readonly NamedCall[] = [
  call("sendText", "send", (gateway) => gateway.sendText({ number: NUMBER, text: "contract" })),
  call("sendMedia", "send", (gateway) => gateway.sendMedia(image)),
  call("sendAudio", "send", (gateway) => gateway.sendAudio({ number: NUMBER, audio: "T2dnUw==" })),
];

/** All the others. */
export const OTHER_CALLS: readonly NamedCall[] = [
  call("probe", "probe", (gateway) => gateway.probe("5511910000002")),
  call("logout", "logout", (gateway) => gateway.logout()),
  call("registry", "read", (gateway) => gateway.registry()),
  call("memory", "read", (gateway) => gateway.memory()),
  call("connect", "connect", (gateway) => gateway.connect()),
  call("restart", "restart", (gateway) => gateway.restart()),
  call("webhook", "read", (gateway) => gateway.webhook()),
  call("setWebhook", "read", (gateway) => gateway.setWebhook(webhook)),
  call("create", "create", (gateway) => gateway.create()),
  call("remove", "create", (gateway) => gateway.remove()),
];

/** Every call there is. */
export const EVERY_CALL: readonly NamedCall[] = [...SENDS, ...OTHER_CALLS];

/** Makes one call of a client of its own and lets the clock run until it has ended. */
export function runCall(
  call: NamedCall["run"],
  fetch: typeof globalThis.fetch,
  { clock = new VirtualClock(), instanceName = "c-open", apiUrl = "http://gateway.test" }: {
    readonly clock?: VirtualClock;
    readonly instanceName?: string;
    readonly apiUrl?: string;
  } = {},
): Promise<AnyOutcome> {
  const gateway = createGateway({ apiUrl, apiKey: "KEY", instanceName }, { fetch, clock });
  return clock.until(call(gateway));
}
