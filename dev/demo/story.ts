/**
 * The story: a healthy number, the loop that a ghost makes, and the cure.
 *
 * @module
 */

import { GHOSTS } from "../evolution/ghosts.ts";
import type { GhostKind } from "../evolution/model.ts";
import type { VirtualWorld } from "../world/virtual-world.ts";
import { createObserver } from "./observer.ts";
import type { Printer } from "./printer.ts";

/** How the story ended. */
export interface Ending {
  readonly end: "cured" | "operator" | "not_cured";
  readonly logouts: number;
  readonly ticks: number;
  /** Virtual seconds from the failed send to the cure. */
  readonly seconds: number;
  /** Messages without an end, and inbound ones that never arrived. */
  readonly lost: number;
}

/** After this many virtual minutes without a cure the story gives up. */
const PATIENCE_MINUTES = 15;

/** A look every quarter of a second: fine enough to give each step its own time. */
const LOOK_MS = 250;

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
  await world.sql`update private.ghost_repair_settings set enabled = ${enabled}`;
}

async function send(world: VirtualWorld): Promise<string> {
  const answer = await world.call("evolution-api", {
    action: "send_message_async",
    conversationId: world.company.conversationId,
    message: "Olá!",
  });
  if (answer.status !== 200) throw new Error(`send_message_async answered ${answer.status}`);
  return String(answer.body.messageId);
}

async function messageStatus(world: VirtualWorld, id: string): Promise<string> {
  const [row] = await world.sql`select status from public.messages where id = ${id}`;
  return row?.status ?? "lost";
}

async function databaseStatus(world: VirtualWorld): Promise<string> {
  const [row] = await world.sql`
    select status from public.whatsapp_instances where id = ${world.company.instanceId}`;
  return row?.status ?? "lost";
}

async function tellSend(world: VirtualWorld, print: Printer, step?: number): Promise<boolean> {
  print.line("userSends");
  const id = await send(world);
  await world.settle();
  await world.clock.advance(1_500);
  const status = await messageStatus(world, id);
  const good = status === "delivered" || status === "read" || status === "sent";
  print.line("messageEnded", { status }, { tone: good ? "good" : "bad" });
  if (good && step !== undefined) print.line("nextSend", {}, { step, tone: "good" });
  return good;
}

/** @returns Whether it arrived. */
async function tellInbound(world: VirtualWorld, print: Printer, step?: number): Promise<boolean> {
  const { id } = world.gateway.control.inbound(world.company.instanceName, {
    from: "5511977776666",
    text: "Oi, tudo bem?",
    pushName: "Cliente",
  });
  await world.clock.advance(2_000);
  const [row] = await world.sql`
    select 1 from public.messages where whatsapp_message_id = ${id} and status = 'received'`;
  const look = step === undefined ? {} : { step };
  if (row) print.line("inboundArrived", {}, { ...look, tone: "good" });
  else print.line("inboundMissing", {}, { ...look, tone: "bad" });
  return row !== undefined;
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

type Observer = ReturnType<typeof createObserver>;

async function tellCure(
  world: VirtualWorld,
  kind: GhostKind,
  print: Printer,
  observer: Observer,
): Promise<Ending> {
  const { clock, gateway } = world;
  const name = world.company.instanceName;
  const started = clock.monotonicMs();
  const logoutsBefore = count(world, "logout");
  let ticks = 0;
  let failed = false;
  let operator = false;

  print.line("userSends", {}, { step: 1 });
  const id = await send(world);
  const look = async () => {
    if (!failed && await messageStatus(world, id) === "failed") {
      failed = true;
      print.line("messageFailed", {}, { step: 5, tone: "bad" });
    }
    await observer.look();
  };
  await watch(world, look, world.background());

  let nextTick = Math.ceil((clock.monotonicMs() - started) / 60_000) * 60_000 + started;
  let scanAt = Infinity;
  while (clock.monotonicMs() - started < PATIENCE_MINUTES * 60_000) {
    const status = await databaseStatus(world);
    if (status === "connected" && gateway.control.inspect(name).socket === "open") break;
    if (status === "awaiting_qr" && scanAt === Infinity) scanAt = clock.monotonicMs() + 5_000;
    if (clock.monotonicMs() >= scanAt && gateway.control.scan(name).accepted) {
      scanAt = Infinity;
      print.line("scanned");
    }
    if (!operator && observer.events().includes("needs_operator")) {
      operator = true;
      print.note("operator");
      print.note("endOperator");
      print.line("processRestarted");
      gateway.control.restartProcess();
    }
    if (
      kind.startsWith("B") && ticks === 4 &&
      gateway.control.inspect(name).network.kind !== "reachable"
    ) {
      gateway.control.whatsapp({ reachable: true }, name);
      print.line("whatsappBack", {}, { tone: "good" });
    }
    if (clock.monotonicMs() >= nextTick) {
      ticks++;
      nextTick += 60_000;
      const registry = gateway.control.inspect(name).registry;
      print.line("tick", {}, ticks === 1 ? { step: 6 } : {});
      print.line("registryRead", { registry }, ticks === 1 ? { step: 7 } : {});
      await watch(world, look, world.beginTick());
    } else {
      await clock.advance(LOOK_MS);
    }
    await look();
  }

  const seconds = Math.round((clock.monotonicMs() - started) / 1000);
  const alive = gateway.control.inspect(name).socket === "open";
  const arrived = alive && await tellInbound(world, print, 12);
  const works = alive && await tellSend(world, print, 13);
  return {
    end: works ? "cured" : operator ? "operator" : "not_cured",
    logouts: count(world, "logout") - logoutsBefore,
    ticks,
    seconds,
    lost: await unended(world) + (alive && !arrived ? 1 : 0),
  };
}

/** Lets time pass until `work` is over, and tells what happens meanwhile. */
async function watch(
  world: VirtualWorld,
  look: () => Promise<void>,
  work: Promise<unknown>,
): Promise<void> {
  let over = false;
  const end = () => void (over = true);
  work.then(end, end);
  while (!over) {
    await world.clock.advance(LOOK_MS);
    await look();
  }
  await work;
}

function count(world: VirtualWorld, route: string): number {
  return world.gateway.calls.filter((call) => call.route === route).length;
}

async function unended(world: VirtualWorld): Promise<number> {
  const [row] = await world.sql`
    select count(*)::int as messages from public.messages where status = 'sending'`;
  return row?.messages ?? 0;
}
