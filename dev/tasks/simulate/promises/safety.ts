/**
 * What must hold after every step. What has to settle first is looked at in the end, see
 * `settled.ts`.
 *
 * @module
 */

import type postgres from "postgres";
import { isByPerson } from "../invocations.ts";
import { Hearing } from "./hearing.ts";
import { messageId, messageText } from "../texts.ts";
import type { Scene } from "../scene.ts";

/** Between two logouts of one number, in ms. */
const WINDOW_MS = 120_000;

/** Of one number in one hour: a flood hides what happened, and fills the table. */
const EVENTS_AN_HOUR = 200;

/** A fight is known and told by then, and of its openings so many are heard, in ms and a minute. */
const FIGHT_KNOWN_MS = 180_000;
const OPENINGS_A_MINUTE = 8;

const RANK: Readonly<Record<string, number>> = { sent: 1, delivered: 2, read: 3 };

/** The checks of one run; they remember what was. */
export class Safety {
  readonly #delivered = new Map<string, string>();
  readonly #ranks = new Map<string, number>();
  readonly #hearing: Hearing;
  #callsSeen = 0;

  /** @param scene What is checked. */
  constructor(private readonly scene: Scene) {
    this.#hearing = new Hearing(scene);
  }

  /** Throws nothing: what is broken goes to the scene's list. */
  async check(): Promise<void> {
    this.#checkCalls();
    this.#checkDeliveries();
    this.#checkSockets();
    await this.#hearing.check();
    await this.#checkRows();
    for (const name of this.scene.conflicts.keys()) await this.#checkFight(name);
    for (const what of await wrongRows(this.scene.world.sql)) this.scene.violated(what);
    for (const what of await wrongOrder(this.scene)) this.scene.violated(what);
    const changed = await this.scene.idle.changed();
    if (changed !== null) this.scene.violated(`the idle organization changed: ${changed}`);
    for (const line of this.scene.world.logs.splice(0)) {
      if (line.includes('"event":"thrown"')) this.scene.violated(`thrown past a function: ${line}`);
    }
  }

  #checkCalls(): void {
    const { calls } = this.scene;
    for (; this.#callsSeen < calls.length; this.#callsSeen++) {
      const call = calls[this.#callsSeen]!;
      if (call.route !== "logout" || isByPerson(call.by)) continue;
      const earlier = calls.slice(0, this.#callsSeen).findLast((other) =>
        other.route === "logout" && other.instance === call.instance
      );
      if (earlier !== undefined && call.arrivedAt - earlier.arrivedAt < WINDOW_MS) {
        const apart = Math.round((call.arrivedAt - earlier.arrivedAt) / 1000);
        this.scene.violated(
          `${call.instance} was logged out twice within ${apart} s, by ${earlier.by} and ${call.by}`,
        );
      }
    }
  }

