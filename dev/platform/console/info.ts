/**
 * What the page learns of a local stack: `GET /dev/info`.
 *
 * @module
 */

import type postgres from "postgres";
import { GHOST_KINDS } from "../../evolution/model.ts";
import { GHOSTS } from "../../evolution/session/ghosts.ts";
import type { EvolutionSimulator } from "../../evolution/simulator.ts";
import type { JobRun } from "./job-record.ts";

/** What a local stack tells of itself. */
export interface LocalStack {
  readonly url: string;
  /** The publishable key. */
  readonly publishableKey: string;
  /** A login of the stack's own making. */
  readonly login: { readonly email: string; readonly password: string };
  readonly conversationId: string;
  readonly instanceName: string;
  /** The customer's number, digits only. */
  readonly customer: string;
  readonly tickSeconds: number;
  /** Minutes pass this many times faster. */
  readonly speed: number;
  readonly runs: () => readonly JobRun[];
  readonly gatewayUrl: string;
  /** Undefined with a real Evolution server. */
  readonly simulator: EvolutionSimulator | undefined;
  readonly sql: postgres.Sql;
}

/** How long the gateway may take to show that it listens, in milliseconds. */
const REACHABLE_WITHIN_MS = 1_000;

/** Describes a stack as it is now. */
export async function describeStack(stack: LocalStack): Promise<Record<string, unknown>> {
  const [settings] = await stack.sql<{ policy: string; enabled: boolean }[]>`
    select policy, enabled from ghost_repair.settings`;
  return {
    url: stack.url,
    publishableKey: stack.publishableKey,
    login: stack.login,
    conversationId: stack.conversationId,
    instanceName: stack.instanceName,
    customer: stack.customer,
    tickSeconds: stack.tickSeconds,
    speed: stack.speed,
    policy: settings?.policy ?? null,
    repairEnabled: settings?.enabled ?? null,
    jobs: stack.runs(),
    gateway: { reachable: await isReachable(stack.gatewayUrl) },
    simulator: stack.simulator === undefined ? null : inside(stack.simulator),
  };
}

/** What only the simulator knows: the truth about each session. */
function inside({ control }: EvolutionSimulator) {
  return {
    ghosts: GHOST_KINDS.map((kind) => ({ kind, title: GHOSTS[kind].title })),
    instances: control.instances().map((name) => {
      const { registry, memory, socket, ghost, network, paired, qr } = control.inspect(name);
      return {
        name,
        registry,
        memory,
        socket,
        ghost,
        network: network.kind,
        paired,
        qr: qr.showing,
      };
    }),
  };
}

/** Any answer counts: a gateway that says 401 lives. */
async function isReachable(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(REACHABLE_WITHIN_MS) });
    await response.body?.cancel();
    return true;
  } catch {
    return false;
  }
}
