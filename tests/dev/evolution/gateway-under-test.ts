/**
 * Tests of a simulated gateway on a virtual clock, with a receiver for its webhooks.
 *
 * @module
 */

import {
  createEvolutionSimulator,
  type EvolutionSimulator,
  type EvolutionSimulatorOptions,
} from "../../../dev/evolution/simulator.ts";
import { ACCEPTED_EVENTS } from "../../../dev/evolution/webhooks/setting.ts";
import { VirtualClock } from "../../../dev/world/virtual-clock.ts";

export const API_KEY = "LAB-GLOBAL-KEY-0001";
const KEY = { apikey: API_KEY };
export const RECEIVER = "http://receiver.test/hook";
/** A webhook that asks for everything. */
export const WEBHOOK = { url: RECEIVER, events: ACCEPTED_EVENTS };
/** A number that every open instance under test has written to before. */
export const KNOWN_NUMBER = "5511988887777";
/** A number that no gateway under test has ever written to. */
export const NEW_NUMBER = "5521902953118";
/** The own number of an open instance under test. */
export const OWN_NUMBER = "5511910000002";

/** A webhook as it reached the receiver. */
interface Received {
  /** Milliseconds since the gateway's start. */
  readonly atMs: number;
  readonly url: string;
  readonly headers: Headers;
  readonly event: string;
  readonly body: Record<string, unknown>;
  readonly data: Record<string, unknown>;
}

/** An answer, and how long it took in virtual milliseconds. */
export interface Answered {
  readonly status: number;
  readonly body: unknown;
  readonly ms: number;
}

/** A gateway and everything around it. */
export interface GatewayUnderTest extends EvolutionSimulator {
  readonly clock: VirtualClock;
  readonly received: Received[];
  /** Calls the gateway with the global key, unless told otherwise. */
  readonly call: (
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<Answered>;
  /** The same without moving time: for calls at the same moment. */
  readonly start: (method: string, path: string, body?: unknown) => Promise<Answered>;
  /** `state/registry/paired` of the instance `x`, such as `open/open/paired`. */
  readonly state: () => string;
  /** What arrived since the last look, as `connection.update:close/401`. */
  readonly news: () => string[];
}

/** Options of a test's gateway. */
export interface UnderTestOptions extends Partial<EvolutionSimulatorOptions> {
  /** The receiver's answer to its nth delivery, from 1; 200 unless given. */
  readonly receive?: (delivery: number) => number | "hang";
  /** How long the receiver works on its nth delivery, in milliseconds; 0 unless given. */
  readonly receiverTakesMs?: (delivery: number) => number;
}

type GatewayTest = (gateway: GatewayUnderTest) => Promise<void>;

/** A test on a fresh gateway. */
export function gatewayTest(name: string, test: GatewayTest, options?: UnderTestOptions): void {
  Deno.test(name, () => underTest(test, options));
}

/** A test on a fresh gateway with the open instance `x`; see {@linkcode openInstance}. */
export function openTest(name: string, test: GatewayTest, options?: UnderTestOptions): void {
  gatewayTest(name, (gateway) => openInstance(gateway).then(() => test(gateway)), options);
}

/** Runs `test` on a fresh gateway; fails where the gateway leaves something running. */
export async function underTest(
  test: GatewayTest,
  { receive = () => 200, receiverTakesMs = () => 0, ...options }: UnderTestOptions = {},
): Promise<void> {
  const start = new Date("2026-11-22T21:00:00.000Z");
  const clock = new VirtualClock(start);
  const received: Received[] = [];
  let deliveries = 0;
  let seen = 0;
  const gateway = createEvolutionSimulator({
    clock,
    apiKey: API_KEY,
    deliver: async (request) => {
      const verdict = receive(++deliveries);
      const body = await request.json() as Record<string, unknown>;
      const work = receiverTakesMs(deliveries);
      if (work > 0) await clock.sleep(work);
      received.push({
        atMs: clock.now().getTime() - start.getTime(),
        url: request.url,
        headers: request.headers,
        event: String(body.event),
        body,
        data: (body.data ?? {}) as Record<string, unknown>,
      });
      if (verdict === "hang") return await new Promise<never>(() => {});
      return new Response(null, { status: verdict });
    },
    ...options,
  });
  const request: GatewayUnderTest["call"] = async (method, path, body, given = KEY) => {
    const before = clock.now().getTime();
    const headers = { "content-type": "application/json", ...given };
    const text = typeof body === "string" ? body : JSON.stringify(body) ?? null;
    const init = { method, headers, body: text };
    const response = await gateway.fetch(new Request(`http://gateway.test${path}`, init));
    const answer = await response.json() as unknown;
    return { status: response.status, body: answer, ms: clock.now().getTime() - before };
  };
  try {
    await test({
      ...gateway,
      clock,
      received,
      call: (...asked) => clock.until(request(...asked)),
      start: request,
      state: () => {
        const { memory, registry, paired } = gateway.control.inspect("x");
        return `${memory ?? "none"}/${registry}/${paired ? "paired" : "unpaired"}`;
      },
      news: () => received.slice(seen, seen = received.length).map(summary),
    });
  } finally {
    await gateway.close();
  }
}

/** `connection.update:close/401`, as the recorded scenarios print webhooks. */
export function summary({ event, data }: Pick<Received, "event" | "data">): string {
  const state = data.state ?? data.status;
  if (state === undefined) return event;
  const code = data.statusReason ?? data.disconnectionReasonCode;
  return code === undefined ? `${event}:${state}` : `${event}:${state}/${code}`;
}

/** An open instance whose webhooks reach the receiver, and a number it has written to. */
export async function openInstance(
  gateway: GatewayUnderTest,
  name = "x",
  { token, phone = OWN_NUMBER }: { readonly token?: string; readonly phone?: string } = {},
): Promise<void> {
  gateway.control.createPaired({ name, phone, token, webhook: WEBHOOK });
  await gateway.call("POST", `/message/sendText/${name}`, { number: KNOWN_NUMBER, text: "hello" });
  await gateway.clock.advance(1_000);
  gateway.news();
}

/** `POST /instance/create`. */
export function createInstance(
  gateway: GatewayUnderTest,
  instanceName = "x",
  more: Record<string, unknown> = {},
): Promise<Answered> {
  const body = { instanceName, integration: "WHATSAPP-BAILEYS", ...more };
  return gateway.call("POST", "/instance/create", body);
}

/** Sends a text through `x`. */
export function sendText(gateway: GatewayUnderTest, number = KNOWN_NUMBER): Promise<Answered> {
  return gateway.call("POST", "/message/sendText/x", { number, text: "?" });
}

/** Whether a text sent now leaves for WhatsApp. */
export async function delivers(gateway: GatewayUnderTest): Promise<boolean> {
  const before = gateway.control.delivered("x").length;
  const { status } = await sendText(gateway);
  return status === 201 && gateway.control.delivered("x").length === before + 1;
}

/** What `GET /instance/connect` answers for `x`. */
export async function connect(
  gateway: GatewayUnderTest,
): Promise<{ count: number; code: string; base64: string }> {
  const { body } = await gateway.call("GET", "/instance/connect/x");
  return body as { count: number; code: string; base64: string };
}

/** The status of a call about `x`, such as `DELETE /instance/logout`. */
export async function statusOf(gateway: GatewayUnderTest, call: string): Promise<number> {
  const [method = "", path] = call.split(" ");
  return (await gateway.call(method, `${path}/x`)).status;
}
