/**
 * One kind of ghost under one policy, from the failed send to the cure, in a world of its own.
 *
 * @module
 */

import type { PostgresServer } from "../../platform/database/postgres.ts";
import type { EvolutionSimulatorOptions } from "../../evolution/simulator.ts";
import { VERSION_RULES } from "../../evolution/model/versions.ts";
import type { Ground } from "../../world/ground.ts";
import { createRestartAgent } from "../../world/restart-agent.ts";
import type { GhostKind } from "../../evolution/model/ghost-kinds.ts";
import { createVirtualWorld, type VirtualWorld } from "../../world/virtual-world.ts";
import {
  type CaseKind,
  type DeafCaseKind,
  GHOST_OPTIONS,
  healsAlone,
  isWhatsAppAway,
  OPERATOR_TAKES_MINUTES,
  type Policy,
  WHATSAPP_AWAY_MINUTES,
} from "../shared/kinds.ts";
import { readMessageStatus, readNumberStatus, sendMessage } from "../shared/one-number.ts";
import { createOperatorInbox } from "./operator-inbox.ts";

/** Where a repair stops by itself; `unfinished`: nowhere. */
type End = "healed" | "awaiting_qr" | "needs_operator" | "unfinished";

/** What it takes from outside before the number lives again; the last: before it hears. */
type Help =
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

/** Variations of a case. */
interface CaseOptions {
  /** A restart agent runs beside the gateway. */
  readonly agent?: boolean;
  /** See `WorldOptions`. */
  readonly ground?: Ground;
  readonly simulator?: Partial<EvolutionSimulatorOptions>;
}

/** A loop's webhooks cost real time; this many still come in a look of 12 seconds. */
const LOOP_MS = 8_000;

const MINUTE_MS = 60_000;

const TOKEN = "a-token-of-its-own";

/** From the cure until everything that was written meanwhile is here. */
const RECOVERY_MINUTES = 15;

/** After so many minutes without a cure the case is given up. */
const PATIENCE_MINUTES = 20;

/** Plays a case. */
export async function playCase(
  server: PostgresServer,
  kind: Exclude<CaseKind, DeafCaseKind>,
  policy: Policy,
  options: CaseOptions = {},
): Promise<CaseReport> {
  const inbox = createOperatorInbox();
  const agent = createRestartAgent();
  const world = await createVirtualWorld(server, {
    ...(options.ground ? { ground: options.ground } : {}),
    environment: { operatorHook: inbox.hook },
    aroundGateway: (inner) => inbox.aroundGateway(agent.aroundGateway(inner)),
    simulator: { reconnectLoopMs: LOOP_MS, ...options.simulator },
  });
  try {
    await world.sql`update ghost_repair.settings set policy = ${policy}`;
    if (!VERSION_RULES[options.simulator?.version ?? "2.3.7"].signsWebhooks) {
      await useToken(world);
    }
    if (options.agent) await agent.join(world);
    if (kind === "440-two-gateways") {
      const { instanceName } = world.company;
      agent.onRestart(() => world.gateway.control.ghost(instanceName, "flapping-440"));
    }
    const report = await play(world, kind === "440-two-gateways" ? "flapping-440" : kind);
    const processRestarts = agent.restarts.length;
    return { kind, policy, ...report, notices: inbox.calls.length, processRestarts };
  } finally {
    await world.close();
  }
}

/** The webhook as `update_webhook` sets it where the gateway cannot sign. */
async function useToken({ sql, company, gateway }: VirtualWorld): Promise<void> {
  await sql`update private.instance_credentials set webhook_token = ${TOKEN}`;
  gateway.control.instance(company.instanceName).webhook!.headers = { "x-webhook-token": TOKEN };
}

