/**
 * Tests that happen in a world of their own.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { SeededCompany } from "../../dev/platform/seed.ts";
import {
  createVirtualWorld,
  CRON_SECRET,
  EVOLUTION_KEY,
  EVOLUTION_URL,
  type VirtualWorld,
  type WorldOptions,
} from "../../dev/world/virtual-world.ts";
import type { Answer, CallOptions } from "../../dev/world/calls.ts";
import { closeServerAfterAll, onGround, serverTest } from "./server.ts";

closeServerAfterAll();

/** A company and its user's token. */
export interface Member {
  readonly company: SeededCompany;
  readonly token: string;
}

/**
 * Registers a test that gets a fresh world, which is taken down whatever happens. No log line of it
 * may hold a secret, and nothing may have been thrown past the functions.
 */
export function worldTest(
  name: string,
  run: (world: VirtualWorld) => Promise<void>,
  options: WorldOptions = {},
): void {
  serverTest(name, async (server) => {
    const play = async (ground: Pick<WorldOptions, "ground">) => {
      const world = await createVirtualWorld(server, { ...options, ...ground });
      try {
        await run(world);
        assertQuietLogs(world);
      } finally {
        await world.close();
      }
    };
    // A ground whose legacy keys are switched off is no other world's.
    await (options.keys === "today" ? play({}) : onGround((ground) => play({ ground })));
  });
}

function assertQuietLogs(world: VirtualWorld): void {
  const { company, auth } = world;
  const secrets = [
    EVOLUTION_KEY,
    CRON_SECRET,
    auth.secretKey,
    auth.serviceRoleKey,
    auth.jwtSecret,
    world.userToken,
    company.webhookSecret,
    company.phone,
    company.customerJid.split("@")[0]!,
  ];
  for (const line of world.logs) {
    assert.ok(!secrets.some((secret) => line.includes(secret)), `a secret was logged: ${line}`);
    assert.doesNotMatch(line, /"event":"(thrown|background_failed)"/);
  }
}

/** The world's own company. */
export function member(world: VirtualWorld): Member {
  return { company: world.company, token: world.userToken };
}

/** More companies on the same gateway, each with its number paired and open. */
export async function addMembers(world: VirtualWorld, count: number): Promise<readonly Member[]> {
  const members: Member[] = [];
  while (members.length < count) members.push(await world.addCompany({}));
  return members;
}

/** Sends a text as a company's user; time stands still. */
export function beginSend(
  world: VirtualWorld,
  body: Readonly<Record<string, unknown>> = {},
  options: CallOptions & { readonly as?: Member } = {},
): Promise<Answer> {
  const { as: { company, token } = member(world), ...call } = options;
  return world.begin("evolution-api", {
    action: "send_message_async",
    conversationId: company.conversationId,
    message: "oi",
    ...body,
  }, { token, ...call });
}

/** Sends a text as a company's user. */
export function sendText(
  world: VirtualWorld,
  ...sent: [body?: Readonly<Record<string, unknown>>, options?: CallOptions & { as?: Member }]
): Promise<Answer> {
  return world.clock.until(beginSend(world, ...sent));
}

/** Sends, waits until nothing works in the background, and returns the message's row. */
export async function sendToTheEnd(
  world: VirtualWorld,
  ...sent: [body?: Readonly<Record<string, unknown>>, options?: CallOptions & { as?: Member }]
) {
  const answer = await sendText(world, ...sent);
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  await world.settle();
  return await messageRow(world, answer.body["messageId"]);
}

/** The scheduler calls `auto-reconnect-instances`; time stands still. */
export function beginReconnect(world: VirtualWorld, options: CallOptions = {}): Promise<Answer> {
  return world.begin("auto-reconnect-instances", {}, {
    token: null,
    headers: { "x-cron-secret": CRON_SECRET },
    ...options,
  });
}

/** The scheduler calls `auto-reconnect-instances`; returns what it answers. */
export async function reconnect(world: VirtualWorld): Promise<Answer["body"]> {
  const answer = await world.clock.until(beginReconnect(world));
  assert.equal(answer.status, 200);
  return answer.body;
}

/** What the gateway answers somebody else who has its key; `body` is posted. */
export function askGateway(
  world: VirtualWorld,
  path: string,
  { body, method = body === undefined ? "GET" : "POST" }: { body?: unknown; method?: string } = {},
): Promise<Response> {
  const request = new Request(`${EVOLUTION_URL}/${path}`, {
    method,
    headers: { apikey: EVOLUTION_KEY, "content-type": "application/json" },
    body: body === undefined ? null : JSON.stringify(body),
  });
  return world.clock.until(world.gateway.fetch(request));
}

/** The company's instance. */
export async function instanceRow(world: VirtualWorld, id = world.company.instanceId) {
  const [row] = await world.sql`select * from public.whatsapp_instances where id = ${id}`;
  if (!row) throw new Error("the instance is gone");
  return row;
}

/** One message. */
export async function messageRow(world: VirtualWorld, id: unknown) {
  const [row] = await world.sql`select * from public.messages where id = ${String(id)}`;
  if (!row) throw new Error("the message is gone");
  return row;
}

/** The company's events, oldest first. */
export function events(world: VirtualWorld, id = world.company.instanceId) {
  return world.sql<{ kind: string; detail: Record<string, unknown> }[]>`
    select kind, detail from public.instance_events where instance_id = ${id} order by id`;
}

/** The kinds of the company's events, oldest first. */
export async function eventKinds(world: VirtualWorld, id = world.company.instanceId) {
  return (await events(world, id)).map((event) => event.kind);
}

/** How often the gateway's route was called for the company's instance. */
export function calls(world: VirtualWorld, route: string, name = world.company.instanceName) {
  return world.gateway.calls.filter((call) => call.route === route && call.instance === name)
    .length;
}

/** How often the gateway's registry was read, for whichever instance. */
export function registryReads(world: VirtualWorld): number {
  return world.gateway.calls.filter((call) => call.route === "fetchInstances").length;
}
