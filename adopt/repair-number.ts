/**
 * The repair in somebody else's project: finds the number behind a send, and hands it to
 * `handleConnectionClosed` with this project's own SQL functions.
 *
 * @module
 */

import * as z from "zod/mini";
import { createGateway, type Gateway } from "../supabase/functions/_shared/gateway/client.ts";
import { proveLife } from "../supabase/functions/_shared/gateway/prove-life.ts";
import { refreshVersions } from "../supabase/functions/_shared/messages/refresh-versions.ts";
import type { Clock } from "../supabase/functions/_shared/runtime/clock.ts";
import {
  handleConnectionClosed,
  type RepairResult,
} from "../supabase/functions/evolution-api/connection-closed.ts";
import type { GatewaySend } from "./gateway-send.ts";
import { asDatabase, type CallDatabase, type OwnProject } from "./project-database.ts";

/** What made a send suspicious. `no_answer`: its caller gave up before the gateway said anything. */
export type Suspect = "answered" | "no_answer";

/** What a repair needs of the world. */
interface RepairWorld {
  /** Makes the gateway's calls. Not the one that watches. */
  readonly fetch: typeof globalThis.fetch;
  readonly clock: Clock;
  readonly database: CallDatabase;
  readonly project: OwnProject;
  /** Told what became of it: words and the row's own id, no name, number or key. */
  readonly log: (line: string) => void;
}

const number = z.object({
  id: z.string(),
  confirm_at_ms: z.array(z.number()),
  /** Whether the ladder goes on where a logout does not help. */
  ladder: z.boolean(),
});
const claims = z.array(z.object({
  claimed: z.boolean(),
  reason: z.nullable(z.string()),
  token: z.nullable(z.string()),
}));

/** Repairs the number that a suspicious send went through. Never throws. */
export async function repairNumber(
  send: GatewaySend,
  suspect: Suspect,
  world: RepairWorld,
): Promise<void> {
  try {
    const gateway = createGateway(send, world);
    if (suspect === "no_answer" && !await isSilent(gateway)) return;
    const found = z.parse(
      z.nullable(number),
      await world.database("ghost_repair_number", {
        p_instance_name: send.instanceName,
        p_api_url: send.apiUrl,
      }),
    );
    if (found === null) {
      world.log("ghost repair: the number of a failed send is not in the table");
      return;
    }
    if (found.ladder) await prepareLadder(found.id, send, world);
    const result = await repair(found, gateway, world);
    world.log(`ghost repair: ${describe(result)} (number ${found.id})`);
  } catch (error) {
    world.log(`ghost repair: failed (${error instanceof Error ? error.name : typeof error})`);
  }
}

/**
 * Whether a session is silent at a gateway that lives. A caller that gives up says nothing of the
 * session: files take long, and gateways go away.
 */
async function isSilent(gateway: Gateway): Promise<boolean> {
  const registry = await gateway.registry();
  if (!("ownNumber" in registry) || registry.ownNumber === null) return false;
  const probe = await proveLife(gateway, registry.ownNumber);
  // Asked once more: the gateway may have gone since.
  return probe.outcome !== "alive" && "ownNumber" in await gateway.registry();
}

/**
 * Before anything is claimed: the ladder takes up what is abandoned in the middle, and calls this
 * gateway then; and on some versions a logout does harm.
 */
async function prepareLadder(
  id: string,
  { apiUrl, apiKey }: GatewaySend,
  { fetch, clock, database, project, log }: RepairWorld,
): Promise<void> {
  await database("ghost_repair_remember", {
    p_id: id,
    p_send: { api_url: apiUrl, api_key: apiKey },
    p_project: { url: project.url, public_key: project.publicKey },
  });
  await refreshVersions(1, { database: asDatabase(database), fetch, clock }, id).catch(() =>
    log("ghost repair: the gateway's version is not known")
  );
}

async function repair(
  found: z.infer<typeof number>,
  gateway: Gateway,
  { clock, database, log }: RepairWorld,
): Promise<RepairResult> {
  const verb = (name: string, args: Readonly<Record<string, unknown>> = {}) =>
    database(name, { p_instance_id: found.id, ...args });
  return await handleConnectionClosed(
    // The registry knows whose the session is; a column of theirs may hold another number.
    { ownNumber: null, confirmAtMs: found.confirm_at_ms },
    {
      gateway: { ...gateway, probe: (ownNumber) => proveLife(gateway, ownNumber) },
      claim: async () => z.parse(claims, await verb("claim_ghost_repair"))[0]!,
      confirm: (p_token, p_probes) => verb("confirm_ghost_repair", { p_token, p_probes }),
      release: (p_token, p_probes) => verb("release_ghost_repair", { p_token, p_probes }),
      recordLogout: (p_token, p_outcome) => verb("record_ghost_logout", { p_token, p_outcome }),
      recordVerification: (p_token, p_outcome) =>
        verb("record_ghost_verification", { p_token, p_outcome }),
      // The message is its sender's: the answer was theirs before the repair began.
      failMessage: () => Promise.resolve(),
      sleep: (ms, signal) => clock.sleep(ms, signal),
      onFault: (step, error) =>
        log(`ghost repair: ${step} failed (${error instanceof Error ? error.message : "?"})`),
    },
  );
}

function describe(result: RepairResult): string {
  return "reason" in result ? `${result.outcome}, ${result.reason}` : result.outcome;
}
