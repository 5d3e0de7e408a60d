/**
 * The control API over HTTP: `/__control/<name>` with the arguments as one JSON object; answers 200
 * `{ok: true, result}`, or 400/404 `{ok: false, error}`.
 *
 * @module
 */

import { Hono } from "hono";
import { z } from "zod";
import { DEAF_KIND_NAMES } from "../model/deaf-kinds.ts";
import { GHOST_KINDS } from "../model/ghost-kinds.ts";
import { VERSIONS } from "../model/versions.ts";
import { type CallRecord, Fault } from "../routes/gate.ts";
import { DeafOptions } from "../session/deafness.ts";
import { GhostOptions } from "../session/ghosts.ts";
import { Incoming } from "../session/incoming.ts";
import { ReceiverAway, ReportFault, WebhookFaults } from "../webhooks/sender.ts";
import { type EvolutionControl } from "./control.ts";
import { ControlError, PairedSeed, WhatsAppChange } from "./changes.ts";

/** Where the control API is. */
export const CONTROL_PREFIX = "/__control/";

const name = z.string();

/**
 * The routes below {@linkcode CONTROL_PREFIX}.
 *
 * @param calls What `calls` lists.
 */
export function controlRoutes(control: EvolutionControl, calls: readonly CallRecord[]): Hono {
  const app = new Hono();
  const on = <Shape extends z.ZodRawShape>(
    command: string,
    args: Shape,
    run: (args: z.infer<z.ZodObject<Shape>>) => unknown,
  ) =>
    app.all(command, async ({ req }) => {
      const text = await req.text();
      const result = run(z.object(args).parse(text === "" ? {} : JSON.parse(text)));
      return Response.json({ ok: true, result: result ?? null });
    });
  on("calls", {}, () => calls);
  on("createPaired", PairedSeed.shape, (seed) => control.createPaired(seed));
  const ghost = { name, kind: z.enum(GHOST_KINDS), options: GhostOptions.optional() };
  on("ghost", ghost, ({ name, kind, options }) => control.ghost(name, kind, options));
  const deaf = { name, kind: z.enum(DEAF_KIND_NAMES), options: DeafOptions.optional() };
  on("deaf", deaf, ({ name, kind, options }) => control.deaf(name, kind, options));
  on("hearAgain", { name }, ({ name }) => control.hearAgain(name));
  on("phoneOff", { name, off: z.boolean() }, ({ name, off }) => control.phoneOff(name, off));
  const whatsapp = { change: WhatsAppChange, name: name.optional() };
  on("whatsapp", whatsapp, ({ change, name }) => control.whatsapp(change, name));
  on("blip", { name }, ({ name }) => control.blip(name));
  const restart = { forgets: z.array(name).optional(), asMeasured: z.boolean().optional() };
  on("restartProcess", restart, (options) => control.restartProcess(options));
  on("gatewayDown", { on: z.boolean() }, ({ on }) => control.gatewayDown(on));
  on("slow", { route: z.string(), ms: z.number() }, ({ route, ms }) => control.slow(route, ms));
  const scope = { times: z.number().optional(), instance: name.optional() };
  on(
    "fault",
    { route: z.string(), fault: Fault, ...scope },
    ({ route, fault, ...scope }) => control.fault(route, fault, scope),
  );
  on("clearFaults", {}, () => control.clearFaults());
  const scan = { name, code: z.string().optional(), phone: z.string().optional() };
  on("scan", scan, ({ name, ...options }) => control.scan(name, options));
  const removal = { name, code: z.literal([401, 402, 403, 406]).optional() };
  on("removeDevice", removal, ({ name, code }) => control.removeDevice(name, code));
  const inbound = { name, ...Incoming.shape };
  on("inbound", inbound, ({ name, ...message }) => control.inbound(name, message));
  on("expireFiles", {}, () => control.expireFiles());
  const acks = { name, acks: z.enum(["off", "on", "read"]) };
  on("acks", acks, ({ name, acks }) => control.acks(name, acks));
  on("webhooks", WebhookFaults.shape, (faults) => control.webhooks(faults));
  const away = ReceiverAway.nullable();
  on("receiverAway", { away }, ({ away }) => control.receiverAway(away));
  on("reportFault", ReportFault.shape, (fault) => control.reportFault(fault));
  on("clockOff", { ms: z.number() }, ({ ms }) => control.clockOff(ms));
  const webhook = { name, event: z.string(), data: z.unknown() };
  on("webhook", webhook, ({ name, event, data }) => control.webhook(name, event, data));
  on("setVersion", { version: z.enum(VERSIONS) }, ({ version }) => control.setVersion(version));
  on("licence", { active: z.boolean() }, ({ active }) => control.licence(active));
  on("inspect", { name }, ({ name }) => control.inspect(name));
  on("instances", {}, () => control.instances());
  on("stored", { name }, ({ name }) => control.stored(name));
  on("delivered", { name }, ({ name }) => control.delivered(name));
  app.all("*", ({ req }) => {
    return refuse(404, `there is no control "${req.path.slice(CONTROL_PREFIX.length)}"`);
  });
  return app.onError((error) => {
    if (error instanceof ControlError) return refuse(error.status, error.message);
    if (error instanceof z.ZodError) return refuse(400, z.prettifyError(error));
    if (error instanceof SyntaxError) return refuse(400, error.message);
    throw error;
  });
}

function refuse(status: number, error: string): Response {
  return Response.json({ ok: false, error }, { status });
}
