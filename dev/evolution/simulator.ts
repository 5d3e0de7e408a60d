/**
 * A stateful stand-in for Evolution API 2.3.7, as measured on the real server: in process, or over
 * HTTP with `serve.ts`. It has no clock and no chance of its own: both are given.
 *
 * @module
 */

import type { Clock } from "../../supabase/functions/_shared/runtime/clock.ts";
import { Background, EndedError, orAborted } from "./background.ts";
import { CallLog, type CallRecord } from "./calls.ts";
import { createControl } from "./control/control-actions.ts";
import { CONTROL_PREFIX, respondToControl } from "./control/control-http.ts";
import type { EvolutionControl } from "./control/control.ts";
import {
  connectionRefused,
  connectionReset,
  Gate,
  invalidJson,
  responseOf,
} from "./session/gate.ts";
import { measuredLatency } from "./latency.ts";
import type { Version } from "./model.ts";
import { Random } from "./random.ts";
import { type Match, matchRoute, respond } from "./routes/router.ts";
import { VERSION_RULES } from "./versions.ts";
import { WebhookSender } from "./webhooks/webhooks.ts";
import { World } from "./world.ts";

/** What {@linkcode createEvolutionSimulator} takes. */
export interface EvolutionSimulatorOptions {
  readonly clock: Clock;
  /** The global key. */
  readonly apiKey: string;
  /** Default 2.3.7, the one that was measured. */
  readonly version?: Version;
  /** Whether a version that needs a licence has one; default false. */
  readonly licensed?: boolean;
  /**
   * How webhooks leave; default `fetch`. Under a virtual clock wrap it in `clock.track`, so that
   * time stands still while the receiver works.
   */
  readonly deliver?: (request: Request) => Promise<Response>;
  /** The same seed gives the same ids, tokens and QR codes. Default 1. */
  readonly seed?: number;
  /** Milliseconds by route, and for `whatsapp`: one round trip. Default: as measured. */
  readonly latency?: (route: string) => number;
  /** Pause between two `connecting` webhooks of a live loop, in milliseconds; default 200. */
  readonly reconnectLoopMs?: number;
  /** Until one of two sockets throws the other out, in milliseconds; default 600. */
  readonly conflictMs?: number;
  /** How long a QR code is valid, in milliseconds; default 25 000. */
  readonly qrLifetimeMs?: number;
  /** QR codes shown before the gateway gives up; default 30. */
  readonly qrLimit?: number;
  /** How long a deleted instance's name stays taken, in milliseconds; default 27 000. */
  readonly nameFreedAfterMs?: number;
  /** The gateway's own address, as webhooks name it. */
  readonly serverUrl?: string;
}

/** The simulated gateway. */
export interface EvolutionSimulator {
  /**
   * Evolution's HTTP API, and the control API under `/__control/`.
   *
   * @throws {TypeError} Where a real `fetch` would: connection refused, broken, or closed.
   */
  readonly fetch: (request: Request) => Promise<Response>;
  /** The control API, in process. */
  readonly control: EvolutionControl;
  /** Every call that came in, oldest first. */
  readonly calls: readonly CallRecord[];
  /** Ends every loop, request and webhook; resolves when they are gone. */
  readonly close: () => Promise<void>;
}

/** Starts a gateway without instances. */
export function createEvolutionSimulator(options: EvolutionSimulatorOptions): EvolutionSimulator {
  const { clock, version = "2.3.7" } = options;
  const background = new Background();
  const webhooks = new WebhookSender({
    clock,
    background,
    deliver: options.deliver ?? ((request) => globalThis.fetch(request)),
    serverUrl: options.serverUrl ?? "http://127.0.0.1:8080",
  });
  const settings = {
    clock,
    background,
    webhooks,
    random: new Random(options.seed ?? 1),
    apiKey: options.apiKey,
    latency: options.latency ?? measuredLatency,
    reconnectLoopMs: options.reconnectLoopMs ?? 200,
    conflictMs: options.conflictMs ?? 600,
    qrLifetimeMs: options.qrLifetimeMs ?? 25_000,
    qrLimit: options.qrLimit ?? 30,
    nameFreedAfterMs: options.nameFreedAfterMs ?? 27_000,
  };
  const world = new World(settings, VERSION_RULES[version], options.licensed ?? false);
  const gate = new Gate();
  const control = createControl(world, gate);
  const log = new CallLog();

  const serve = async (request: Request): Promise<Response> => {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith(CONTROL_PREFIX)) {
      return await respondToControl(control, log.records, request);
    }
    if (gate.down || background.signal.aborted) throw connectionRefused(request.url);
    const match = matchRoute(request.method, pathname);
    const answered = log.open({
      at: clock.now(),
      method: request.method,
      route: match?.route.name ?? "unknown",
      instance: match?.instanceName ?? null,
    });
    const response = await answer(world, gate, request, match);
    answered(response.status, clock.now());
    return response;
  };

  return {
    // The caller may leave; what it asked for goes on, as on the real gateway.
    fetch: async (request) => {
      try {
        const either = AbortSignal.any([request.signal, background.signal]);
        return await orAborted(serve(request), either);
      } catch (error) {
        throw error instanceof EndedError ? connectionReset(request.url) : error;
      }
    },
    control,
    calls: log.records,
    close: () => background.close(),
  };
}

/** The answer, after the route's time, or what a fault makes of it. */
async function answer(
  world: World,
  gate: Gate,
  request: Request,
  match: Match | null,
): Promise<Response> {
  const route = match?.route.name ?? "unknown";
  const body = await request.text();
  await world.sleep(world.settings.latency(route) + gate.slownessOf(route));
  const fault = gate.take(route, match?.instanceName ?? null);
  if (fault === "hang") return await new Promise<never>(() => {});
  if (fault === "invalid-json") return invalidJson();
  if (fault !== null && fault !== "cut") return responseOf(fault);
  const response = responseOf(await respond(world, request, match, body));
  if (fault === "cut") throw connectionReset(request.url);
  return response;
}
