/**
 * Tests that happen in a world of their own.
 *
 * @module
 */

import {
  type Answer,
  createVirtualWorld,
  type VirtualWorld,
  type WorldOptions,
} from "../../dev/world/virtual-world.ts";
import { closeServerAfterAll, testServer } from "./server.ts";

closeServerAfterAll();

/** Registers a test that gets a fresh world, which is taken down whatever happens. */
export function worldTest(
  name: string,
  run: (world: VirtualWorld) => Promise<void>,
  options: WorldOptions = {},
): void {
  // The server outlives the test, so what it holds open is not a leak of the test's.
  Deno.test({ name, sanitizeOps: false, sanitizeResources: false }, async () => {
    const world = await createVirtualWorld(await testServer(), options);
    try {
      await run(world);
    } finally {
      await world.close();
    }
  });
}

/** Sends a text as the company's user. */
export function sendText(
  world: VirtualWorld,
  body: Readonly<Record<string, unknown>> = {},
): Promise<Answer> {
  return world.call("evolution-api", {
    action: "send_message_async",
    conversationId: world.company.conversationId,
    message: "oi",
    ...body,
  });
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

/** The kinds of the company's events, oldest first. */
export async function eventKinds(world: VirtualWorld, id = world.company.instanceId) {
  const rows = await world.sql<{ kind: string }[]>`
    select kind from public.instance_events where instance_id = ${id} order by id`;
  return rows.map((row) => row.kind);
}

/** How often the gateway's route was called for the company's instance. */
export function calls(world: VirtualWorld, route: string, name = world.company.instanceName) {
  return world.gateway.calls.filter((call) => call.route === route && call.instance === name)
    .length;
}
