/**
 * The repair's SQL and the ladder's, called as the functions call it.
 *
 * @module
 */

import type postgres from "postgres";
import { advanceDatabase } from "../../dev/platform/database/database-clock.ts";
import { addInstances, callSql, type CompanyDatabase, only } from "./database.ts";

/** What `claim_ghost_repair` answers. */
interface Claim {
  readonly claimed: boolean;
  readonly reason: string | null;
  readonly token: string | null;
  readonly connection_epoch: string | null;
}

/** A claim that was granted. */
interface GrantedClaim extends Claim {
  readonly claimed: true;
  readonly token: string;
  readonly connection_epoch: string;
}

/** One event of an instance. */
interface Event {
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

/** Asks right before the logout; `probes` are what the socket answered. */
export function confirm(sql: postgres.ISql, instanceId: string, token: string): Promise<string> {
  return callSql(sql, "confirm_ghost_repair", instanceId, token, "{timeout}");
}

/** Lets go of the claim: the socket answered. */
export function release(sql: postgres.ISql, instanceId: string, token: string): Promise<string> {
  return callSql(sql, "release_ghost_repair", instanceId, token, "{alive}");
}

/** Says what the logout came to. */
export function recordLogout(
  sql: postgres.ISql,
  instanceId: string,
  token: string,
  outcome: postgres.JSONValue = { logout: "socket_dead" },
): Promise<string> {
  return callSql(sql, "record_ghost_logout", instanceId, token, outcome);
}

/** Says what the registry said afterwards. */
export function verify(
  sql: postgres.ISql,
  instanceId: string,
  token: string,
  outcome: postgres.JSONValue,
): Promise<string> {
  return callSql(sql, "record_ghost_verification", instanceId, token, outcome);
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

/** How many times something happened: what repeats is one event with a count. */
export async function timesOf(sql: postgres.ISql, instanceId: string, kind: string) {
  const { times } = await only(sql<{ times: number }[]>`
    select coalesce(sum(coalesce((detail ->> 'count')::int, 1)), 0)::int as times
    from public.instance_events where instance_id = ${instanceId} and kind = ${kind}`);
  return times;
}

/** A report that the session is open, as the webhook writes it. */
export async function reportOpen(
  sql: postgres.ISql,
  instanceId: string,
  at: Date = new Date(),
): Promise<void> {
  await callSql(sql, "apply_connection_event", instanceId, "open", at);
}

/** Lets time pass in the database, in seconds. */
export function pass(sql: postgres.Sql, seconds: number): Promise<void> {
  return advanceDatabase(sql, seconds * 1_000);
}

/** One row that `lease_due_repairs` hands out. */
interface RepairLease extends postgres.Row {
  readonly repair_id: string;
  readonly instance_id: string;
  readonly token: string;
}

/** Leases repairs whose next step is due; `tickStarted` is text, to keep its microseconds. */
export async function leaseRepairs(
  sql: postgres.ISql,
  limit = 1000,
  tickStarted: string | null = null,
): Promise<RepairLease[]> {
  return [
    ...await sql<RepairLease[]>`
      select *, tick_started::text as tick from public.lease_due_repairs(${limit},
        ${tickStarted}::text::timestamptz)`,
  ];
}

/** Asks whether to make a changing call now. */
export function beginStep(
  sql: postgres.ISql,
  { repair_id, token }: Pick<RepairLease, "repair_id" | "token">,
  step: string,
): Promise<boolean> {
  return callSql(sql, "begin_repair_step", repair_id, token, step);
}

/** Says what a tick found out. */
export function recordStep(
  sql: postgres.ISql,
  { repair_id, token }: Pick<RepairLease, "repair_id" | "token">,
  result: postgres.JSONValue,
): Promise<boolean> {
  return callSql(sql, "record_repair_step", repair_id, token, result);
}

/** Numbers of the company that are disconnected and under repair. */
export async function openRepairs(db: CompanyDatabase, count: number): Promise<string[]> {
  const ids = await addInstances(db.sql, db.company, count, { status: "disconnected" });
  await db.sql`
    insert into public.ghost_repairs (instance_id, organization_id)
    select id, ${db.company.organizationId} from unnest(${ids}::uuid[]) id`;
  return ids;
}
