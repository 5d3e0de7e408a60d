/**
 * A stateful stand-in for Evolution API 2.3.7, as measured on the real server: in process, or over
 * HTTP with `serve.ts`. It has no clock and no chance of its own: both are given.
 *
 * Imports go one way: `control` → `routes` → `session` and `webhooks` → `model`.
 *
 * @module
 */

import { Hono } from "hono";
import type { Clock } from "../../supabase/functions/_shared/runtime/clock.ts";
import { EvolutionControl } from "./control/control.ts";
import { CONTROL_PREFIX, controlRoutes } from "./control/http.ts";
import { Background, EndedError, orAborted } from "./model/background.ts";
import { type Device, Gateway, type GatewayTimes, MEASURED_TIMES } from "./model/gateway.ts";
import type { Instance } from "./model/instance.ts";
import { Random } from "./model/random.ts";
import type { Version } from "./model/versions.ts";
import { type Answer, failure, ok } from "./routes/answers.ts";
import { chatRoutes } from "./routes/chat.ts";
import { type CallRecord, connectionReset, Gate } from "./routes/gate.ts";
import { type Call, Guard } from "./routes/guard.ts";
import { instanceRoutes } from "./routes/instances.ts";
import { messageRoutes } from "./routes/messages.ts";
import { settingRoutes } from "./routes/settings.ts";
import { WebhookSender } from "./webhooks/sender.ts";

/** What {@linkcode createEvolutionSimulator} takes; times and limits are as measured, unless given. */
export interface EvolutionSimulatorOptions extends Partial<GatewayTimes> {
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
  /** What becomes of a webhook, in the place of sending it; for whoever takes it without HTTP. */
  readonly emit?: (instance: Instance, event: string, data: unknown) => void;
  /** A paired device of another gateway, by its number; none unless given. */
  readonly elsewhere?: (phone: string) => Device | undefined;
  /** The same seed gives the same ids, tokens and QR codes. Default 1. */
  readonly seed?: number;
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
  /** A number's device, wherever it is paired. */
  readonly deviceOf: (phone: string) => Device | undefined;
  /** Ends every loop, request and webhook; resolves when they are gone. */
  readonly close: () => Promise<void>;
}

/** Starts a gateway without instances. */
export function createEvolutionSimulator({
  clock,
  apiKey,
  version = "2.3.7",
  licensed = false,
  deliver = (request) => globalThis.fetch(request),
  emit,
  elsewhere = () => undefined,
  seed = 1,
  serverUrl = "http://127.0.0.1:8080",
  ...times
}: EvolutionSimulatorOptions): EvolutionSimulator {
  const background = new Background();
  const sender = new WebhookSender({
    clock,
    background,
    deliver,
    serverUrl,
    rules: () => gateway.rules,
  });
  const settings = {
    ...MEASURED_TIMES,
    ...times,
    clock,
    background,
    random: new Random(seed),
    apiKey,
    elsewhere,
    emit: emit ?? sender.emit.bind(sender),
  };
  const gateway: Gateway = new Gateway(settings, version, licensed);
  const gate = new Gate(gateway);
  const control = new EvolutionControl(gateway, gate, sender);
  const app = createApi(gateway, gate).route(CONTROL_PREFIX, controlRoutes(control, gate.calls));
  return {
    // The caller may leave; what it asked for goes on, as on the real gateway.
    fetch: async (request) => {
      try {
        const either = AbortSignal.any([request.signal, background.signal]);
        return await orAborted(Promise.resolve(app.fetch(request)), either);
      } catch (error) {
        throw error instanceof EndedError ? connectionReset(request.url) : error;
      }
    },
    control,
    calls: gate.calls,
    deviceOf: gateway.deviceOf.bind(gateway),
    close: () => background.close(),
  };
}

function createApi(gateway: Gateway, gate: Gate): Hono {
  const guard = new Guard(gateway, gate);
  return new Hono()
    .get("/", guard.onGateway("root", "public", welcome))
    .route("/instance", instanceRoutes(guard))
    .route("/message", messageRoutes(guard))
    .route("/chat", chatRoutes(guard))
    .route("/", settingRoutes(guard))
    .notFound((context) => {
      const { method, url } = context.req;
      const message = `Cannot ${method} ${new URL(url).pathname}`;
      return guard.onGateway("unknown", "public", () => failure(404, [message]))(context);
    })
    .onError((error) => {
      throw error;
    });
}

function welcome({ gateway }: Call): Answer {
  return ok({
    status: 200,
    message: "Welcome to the Evolution API, it is working!",
    version: gateway.version,
    clientName: "evolution",
    documentation: "https://doc.evolution-api.com",
    whatsappWebVersion: "2.3000.1029000000",
  });
}
