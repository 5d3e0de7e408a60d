/**
 * The repair's SQL, called as the functions call it.
 *
 * @module
 */

import type postgres from "postgres";
import { only } from "./database.ts";

/** What `claim_ghost_repair` answers. */
export interface Claim {
  readonly claimed: boolean;
  readonly reason: string | null;
  readonly token: string | null;
  readonly connection_epoch: string | null;
}

/** A claim that was granted. */
export interface GrantedClaim extends Claim {
  readonly claimed: true;
  readonly token: string;
  readonly connection_epoch: string;
}

/** One event of an instance. */
export interface Event {
  readonly kind: string;
  readonly detail: unknown;
}

/** Asks for the repair of an instance. */
export function claim(sql: postgres.ISql, instanceId: string): Promise<Claim> {
  return only(sql<Claim[]>`select * from public.claim_ghost_repair(${instanceId})`);
}

/** Asks, and throws where it is refused. */
export async function claimed(sql: postgres.ISql, instanceId: string): Promise<GrantedClaim> {
  const answer = await claim(sql, instanceId);
  if (!answer.claimed) throw new Error(`refused: ${answer.reason}`);
  return answer as GrantedClaim;
}

/** Says what came of a repair. */
export async function finish(
  sql: postgres.ISql,
  instanceId: string,
  token: string,
  outcome: postgres.JSONValue = { logout: "socket_dead" },
): Promise<string> {
  const { result } = await only(sql<{ result: string }[]>`
    select public.finish_ghost_repair(${instanceId}, ${token}, ${sql.json(outcome)}) as result`);
  return result;
}

/** An instance's row, whatever its columns. */
export function instanceRow(sql: postgres.ISql, instanceId: string): Promise<postgres.Row> {
  return only(sql`select * from public.whatsapp_instances where id = ${instanceId}`);
}

/** An instance's events, oldest first. */
export async function events(sql: postgres.ISql, instanceId: string): Promise<Event[]> {
  return [
    ...await sql<Event[]>`
      select kind, detail from public.instance_events where instance_id = ${instanceId}
      order by id`,
  ];
}

/** The kinds of {@linkcode events}. */
export async function eventKinds(sql: postgres.ISql, instanceId: string): Promise<string[]> {
  return (await events(sql, instanceId)).map((event) => event.kind);
}

/** A report that the session is open, as the webhook writes it. */
export async function reportOpen(
  sql: postgres.ISql,
  instanceId: string,
  at: Date = new Date(),
): Promise<void> {
  await sql`select public.apply_connection_event(${instanceId}, 'open', ${at})`;
}

/** Lets time pass for an instance's rate limit and claim, in seconds. */
export async function age(sql: postgres.ISql, instanceId: string, seconds: number): Promise<void> {
  await sql`
    update public.whatsapp_instances set
      last_disconnected_at = last_disconnected_at - make_interval(secs => ${seconds})
    where id = ${instanceId}`;
  await sql`
    update private.ghost_repair_claims set
      claimed_at = claimed_at - make_interval(secs => ${seconds}),
      expires_at = expires_at - make_interval(secs => ${seconds}),
      finished_at = finished_at - make_interval(secs => ${seconds})
    where instance_id = ${instanceId}`;
}
