/**
 * The story's second half: a send fails, and the number is followed until it lives again.
 *
 * @module
 */

import type { GhostKind } from "../../evolution/model/ghost-kinds.ts";
import type { VirtualWorld } from "../../world/virtual-world.ts";
import { readMessageStatus, readNumberStatus, sendMessage } from "../shared/one-number.ts";
import { tellInbound, tellMissed, tellSend, tellUnheard } from "./messages.ts";
import type { Observer } from "./observer.ts";
import type { End, Printer } from "./printer.ts";

/** How the story ended. */
export interface Ending {
  readonly end: End;
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

const MINUTE_MS = 60_000;

/** What the story knows while it goes on. */
interface Course {
  readonly world: VirtualWorld;
  readonly kind: GhostKind;
  readonly print: Printer;
  readonly observer: Observer;
  ticks: number;
  /** Whether a person was needed. */
  operator: boolean;
  /** What a customer wrote between the logout and the scan, by WhatsApp's id; null: there was none. */
  unheard: string | null;
  /** When the phone scans; never, unless a QR code waits. In virtual ms. */
  scanAt: number;
}

/** Tells how the number is cured. */
export async function tellCure(
  world: VirtualWorld,
  kind: GhostKind,
  print: Printer,
  observer: Observer,
): Promise<Ending> {
  const { clock, gateway: { control }, company: { instanceName } } = world;
  const scanAt = Infinity;
  const begun = { ticks: 0, operator: false, unheard: null, scanAt };
  const course: Course = { world, kind, print, observer, ...begun };
  const started = clock.monotonicMs();
  const logoutsBefore = count(world, "logout");
  const look = await failSend(course);

  let nextTick = started + Math.ceil((clock.monotonicMs() - started) / MINUTE_MS) * MINUTE_MS;
  while (clock.monotonicMs() - started < PATIENCE_MINUTES * MINUTE_MS) {
    const { socket, ghost } = control.inspect(instanceName);
    if (await readNumberStatus(world) === "connected" && socket === "open" && ghost === null) break;
    await actOutside(course);
    if (clock.monotonicMs() >= nextTick) {
      nextTick += MINUTE_MS;
      await tellTick(course);
      await watch(world, look, world.beginTick());
    } else {
      await clock.advance(LOOK_MS);
    }
    await look();
  }

  const seconds = Math.round((clock.monotonicMs() - started) / 1000);
  const alive = control.inspect(instanceName).socket === "open";
  const arrived = alive && await tellInbound(world, print, 12);
  const works = alive && await tellSend(world, print, 13);
  const { unheard } = course;
  const found = !alive || unheard === null || await tellMissed(world, print, unheard);
  return {
    end: works ? "cured" : course.operator ? "operator" : "not_cured",
    logouts: count(world, "logout") - logoutsBefore,
    ticks: course.ticks,
    seconds,
    lost: await unended(world) + (alive && !arrived ? 1 : 0) + (found ? 0 : 1),
  };
}

/** The user sends, and it fails. @returns A look at what is new. */
async function failSend({ world, print, observer }: Course): Promise<() => Promise<void>> {
  print.line("userSends", {}, { step: 1 });
  const id = await sendMessage(world);
  let failed = false;
  const look = async () => {
    if (!failed && await readMessageStatus(world, id) === "failed") {
      failed = true;
      print.line("messageFailed", {}, { step: 5, tone: "bad" });
    }
    await observer.look();
  };
  await watch(world, look, world.background());
  return look;
}

/** What people and WhatsApp do, each when it is their turn. */
async function actOutside(course: Course): Promise<void> {
  const { world, print, kind } = course;
  const { clock, gateway: { control }, company: { instanceName } } = world;
  if (await readNumberStatus(world) === "awaiting_qr" && course.scanAt === Infinity) {
    course.scanAt = clock.monotonicMs() + 5_000;
    course.unheard ??= tellUnheard(world, print);
  }
  if (clock.monotonicMs() >= course.scanAt && control.scan(instanceName).accepted) {
    course.scanAt = Infinity;
    print.line("scanned");
  }
  if (!course.operator && course.observer.events().includes("needs_operator")) {
    course.operator = true;
    print.note(kind === "flapping-440" ? "flapping" : "operator");
    print.needsOperator();
    print.line("processRestarted");
    control.restartProcess();
  }
  const away = control.inspect(instanceName).network.kind !== "reachable";
  if (kind.startsWith("B") && course.ticks === 4 && away) {
    control.whatsapp({ reachable: true }, instanceName);
    print.line("whatsappBack", {}, { tone: "good" });
  }
}

/** While a repair is open, auto-reconnect leaves the number alone. */
async function tellTick(course: Course): Promise<void> {
  const { world, print } = course;
  const first = ++course.ticks === 1;
  const [open] = await world.sql`
    select 1 from public.ghost_repairs
    where instance_id = ${world.company.instanceId} and closed_at is null`;
  if (open) return print.line("ladderTick");
  const { registry } = world.gateway.control.inspect(world.company.instanceName);
  print.line("tick", {}, first ? { step: 6 } : {});
  print.line("registryRead", { registry }, first ? { step: 7 } : {});
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
