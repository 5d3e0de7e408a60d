/**
 * The fleet's gateways: simulated ones, asked without HTTP, and what may stand in front of them.
 *
 * @module
 */

import { createEvolutionSimulator, type EvolutionSimulator } from "../../../evolution/simulator.ts";
import { EndedError } from "../../../evolution/model/background.ts";
import type { Device } from "../../../evolution/model/gateway.ts";
import type { Instance } from "../../../evolution/model/instance.ts";
import { failure } from "../../../evolution/routes/answers.ts";
import { connectionRefused } from "../../../evolution/routes/gate.ts";
import { readState } from "../../../evolution/routes/instances.ts";
import type { VirtualClock } from "../../../world/virtual-clock.ts";
import type { GatewayMood } from "./happening.ts";
import type { FleetPlan, PlannedNumber } from "./plan.ts";

/** Every gateway's global key. */
export const FLEET_KEY = "fleet-gateway-key-0001";

/** A live loop's pause: slower than the real one, and still heard in every look of 12 seconds. */
const RECONNECT_LOOP_MS = 7_000;
/** Fewer pictures than the real one draws; a pairing is waited for as long. */
const QR_LIFETIME_MS = 125_000;
const QR_LIMIT = 6;

/** A call of a gateway: its place, the path, and which number's row of the registry is asked for. */
const GATEWAY_CALL = /^http:\/\/gateway-(\d+)\.test\/([^?]*)(?:\?instanceName=(.*))?$/;

/** A call that reached a gateway, or what stands in its place. */
export interface FleetCall {
  readonly route: string;
  readonly number: PlannedNumber;
}

/** One gateway of the fleet. */
interface FleetGateway {
  readonly url: string;
  readonly simulator: EvolutionSimulator;
  /** What answers in its place; null: itself. */
  mood: GatewayMood | null;
  /** Since when it answers as itself, in virtual ms. */
  answersSince: number;
  readonly numbers: PlannedNumber[];
}

/** All gateways of a fleet. */
export class FleetGateways {
  readonly all: readonly FleetGateway[];
  /** Numbers through which WhatsApp answers `rate-overlimit`. */
  readonly limited = new Set<number>();
  /** Calls of each route, by whoever makes them. */
  readonly calls = new Map<string, number>();
  readonly #instances: Instance[] = [];
  readonly #byName = new Map<string, PlannedNumber>();
  readonly #byPhone = new Map<string, PlannedNumber>();
  /** Hears of every call before it is answered. */
  onCall: (call: FleetCall) => void = () => {};
  /** Takes every webhook that leaves a gateway. */
  onWebhook: (number: PlannedNumber, event: string, data: unknown) => void = () => {};

  /** Pairs every number of a plan. */
  constructor(plan: FleetPlan, private readonly clock: VirtualClock) {
    for (const member of plan.members) {
      this.#byName.set(member.name, member);
      this.#byPhone.set(member.phone, member);
    }
    this.all = Array.from({ length: plan.gateways }, (_, place) => {
      const simulator = createEvolutionSimulator({
        clock,
        apiKey: FLEET_KEY,
        seed: plan.seed * 1_000 + place,
        serverUrl: gatewayUrl(place),
        reconnectLoopMs: RECONNECT_LOOP_MS,
        qrLifetimeMs: QR_LIFETIME_MS,
        qrLimit: QR_LIMIT,
        elsewhere: (phone) => this.#deviceOf(phone, place),
        emit: ({ name }, event, data) => this.onWebhook(this.#byName.get(name)!, event, data),
      });
      return {
        url: gatewayUrl(place),
        simulator,
        mood: null,
        answersSince: clock.monotonicMs(),
        numbers: plan.members.filter(({ gateway }) => gateway === place),
      };
    });
    for (const { name, phone, gateway, index } of plan.members) {
      const { control } = this.all[gateway]!.simulator;
      control.createPaired({ name, phone });
      this.#instances[index] = control.instance(name);
    }
  }

  /** A number that is paired at another gateway. */
  #deviceOf(phone: string, place: number): Device | undefined {
    const number = this.#byPhone.get(phone);
    return number === undefined || number.gateway === place
      ? undefined
      : this.all[number.gateway]!.simulator.deviceOf(phone);
  }

  /** A number from inside. */
  instance(number: number): Instance {
    return this.#instances[number]!;
  }

  /** The gateway of a number. */
  of({ gateway }: PlannedNumber): FleetGateway {
    return this.all[gateway]!;
  }

  /** Whether WhatsApp answers through a number's socket. */
  isAlive(number: number): boolean {
    const instance = this.instance(number);
    return instance.inMemory && instance.socket === "open";
  }

  /** Lets something answer in a gateway's place, or nothing any more. */
  setMood(gateway: FleetGateway, mood: GatewayMood | null): void {
    if (gateway.mood !== null && mood === null) gateway.answersSince = this.clock.monotonicMs();
    gateway.mood = mood;
  }

  /** For the functions. @throws {TypeError} Where a real `fetch` would. */
  readonly fetch: typeof fetch = async (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    const [, place, path, query] = GATEWAY_CALL.exec(url)!;
    const gateway = this.all[Number(place)]!;
    const segments = path!.split("/");
    const number = this.#byName.get(decodeURIComponent(query ?? segments.at(-1)!));
    const route = segments.at(number !== undefined && query === undefined ? -2 : -1)!;
    this.calls.set(route, (this.calls.get(route) ?? 0) + 1);
    if (number !== undefined) this.onCall({ route, number });
    switch (gateway.mood) {
      case "down":
        throw connectionRefused(url);
      case "hangs":
        return await never(init?.signal ?? new Request(input, init).signal);
      case "answers anything":
        return json(200, { status: 200, message: "ok" });
    }
    return this.#answerAtOnce(route, number) ??
      await gateway.simulator.fetch(new Request(input, init));
  };

  /**
   * The two questions that are asked all day, without HTTP and without the gateway's few milliseconds:
   * what the memory says, and the probe of a number that lives. Null: the gateway itself answers.
   */
  #answerAtOnce(route: string, number: PlannedNumber | undefined): Response | null {
    if (number === undefined) return null;
    const { index, isBusiness, phone } = number;
    if (route === "connectionState") {
      const { status, body } = readState({ instance: this.instance(index) });
      return json(status, body);
    }
    if (route !== "fetchBusinessProfile" || !this.isAlive(index)) return null;
    if (this.limited.has(index)) {
      const { status, body } = failure(500, [
        "Error updating profile name",
        "Error: rate-overlimit",
      ]);
      return json(status, body);
    }
    const jid = `${phone}@s.whatsapp.net`;
    return json(
      200,
      isBusiness ? { isBusiness: true, wid: jid, description: "" } : {
        isBusiness: false,
        message: "Not is business profile",
        jid,
        exists: true,
        number: phone,
      },
    );
  }

  /** Ends all of them. */
  async close(): Promise<void> {
    await Promise.all(this.all.map(({ simulator }) => simulator.close()));
  }
}

function gatewayUrl(place: number): string {
  return `http://gateway-${place}.test`;
}

function json(status: number, body: unknown): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { "content-type": "application/json; charset=utf-8" },
  });
}

/** No answer, until whoever asks has waited long enough. */
function never(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const leave = () => reject(signal.reason ?? new EndedError("the call"));
    if (signal.aborted) return leave();
    signal.addEventListener("abort", leave, { once: true });
  });
}
