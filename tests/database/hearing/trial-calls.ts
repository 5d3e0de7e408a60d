/**
 * Habits and trials, called as the sweep and the functions call them.
 *
 * @module
 */

import type postgres from "postgres";
import { addInstances, callSql, type CompanyDatabase, only } from "../../support/database.ts";

/** A trial that was leased. */
export interface TrialLease {
  readonly trial_id: string;
  readonly instance_id: string;
  readonly token: string;
  readonly known: {
    readonly phase: string;
    readonly partner: boolean;
    readonly may_send: boolean;
    readonly heard: boolean;
    readonly reports: boolean;
    readonly answered_before: boolean;
    readonly canaries: readonly Readonly<Record<string, unknown>>[];
    readonly cure: Readonly<Record<string, unknown>>;
  };
}

/** A canary that may be sent. */
interface Begun {
  readonly id: string;
  readonly sender: { readonly instance_name: string };
  readonly recipient: { readonly instance_name: string; readonly phone_number: string };
}

/** The organization wants canaries. */
export async function switchOn({ sql, company }: CompanyDatabase): Promise<void> {
  await sql`insert into ghost_repair.canary_policies (organization_id)
    values (${company.organizationId})`;
}

/** The number has been heard of every hour for so many days, up to so many hours ago. */
export async function giveHabit(
  { sql, instanceId }: CompanyDatabase,
  { days = 28, until = 0 }: { readonly days?: number; readonly until?: number } = {},
): Promise<void> {
  await sql`update ghost_repair.hearing set
    heard_since = ghost_repair.now() - make_interval(days => ${days}, mins => 1)
    where instance_id = ${instanceId}`;
  await sql`
    with hours as (
      select (t.hour % 168)::smallint as slot, (t.hour / 168)::int as week,
        max(t.hour / 168) over (partition by t.hour % 168) as newest
      from generate_series(
        floor(extract(epoch from ghost_repair.now()) / 3600)::bigint - ${days * 24},
        floor(extract(epoch from ghost_repair.now()) / 3600)::bigint - ${until}) t (hour)
    )
    insert into ghost_repair.habit_hours (instance_id, slot, week, spells, faded, counted_at)
    select ${instanceId}, h.slot, max(h.week), 1,
      sum(power(s.habit_fade, h.newest - h.week)) - 1, ghost_repair.now()
    from hours h, ghost_repair.settings s group by h.slot`;
  await sql`update public.whatsapp_instances set
      last_received_at = ghost_repair.now() - make_interval(hours => ${until})
    where id = ${instanceId}`;
}

/** The sweep's part; returns how many numbers it asks about. */
export async function tendHabits(sql: postgres.ISql): Promise<number> {
  await sql`update ghost_repair.hearing set habit_check_at = ghost_repair.now()`;
  return Number((await only(sql`select ghost_repair.tend_habits() as asked`))["asked"]);
}

/** Another connected number of the company. */
export async function addPartner(
  { sql, company }: CompanyDatabase,
  phone = "5511900000022",
): Promise<string> {
  const [id] = await addInstances(sql, company, 1, { phone_number: phone });
  return id!;
}

/** A number on trial, and its lease. */
export async function onTrial({ sql, instanceId }: CompanyDatabase): Promise<TrialLease> {
  await sql`select ghost_repair.begin_trial(${instanceId}, 'silence',
    ghost_repair.now() - interval '1 hour')`;
  const [lease] = await leaseTrials(sql);
  return lease!;
}

/** Leases what is due now. */
export async function leaseTrials(sql: postgres.ISql): Promise<TrialLease[]> {
  return [...await sql<TrialLease[]>`select * from public.lease_due_trials(10)`];
}

/** The next turn of a trial, whenever it is. */
export async function nextTurn(sql: postgres.ISql): Promise<TrialLease> {
  await sql`update ghost_repair.canary_trials set next_step_at = ghost_repair.now()
    where closed_at is null`;
  await sql`update ghost_repair.leases set expires_at = ghost_repair.now()
    where kind = 'canary'`;
  return await only(leaseTrials(sql));
}

/** Asks to send one; null: it is not to be sent. */
export function beginCanary(
  sql: postgres.ISql,
  { trial_id, token }: TrialLease,
  way: string,
): Promise<Begun | null> {
  return callSql<Begun | null>(sql, "begin_canary", trial_id, token, way);
}

/** Says what a turn came to. */
export function recordTrial(
  sql: postgres.ISql,
  { trial_id, token }: TrialLease,
  result: postgres.JSONValue,
): Promise<boolean> {
  return callSql<boolean>(sql, "record_trial", trial_id, token, result);
}

/** The words of a canary. */
export function textOf({ id }: { readonly id: string }): string {
  return `Teste automático. [canary ${id}]`;
}

/** A message as `apply_message` takes it. */
export function incoming(id: string, content: string, sentAt = new Date()) {
  return {
    whatsapp_message_id: id,
    remote_jid: "5511900000022@s.whatsapp.net",
    hidden_jid: null,
    from_me: false,
    type: "text",
    content,
    media_url: null,
    media_mime_type: null,
    file_name: null,
    caption: null,
    sent_at: sentAt.toISOString(),
    contact_name: null,
  };
}

/** The number's open case: what is said of its hearing, and its state. */
export async function openCase(sql: postgres.ISql, instanceId: string) {
  const [row] = await sql<{ hearing: string | null; state: string; reason: string | null }[]>`
    select r.hearing, r.state, r.evidence ->> 'reason' as reason from public.ghost_repairs r
    where r.instance_id = ${instanceId} and r.closed_at is null`;
  return row ?? null;
}