async function play(
  world: VirtualWorld,
  kind: GhostKind,
): Promise<Omit<CaseReport, "kind" | "policy" | "notices" | "processRestarts">> {
  const { clock, gateway: { control }, company: { instanceName } } = world;
  // What was written in the very second of the first pairing is nobody's business here.
  await clock.advance(5_000);
  control.ghost(instanceName, kind, kind === "flapping-440" ? {} : GHOST_OPTIONS[kind]);
  const started = clock.monotonicMs();
  const sinceStart = () => (clock.monotonicMs() - started) / MINUTE_MS;
  const write = () =>
    control.inbound(instanceName, { from: "5511977776666", text: "to a ghost" }).id;
  const written = [write()];
  await send(world);

  let ended: { end: End; minutes: number } | null = null;
  let helped: { by: Help; at: number } | null = null;
  const help = (by: Help) => helped = { by, at: sinceStart() };
  let flapped = false;
  for (let minute = 1; minute <= PATIENCE_MINUTES; minute++) {
    await clock.advance(Math.max(0, started + minute * MINUTE_MS - clock.monotonicMs()));
    await world.tick();
    flapped ||= control.inspect(instanceName).ghost === "flapping-440";
    ended ??= await findEnd(world, sinceStart());
    if (ended !== null && await readNumberStatus(world) === "connected") break;
    if (isWhatsAppAway(kind) && minute === WHATSAPP_AWAY_MINUTES) {
      control.whatsapp({ reachable: true }, instanceName);
      help("WhatsApp back");
    }
    if (ended !== null && written.length === 1) written.push(write());
    if (ended?.end === "awaiting_qr" && await scan(world)) {
      help("scan");
      await clock.advance(1_000);
      if (await readNumberStatus(world) === "connected") break;
    }
    const told = ended?.end === "needs_operator" && helped === null && !healsAlone(kind);
    if (told && sinceStart() - ended!.minutes >= OPERATOR_TAKES_MINUTES) {
      control.restartProcess();
      help("process restart");
    }
  }
  const hearing = await waitForHearing(world);
  const last = helped as { by: Help; at: number } | null;
  const cured = await minutesSince(world, ["healed", "connected"]);
  return {
    ...(ended ?? { end: "unfinished", minutes: sinceStart() }),
    help: hearing === "after restart" ? "scan, process restart" : last?.by ?? "nothing",
    minutesAfterHelp: last === null || cured === null ? null : sinceStart() - cured - last.at,
    calls: readCalls(world),
    pairingKept: await keptPairing(world),
    flapped,
    sends: await readNumberStatus(world) === "connected" && await send(world) !== "failed",
    missed: await readMissed(world, written),
    hears: hearing !== "deaf",
  };
}

/**
 * Customers write to the number that lives again, until one of their messages comes in. Where the
 * operator is told to restart the process, that is done.
 */
async function waitForHearing(world: VirtualWorld): Promise<"hears" | "after restart" | "deaf"> {
  const { clock, gateway: { control }, company: { instanceName }, sql } = world;
  let told = 0;
  for (let minute = 0; minute <= PATIENCE_MINUTES; minute++) {
    const { id } = control.inbound(instanceName, { from: "5511966665555", text: "does it hear?" });
    await clock.advance(2_000);
    const [here] = await sql`select from public.messages
      where whatsapp_message_id = ${id} and recovered_at is null`;
    if (here !== undefined) return told > OPERATOR_TAKES_MINUTES ? "after restart" : "hears";
    await clock.advance(MINUTE_MS - 2_000);
    await world.tick();
    const [asks] = await sql`select from public.ghost_repairs
      where closed_at is null and state = 'needs_operator' and hearing is not null`;
    if (asks !== undefined && ++told === OPERATOR_TAKES_MINUTES + 1) control.restartProcess();
  }
  return "deaf";
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

/** How the repair stopped, if it has: the first of its last words. */
async function findEnd(world: VirtualWorld, now: number) {
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
async function minutesSince(
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
async function keptPairing(world: VirtualWorld): Promise<boolean> {
  return world.gateway.control.inspect(world.company.instanceName).paired &&
    await minutesSince(world, ["qr_required"]) === null;
}

/** The phone scans what the owner is shown. @returns Whether that was the code of this moment. */
async function scan({ sql, gateway, company }: VirtualWorld): Promise<boolean> {
  const [qr] = await sql<{ code: string }[]>`
    select code from private.instance_qr_codes where instance_id = ${company.instanceId}`;
  return qr !== undefined &&
    gateway.control.scan(company.instanceName, { code: qr.code }).accepted;
}

/** Sends to the end. @returns The message's status. */
async function send(world: VirtualWorld): Promise<string> {
  const id = await sendMessage(world);
  await world.settle();
  await world.clock.advance(1_000);
  return await readMessageStatus(world, id);
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
