/**
 * The control API over HTTP: `POST /__control/<name>` with the arguments as one JSON object.
 *
 * @module
 */

import { z } from "zod";
import { ControlError, type EvolutionControl, type WhatsAppChange } from "./control.ts";
import type { CallRecord } from "../calls.ts";
import type { Fault } from "../session/gate.ts";
import { GHOST_KINDS, type Version } from "../model.ts";

/** Where the control API is. */
export const CONTROL_PREFIX = "/__control/";

const name = z.string();
const Named = z.object({ name });

const WebhookSeed = z.object({
  url: z.string(),
  headers: z.record(z.string(), z.string()).optional(),
  events: z.array(z.string()).optional(),
  byEvents: z.boolean().optional(),
  base64: z.boolean().optional(),
});
const CreatePaired = z.object({
  name,
  phone: z.string(),
  token: z.string().optional(),
  webhook: WebhookSeed.optional(),
});
const Ghost = z.object({
  name,
  kind: z.enum(GHOST_KINDS),
  options: z.object({
    selfHeals: z.boolean().optional(),
    noticedAfterMs: z.number().optional(),
    falseSuccess: z.boolean().optional(),
    code: z.number().optional(),
  }).optional(),
});
const WhatsApp: z.ZodType<{ change: WhatsAppChange; name?: string | undefined }> = z.object({
  change: z.union([
    z.object({ reachable: z.literal(true) }),
    z.object({ refusing: z.literal(true) }),
    z.object({ hanging: z.union([z.literal(true), z.enum(["login", "upgrade"])]) }),
    z.object({ rejecting: z.number() }),
  ]),
  name: name.optional(),
});
const FaultBody: z.ZodType<Fault> = z.union([
  z.enum(["hang", "invalid-json", "cut"]),
  z.object({ status: z.number(), body: z.unknown(), times: z.number().optional() }),
]);
const Inbound = z.object({
  name,
  from: z.string(),
  text: z.string().optional(),
  media: z.object({
    kind: z.enum(["image", "video", "audio", "document"]),
    mimetype: z.string().optional(),
    url: z.string().optional(),
    base64: z.string().optional(),
    caption: z.string().optional(),
    fileName: z.string().optional(),
  }).optional(),
  pushName: z.string().optional(),
  fromMe: z.boolean().optional(),
});
const WebhookFaultsBody = z.object({
  duplicate: z.boolean().optional(),
  drop: z.union([z.boolean(), z.array(z.string())]).optional(),
  delayMs: z.number().optional(),
  reorder: z.boolean().optional(),
});
const VERSIONS = ["2.3.6", "2.3.7", "2.4.0-rc2"] as const satisfies readonly Version[];
const Code = z.union([z.literal(401), z.literal(402), z.literal(403), z.literal(406)]);

type Command = (control: EvolutionControl, body: unknown) => unknown;

/** A command: its arguments' schema, and the call. */
function command<T>(
  schema: z.ZodType<T>,
  run: (control: EvolutionControl, args: T) => unknown,
): Command {
  return (control, body) => run(control, schema.parse(body));
}

const COMMANDS: Readonly<Record<string, Command>> = {
  createPaired: command(CreatePaired, (control, seed) => control.createPaired(seed)),
  ghost: command(Ghost, (control, { name, kind, options }) => control.ghost(name, kind, options)),
  whatsapp: command(WhatsApp, (control, { change, name }) => control.whatsapp(change, name)),
  blip: command(Named, (control, { name }) => control.blip(name)),
  restartProcess: command(
    z.object({ forgets: z.array(z.string()).optional() }),
    (control, options) => control.restartProcess(options),
  ),
  gatewayDown: command(z.object({ on: z.boolean() }), (control, { on }) => control.gatewayDown(on)),
  slow: command(
    z.object({ route: z.string(), ms: z.number() }),
    (control, { route, ms }) => control.slow(route, ms),
  ),
  fault: command(
    z.object({
      route: z.string(),
      fault: FaultBody,
      times: z.number().optional(),
      instance: z.string().optional(),
    }),
    (control, { route, fault, ...scope }) => control.fault(route, fault, scope),
  ),
  clearFaults: command(z.unknown(), (control) => control.clearFaults()),
  scan: command(
    z.object({ name, code: z.string().optional(), phone: z.string().optional() }),
    (control, { name, ...options }) => control.scan(name, options),
  ),
  removeDevice: command(
    z.object({ name, code: Code.optional() }),
    (control, { name, code }) => control.removeDevice(name, code),
  ),
  inbound: command(Inbound, (control, { name, ...message }) => control.inbound(name, message)),
  acks: command(
    z.object({ name, acks: z.enum(["off", "on", "read"]) }),
    (control, { name, acks }) => control.acks(name, acks),
  ),
  webhooks: command(WebhookFaultsBody, (control, faults) => control.webhooks(faults)),
  setVersion: command(
    z.object({ version: z.enum(VERSIONS) }),
    (control, { version }) => control.setVersion(version),
  ),
  licence: command(
    z.object({ active: z.boolean() }),
    (control, { active }) => control.licence(active),
  ),
  inspect: command(Named, (control, { name }) => control.inspect(name)),
  instances: command(z.unknown(), (control) => control.instances()),
  delivered: command(Named, (control, { name }) => control.delivered(name)),
};

/**
 * Answers a control request: 200 `{ok: true, result}`, or 400/404 `{ok: false, error}`.
 *
 * @param calls What `calls` lists.
 */
export async function respondToControl(
  control: EvolutionControl,
  calls: readonly CallRecord[],
  request: Request,
): Promise<Response> {
  const name = new URL(request.url).pathname.slice(CONTROL_PREFIX.length);
  if (name === "calls") return Response.json({ ok: true, result: calls });
  const run = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (run === undefined) return refuse(404, `there is no control "${name}"`);
  try {
    const text = await request.text();
    const result = run(control, text === "" ? {} : JSON.parse(text));
    return Response.json({ ok: true, result: result ?? null });
  } catch (error) {
    if (error instanceof ControlError) return refuse(error.status, error.message);
    if (error instanceof z.ZodError) return refuse(400, z.prettifyError(error));
    if (error instanceof SyntaxError) return refuse(400, error.message);
    throw error;
  }
}

function refuse(status: number, error: string): Response {
  return Response.json({ ok: false, error }, { status });
}
