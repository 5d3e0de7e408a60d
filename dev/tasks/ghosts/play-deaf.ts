/**
 * One kind of deafness with a restart agent beside the gateway, from the broken habit to the cure, in
 * a world of its own. Two numbers of one organization ask each other whether they hear.
 *
 * @module
 */

import type { PostgresServer } from "../../platform/database/postgres.ts";
import { createRestartAgent } from "../../world/restart-agent.ts";
import { createVirtualWorld } from "../../world/virtual-world.ts";
import type { DeafCaseKind, Policy } from "../shared/kinds.ts";
import { type CaseReport, findEnd, readCalls, readMissed } from "./case-report.ts";
import { addSilentPair } from "./silent-pair.ts";

const STEP_MS = 10_000;
const MINUTE_MS = 60_000;

/** After so many minutes without an end the case is given up. */
const PATIENCE_MINUTES = 90;

/**
 * What a restart of the process costs: what came before it and sat in the blocked queue is lost
 * (measured, F3).
 */
const LOSES_ITS_QUEUE: ReadonlySet<DeafCaseKind> = new Set(["F3"]);

/** Plays a case. The end of one that needs a person is that WhatsApp routes again. */
export async function playDeaf(
  server: PostgresServer,
  kind: DeafCaseKind,
  policy: Policy,
): Promise<CaseReport> {
  const agent = createRestartAgent();
  const world = await createVirtualWorld(server, { aroundGateway: agent.aroundGateway });
  try {
    // The watch's own probes come at moments drawn by chance, and prove nothing here.
    await world.sql`update ghost_repair.settings set policy = ${policy}, watch_interval = null`;
    await agent.join(world);
    const { clock, gateway: { control }, company: { instanceName } } = world;
    await clock.advance(5_000);
    await addSilentPair(world);
    if (kind === "F6-for-long") control.deaf(instanceName, "F6", { routesAtLogin: false });
    else control.deaf(instanceName, kind, { forMs: 0 });
    const write = (text: string) =>
      control.inbound(instanceName, { from: "5511977776666", text }).id;
    const written = [write("to a deaf number")];
    const started = clock.monotonicMs();
    const minutes = () => (clock.monotonicMs() - started) / MINUTE_MS;
    let end: CaseReport["end"] = "unfinished";
    while (end === "unfinished" && minutes() < PATIENCE_MINUTES) {
      await clock.advance(STEP_MS);
      await world.dueTick();
      end = (await findEnd(world, minutes()))?.end ?? "unfinished";
    }
    const took = minutes();
    if (end === "needs_operator") control.hearAgain(instanceName);
    if (LOSES_ITS_QUEUE.has(kind)) written.splice(0, written.length, write("to one that hears"));
    const missed = await readMissed(world, written);
    return {
      kind,
      policy,
      end,
      minutes: took,
      help: end === "needs_operator" ? "WhatsApp back" : "nothing",
      minutesAfterHelp: null,
      calls: readCalls(world),
      pairingKept: control.inspect(instanceName).paired,
      notices: 0,
      processRestarts: agent.restarts.length,
      flapped: false,
      sends: control.inspect(instanceName).socket === "open",
      missed,
      hears: missed === 0,
    };
  } finally {
    await world.close();
  }
}
