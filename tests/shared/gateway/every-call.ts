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

/** The three sends. */
export const SENDS: readonly NamedCall[] = [
  {
    name: "sendText",
    limit: "send",
    run: (gateway) => gateway.sendText({ number: NUMBER, text: "contract" }),
  },
  {
    name: "sendMedia",
    limit: "send",
    run: (gateway) => gateway.sendMedia({ number: NUMBER, mediatype: "image", media: "iVBORw0=" }),
  },
  {
    name: "sendAudio",
    limit: "send",
    run: (gateway) => gateway.sendAudio({ number: NUMBER, audio: "T2dnUw==" }),
  },
];

/** All the others. */
export const OTHER_CALLS: readonly NamedCall[] = [
  { name: "probe", limit: "probe", run: (gateway) => gateway.probe("5511910000002") },
  { name: "logout", limit: "logout", run: (gateway) => gateway.logout() },
  { name: "registry", limit: "read", run: (gateway) => gateway.registry() },
  { name: "memory", limit: "read", run: (gateway) => gateway.memory() },
  { name: "connect", limit: "connect", run: (gateway) => gateway.connect() },
  { name: "restart", limit: "restart", run: (gateway) => gateway.restart() },
  { name: "webhook", limit: "read", run: (gateway) => gateway.webhook() },
  {
    name: "setWebhook",
    limit: "read",
    run: (gateway) =>
      gateway.setWebhook({ url: "http://127.0.0.1:8092/hook", events: ["CONNECTION_UPDATE"] }),
  },
  {
    name: "findMessages",
    limit: "find",
    run: (gateway) =>
      gateway.findMessages({
        from: new Date("2026-11-26T19:12:33.378Z"),
        until: new Date("2026-11-26T19:22:33.378Z"),
        page: 1,
        size: 100,
      }),
  },
  {
    name: "file",
    limit: "file",
    run: (gateway) =>
      gateway.file("3A01", {
        bytes: 500_000,
        allBytes: 1_000_000,
        admit: () => Promise.resolve(),
      }),
  },
  { name: "presence", limit: "read", run: (gateway) => gateway.presence(NUMBER) },
  { name: "deleteMessage", limit: "read", run: (gateway) => gateway.deleteMessage(NUMBER, "3EB0") },
  { name: "create", limit: "create", run: (gateway) => gateway.create() },
  { name: "remove", limit: "create", run: (gateway) => gateway.remove() },
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
