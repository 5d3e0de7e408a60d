/**
 * The story: a healthy number, the loop that a ghost makes, and the cure.
 *
 * @module
 */

import { GHOSTS } from "../../evolution/session/ghosts.ts";
import type { GhostKind } from "../../evolution/model.ts";
import type { VirtualWorld } from "../../world/virtual-world.ts";
import { type Ending, tellCure } from "./cure.ts";
import { databaseStatus, send, tellInbound, tellSend } from "./messages.ts";
import { createObserver } from "./observer.ts";
import type { Printer } from "./printer.ts";

/** Tells the story. */
export async function tellStory(
  world: VirtualWorld,
  kind: GhostKind,
  print: Printer,
): Promise<Ending> {
  const { control } = world.gateway;
  const name = world.company.instanceName;
  const observer = createObserver(world, print);

  print.title("healthy");
  await tellSend(world, print);
  await tellInbound(world, print);

  print.title("before", { kind: `${kind} (${GHOSTS[kind].title})` });
  if (kind === "A1") print.note("held");
  control.ghost(name, kind, { selfHeals: false });
  await world.clock.advance(1_000);
  await switchRepair(world, false);
  await tellLoop(world, print);

  print.title("after");
  await switchRepair(world, true);
  await world.sql`update public.whatsapp_instances set last_disconnected_at = null`;
  await observer.skip();
  return await tellCure(world, kind, print, observer);
}

async function switchRepair(world: VirtualWorld, enabled: boolean): Promise<void> {
  await world.sql`update ghost_repair.settings set enabled = ${enabled}`;
}

async function tellLoop(world: VirtualWorld, print: Printer): Promise<void> {
  const states = async (tone: "good" | "bad" | "plain") => {
    const { registry, socket } = world.gateway.control.inspect(world.company.instanceName);
    print.line("states", { registry, socket, database: await databaseStatus(world) }, { tone });
  };
  for (let round = 1; round <= 3; round++) {
    print.line("round", { round }, { tone: "dim" });
    const started = world.clock.monotonicMs();
    await send(world);
    await world.settle();
    const seconds = ((world.clock.monotonicMs() - started) / 1000).toFixed(1);
    print.line("sendFailed", { seconds }, { tone: "bad" });
    await states("bad");
    await world.clock.advance(60_000);
    await world.tick();
    print.line("tick");
    await states("plain");
    if (await databaseStatus(world) !== "connected") {
      print.note("noLoop");
      return;
    }
  }
  await tellInboundLost(world, print);
  print.note("loop");
}

async function tellInboundLost(world: VirtualWorld, print: Printer): Promise<void> {
  // Only said where it is so: some ghosts still receive.
  const { socket } = world.gateway.control.inspect(world.company.instanceName);
  if (socket !== "open") await tellInbound(world, print);
}
