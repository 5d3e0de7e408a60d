/**
 * The actions of `evolution-api` as a frontend calls them: through the client.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { VirtualWorld } from "../../dev/world/virtual-world.ts";
import {
  createEvolutionClient,
  EvolutionApiError,
  type EvolutionClient,
} from "../../client/client.ts";

/** A client whose calls time passes for. */
export function clientOf(world: VirtualWorld, token = world.userToken): EvolutionClient {
  return createEvolutionClient((body) => world.call("evolution-api", body, { token }));
}

/** A client whose calls time stands still for, so that several can be under way. */
export function standingClient(world: VirtualWorld, token = world.userToken): EvolutionClient {
  return createEvolutionClient((body) => world.begin("evolution-api", body, { token }));
}

/** Another person of the world's company. */
export async function addColleague(
  world: VirtualWorld,
  role: "owner" | "admin" | "agent",
): Promise<string> {
  const userId = crypto.randomUUID();
  await world.sql`insert into auth.users (id, email) values (${userId}, ${`${userId}@test`})`;
  await world.sql`insert into public.organization_members (organization_id, user_id, role)
    values (${world.company.organizationId}, ${userId}, ${role})`;
  return await world.auth.userToken({ userId });
}

/** The error that a call ends with; what it is like is compared in part. */
export async function assertRefused(
  call: Promise<unknown>,
  like: Readonly<Record<string, unknown>>,
): Promise<EvolutionApiError> {
  const error = await call.then(
    (answer) => assert.fail(`succeeded: ${JSON.stringify(answer)}`),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof EvolutionApiError, String(error));
  assert.partialDeepStrictEqual({ ...error, message: error.message }, like);
  return error;
}

/** The numbers that are not deleted. */
export async function numbersLeft({ sql }: VirtualWorld): Promise<readonly string[]> {
  const rows = await sql<{ id: string }[]>`
    select id from public.whatsapp_instances where deleted_at is null`;
  return rows.map(({ id }) => id);
}