  #checkDeliveries(): void {
    const { control } = this.scene.world.gateway;
    for (const name of control.instances()) {
      for (const { id, content } of control.delivered(name)) {
        const other = this.#delivered.get(content);
        if (other !== undefined && other !== id) this.scene.violated(`"${content}" left twice`);
        this.#delivered.set(content, id);
      }
    }
  }

  /** A connect inside a live loop makes a second socket: the two never end. */
  #checkSockets(): void {
    const { control } = this.scene.world.gateway;
    for (const name of control.instances()) {
      if (control.inspect(name).ghost === "flapping-440" && !this.scene.conflicts.has(name)) {
        this.scene.violated(`${name} has two sockets`);
        this.scene.conflicts.set(name, this.scene.world.clock.monotonicMs());
      }
    }
  }

  /** A fight whose openings are told of is known after three minutes, and its number not said to be well. */
  async #checkFight(name: string): Promise<void> {
    const { world, conflicts, violated } = this.scene;
    const { control, clock } = { ...world.gateway, ...world };
    if (!control.instances().includes(name) || control.inspect(name).life !== "conflict") return;
    const now = clock.monotonicMs();
    if (now - (conflicts.get(name) ?? now) < FIGHT_KNOWN_MS) return;
    const since = clock.now().getTime() - FIGHT_KNOWN_MS;
    const told = control.inspect(name).webhooksSent.filter(({ event, data, at, outcome }) =>
      event === "connection.update" && outcome === "delivered" && at.getTime() > since &&
      (data as { readonly state?: string }).state === "open"
    );
    if (told.length < FIGHT_KNOWN_MS / 60_000 * OPENINGS_A_MINUTE) return;
    const [row] = await world.sql`select from public.whatsapp_instances
      where instance_name = ${name} and status = 'connected'`;
    if (row !== undefined) violated(`fight: ${name} is connected while two sockets fight`);
  }

  async #checkRows(): Promise<void> {
    const { sql } = this.scene.world;
    const [found] = await sql`select
      (select jsonb_agg(jsonb_build_array(m.id, coalesce(m.content, m.caption), m.status))
        from public.messages m where m.is_from_me) as messages,
      (select jsonb_agg(i.instance_name) from public.whatsapp_instances i
        join public.ghost_repairs r on r.instance_id = i.id and r.closed_at is null
        where i.status = 'connected'
          and (r.evidence -> 'last_seen' ->> 'socket_dead')::boolean) as dead,
      (select jsonb_agg(f) from (
        select i.instance_name || ' wrote ' || count(*) || ' events in an hour'
        from public.instance_events e join public.whatsapp_instances i on i.id = e.instance_id
        where e.created_at > ghost_repair.now() - interval '1 hour'
        group by i.id having count(*) > ${EVENTS_AN_HOUR}) q (f)) as floods`;
    for (const flood of found?.["floods"] as string[] | null ?? []) this.scene.violated(flood);
    for (const name of found?.["dead"] as string[] | null ?? []) {
      this.scene.violated(`${name} is connected although its last probe failed`);
    }
    for (const row of found?.["messages"] as [string, string, string][] | null ?? []) {
      this.#checkMessage(...row);
    }
  }

  #checkMessage(id: string, content: string, status: string): void {
    const number = Number(id.slice(-12));
    if (id === messageId(number) && !content.startsWith(messageText(number))) {
      this.scene.violated(`message ${number} became "${content}"`);
    }
    const rank = RANK[status] ?? 0;
    const before = this.#ranks.get(id) ?? 0;
    // What was sent may be refused; what was delivered may not.
    const isRefused = status === "failed" && before === 1 && this.scene.refused.has(content);
    if (rank < before && !isRefused) {
      this.scene.violated(`message ${number} went back to ${status}`);
    }
    this.#ranks.set(id, rank);
  }
}

/** What is wrong with the rows at this moment: a step alone can break it. */
export async function wrongRows(sql: postgres.Sql): Promise<readonly string[]> {
  const rows = await sql<{ what: string }[]>`
    select 'contradicting flags: ' || i.instance_name || ' is ' || i.status || ' and '
      || case when i.manual_disconnect then 'disconnected by hand'
        when i.disconnected_since is not null then 'disconnected since'
        else 'out of attempts' end as what
    from public.whatsapp_instances i
    where (i.status = 'connected' and (i.manual_disconnect or i.disconnected_since is not null
        or i.reconnect_attempts_count > 0))
      or (i.manual_disconnect and i.status <> 'disconnected')
    union all
    -- Nobody would ever move it again, and no person was told.
    select 'no next look: ' || i.instance_name || ' is ' || i.status
    from public.whatsapp_instances i
    where i.status <> 'connected' and i.deleted_at is null
      and not exists (select from ghost_repair.reconnectable r where r.id = i.id)
      and not exists (select from ghost_repair.waiting_numbers w where w.id = i.id)
      and not exists (
        select from public.ghost_repairs r where r.instance_id = i.id and r.closed_at is null)
      and not exists (
        select from ghost_repair.troubles t where t.instance_id = i.id and t.told_at is not null)
    union all
    select 'ended untried: ' || coalesce(m.content, m.caption) || ' is interrupted'
    from public.messages m
    where m.status = 'failed' and m.error_code = 'interrupted' and m.sending_since is null`;
  return rows.map(({ what }) => what);
}

/** What ended well at the first attempt left in the order in which it was asked for. */
export async function wrongOrder({ world, idle }: Scene): Promise<readonly string[]> {
  const { control } = world.gateway;
  const left = control.instances().flatMap((name) => control.delivered(name));
  const places = new Map(left.map(({ content }, place) => [content, place]));
  const rows = await world.sql<{ content: string; conversation: string }[]>`
    select coalesce(m.content, m.caption, '') as content, m.conversation_id as conversation
    from public.messages m
    where m.is_from_me and m.attempts <= 1 and m.status in ('sent', 'delivered', 'read')
      and m.organization_id <> ${idle.company.organizationId}
    order by m.position`;
  const wrong: string[] = [];
  const last = new Map<string, { readonly content: string; readonly place: number }>();
  for (const { conversation, content } of rows) {
    const place = places.get(content);
    if (place === undefined) continue;
    const before = last.get(conversation);
    if (before !== undefined && before.place > place) {
      wrong.push(`out of order: "${content}" left before "${before.content}"`);
    }
    last.set(conversation, { content, place });
  }
  return wrong;
}
