/**
 * A simulated gateway on a virtual clock, with a receiver for its webhooks.
 *
 * @module
 */

import {
  createEvolutionSimulator,
  type EvolutionSimulator,
  type EvolutionSimulatorOptions,
} from "../../../dev/evolution/simulator.ts";
import { WEBHOOK_EVENTS } from "../../../dev/evolution/webhooks/webhook-events.ts";
import { VirtualClock } from "../../../dev/world/virtual-clock.ts";

export const API_KEY = "LAB-GLOBAL-KEY-0001";
export const RECEIVER = "http://receiver.test/hook";
/** A number that every gateway under test has written to before. */
export const KNOWN_NUMBER = "5511988887777";
/** A number that no gateway under test has ever written to. */
export const NEW_NUMBER = "5521902953118";

/** A webhook as it reached the receiver. */
export interface Received {
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

/** See {@linkcode underTest}. */
export interface GatewayUnderTest {
  readonly clock: VirtualClock;
  readonly gateway: EvolutionSimulator;
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
  /** `state/registry/paired` of an instance, such as `open/open/paired`. */
  readonly state: (name: string) => string;
  /** What arrived since the last look, as `connection.update:close/401`. */
  readonly news: () => string[];
}

/** Options of {@linkcode underTest}. */
export interface UnderTestOptions extends Partial<EvolutionSimulatorOptions> {
  /** The receiver's answer to its nth delivery, from 1; 200 unless given. */
  readonly receive?: (delivery: number) => number | "hang";
  /** How long the receiver works on its nth delivery, in milliseconds; 0 unless given. */
  readonly receiverTakesMs?: (delivery: number) => number;
}

/** Runs `test` on a fresh gateway; fails where the gateway leaves something running. */
export async function underTest(
  test: (world: GatewayUnderTest) => Promise<void>,
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
  const request = async (
    method: string,
    path: string,
    body: unknown,
    headers: Readonly<Record<string, string>>,
  ): Promise<Answered> => {
    const before = clock.now().getTime();
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const response = await gateway.fetch(
      new Request(`http://gateway.test${path}`, {
        method,
        headers: { "content-type": "application/json", ...headers },
        ...(text === undefined ? {} : { body: text }),
      }),
    );
    const answer = await response.json() as unknown;
    return { status: response.status, body: answer, ms: clock.now().getTime() - before };
  };
  try {
    await test({
      clock,
      gateway,
      received,
      call: (method, path, body, headers = { apikey: API_KEY }) =>
        clock.until(request(method, path, body, headers)),
      start: (method, path, body) => request(method, path, body, { apikey: API_KEY }),
      state: (name) => {
        const { memory, registry, paired } = gateway.control.inspect(name);
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
  { gateway, call, clock, news }: GatewayUnderTest,
  name: string,
  { token, phone = "5511910000002" }: { readonly token?: string; readonly phone?: string } = {},
): Promise<void> {
  gateway.control.createPaired({
    name,
    phone,
    token,
    webhook: { url: RECEIVER, events: WEBHOOK_EVENTS },
  });
  await call("POST", `/message/sendText/${name}`, { number: KNOWN_NUMBER, text: "hello" });
  await clock.advance(1_000);
  news();
}
