/**
 * The story: a healthy number, the loop that a ghost makes, and the cure.
 *
 * @module
 */

import { type GhostKind, GHOSTS } from "../../evolution/model/ghost-kinds.ts";
import type { VirtualWorld } from "../../world/virtual-world.ts";
import { readNumberStatus, sendMessage } from "../shared/one-number.ts";
import { type Ending, tellCure } from "./cure.ts";
import { tellInbound, tellSend } from "./messages.ts";
import { createObserver } from "./observer.ts";
import type { Printer, Tone } from "./printer.ts";

/** Tells the story. */
export async function tellStory(
  world: VirtualWorld,
  kind: GhostKind,
  print: Printer,
): Promise<Ending> {
  const observer = createObserver(world, print);

  print.title("healthy");
  await tellSend(world, print);
  await tellInbound(world, print);

  print.title("before", { kind: `${kind} (${GHOSTS[kind].title})` });
  if (kind === "A1") print.note("held");
  world.gateway.control.ghost(world.company.instanceName, kind, { selfHeals: false });
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
  const { clock, gateway: { control }, company: { instanceName } } = world;
  const tellStates = async (tone: Tone) => {
    const { registry, socket } = control.inspect(instanceName);
    print.line("states", { registry, socket, database: await readNumberStatus(world) }, { tone });
  };
  for (let round = 1; round <= 3; round++) {
    print.line("round", { round }, { tone: "dim" });
    const started = clock.monotonicMs();
    await sendMessage(world);
    await world.settle();
    const seconds = ((clock.monotonicMs() - started) / 1000).toFixed(1);
    print.line("sendFailed", { seconds }, { tone: "bad" });
    await tellStates("bad");
    await clock.advance(60_000);
    await world.tick();
    print.line("tick");
    await tellStates("plain");
    if (await readNumberStatus(world) !== "connected") return print.note("noLoop");
  }
  // Only said where it is so: some ghosts still receive.
  if (control.inspect(instanceName).socket !== "open") await tellInbound(world, print);
  print.note("loop");
}
