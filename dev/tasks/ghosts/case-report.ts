/**
 * How a case went: its report, and what a case's world says of it.
 *
 * @module
 */

import type { VirtualWorld } from "../../world/virtual-world.ts";
import type { CaseKind, Policy } from "../shared/kinds.ts";

const MINUTE_MS = 60_000;

/** From the cure until everything that was written meanwhile is here. */
const RECOVERY_MINUTES = 15;

/** Where a repair stops by itself; `unfinished`: nowhere. */
export type End = "healed" | "awaiting_qr" | "needs_operator" | "unfinished";

/** What it takes from outside before the number lives again; the last: before it hears. */
export type Help =
  | "nothing"
  | "scan"
  | "process restart"
  | "WhatsApp back"
  | "scan, process restart";

/** The calls to the gateway that matter. */
interface CaseCalls {
  readonly logout: number;
  readonly connect: number;
  readonly restart: number;
  readonly probe: number;
  /** Never expected: nothing automatic deletes or creates. */
  readonly deleteOrCreate: number;
}

/** How a case went. Minutes are virtual, from the send, with fractions. */
export interface CaseReport {
  readonly kind: CaseKind;
  readonly policy: Policy;
  readonly end: End;
  /** Until the end. */
  readonly minutes: number;
  readonly help: Help;
  /** From that help to `connected`; null where there was none, or no cure. */
  readonly minutesAfterHelp: number | null;
  /** Until the cure. */
  readonly calls: CaseCalls;
  /** Whether the pairing of the beginning is still the one. */
  readonly pairingKept: boolean;
  /** Calls of the operator's hook. */
  readonly notices: number;
  /** How often the restart agent restarted the process. */
  readonly processRestarts: number;
  /** Whether two sockets of the device ever threw each other out. */
  readonly flapped: boolean;
  /** Whether a message was delivered in the end. */
  readonly sends: boolean;
  /** How much of what a customer wrote meanwhile is not here in the end. */
  readonly missed: number;
  /** Whether what a customer writes in the end comes in, by itself. */
  readonly hears: boolean;
}

/** How the repair stopped, if it has: the first of its last words. */
export async function findEnd(world: VirtualWorld, now: number) {
  const ends = [
    ["healed", ["healed", "false_alarm"]],
    ["awaiting_qr", ["qr_required"]],
    ["needs_operator", ["needs_operator"]],
  ] as const;
  for (const [end, kinds] of ends) {
    const ago = await minutesSince(world, kinds);
    if (ago !== null) return { end, minutes: now - ago };
  }
  return null;
}

/** Virtual minutes since the last event of these kinds. */
export async function minutesSince(
  world: VirtualWorld,
  kinds: readonly string[],
): Promise<number | null> {
  const [row] = await world.sql<{ minutes: number }[]>`
    select extract(epoch from ghost_repair.now() - created_at)::float8 / 60 as minutes
    from public.instance_events
    where instance_id = ${world.company.instanceId} and kind in ${world.sql([...kinds])}
    order by id desc limit 1`;
  return row?.minutes ?? null;
}

/** A QR code was needed where the row ever waited for one. */
export async function keptPairing(world: VirtualWorld): Promise<boolean> {
  return world.gateway.control.inspect(world.company.instanceName).paired &&
    await minutesSince(world, ["qr_required"]) === null;
}

/** How much of what was written is not here; waits for it as long as is promised. */
export async function readMissed(world: VirtualWorld, written: readonly string[]): Promise<number> {
  const { clock, sql, company: { instanceId } } = world;
  for (let minute = 0;; minute++) {
    const here = await sql`select from public.messages m
      where m.whatsapp_instance_id = ${instanceId} and m.whatsapp_message_id = any (${[
      ...written,
    ]})`;
    const missed = written.length - here.length;
    if (missed === 0 || minute === RECOVERY_MINUTES) return missed;
    await clock.advance(MINUTE_MS);
    await world.tick();
  }
}

/** The calls so far. */
export function readCalls(world: VirtualWorld): CaseCalls {
  const count = (...routes: string[]) =>
    world.gateway.calls.filter((call) => routes.includes(call.route)).length;
  return {
    logout: count("logout"),
    connect: count("connect"),
    restart: count("restart"),
    probe: count("fetchBusinessProfile"),
    deleteOrCreate: count("delete", "create"),
  };
}
