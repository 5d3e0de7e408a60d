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
import {
  type CaseReport,
  type End,
  findEnd,
  type Help,
  keptPairing,
  minutesSince,
  readCalls,
  readMissed,
} from "./case-report.ts";
import { createOperatorInbox } from "./operator-inbox.ts";

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
