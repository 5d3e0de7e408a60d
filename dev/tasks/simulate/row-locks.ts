/**
 * Rows that somebody else has locked for some virtual seconds, in a real database. What runs into
 * such a row really waits there, with all that it has locked itself; time goes on meanwhile, and what
 * waits too long is ended, as the platform does. So a wrong order of locks is a real deadlock here.
 *
 * @module
 */

import { setTimeout as wait } from "node:timers/promises";
import postgres from "postgres";
import type { VirtualClock } from "../../world/virtual-clock.ts";

/** A statement of the functions may take so long on a hosted project, in virtual ms. */
const STATEMENT_LIMIT_MS = 8_000;
/** From one real look at who waits to the next, in ms. */
const LOOK_MS = 2;
/** Real ms. Who was freed goes on in a moment, also on a busy machine. */
const SETTLE_LIMIT_MS = 60_000;

/** What may be locked. */
export type LockedTable = "whatsapp_instances" | "messages";

/** The row locks of one run. */
export class RowLocks {
  #sql: postgres.Sql | null = null;
  readonly #holders = new Map<number, () => Promise<void>>();
  /** What stands behind a locked row, and the process that works for it. */
  readonly #stuck = new Map<Promise<unknown>, number>();

  /**
   * @param databaseUrl Which database.
   * @param clock How long they are held.
   */
  constructor(private readonly databaseUrl: string, private readonly clock: VirtualClock) {}

  /** Locks a row; returns what frees it. Where somebody has it already, nothing happens. */
  async lock(table: LockedTable, id: string): Promise<() => Promise<void>> {
    this.#sql ??= postgres(this.databaseUrl, { max: 4, onnotice: () => {} });
    // One connection looks on.
    if (this.#holders.size >= 3) return () => Promise.resolve();
    const connection = await this.#sql.reserve();
    await connection`begin`;
    const [holder] = await connection<{ pid: number; locked: number }[]>`
      with row as (select from ${connection(`public.${table}`)}
        where id = ${id} for update skip locked)
      select pg_backend_pid() as pid, (select count(*)::int from row) as locked`;
    const free = async () => {
      if (holder === undefined || !this.#holders.delete(holder.pid)) return;
      await connection`rollback`;
      connection.release();
      await this.#settle();
    };
    if (holder === undefined) throw new Error("who holds a lock has a process");
    this.#holders.set(holder.pid, free);
    if (holder.locked === 0) await free();
    return free;
  }

  /** Settles when `work` is done, or stands behind a locked row: then time may go on. */
  async untilStuck(work: Promise<unknown>): Promise<void> {
    const ended = work.then(() => true, () => true);
    if (this.#holders.size === 0) return void await ended;
    while (!await Promise.race([ended, wait(LOOK_MS, false)])) {
      const known = [...this.#stuck.values()];
      const pid = (await this.#waiting()).find((pid) => !known.includes(pid));
      if (pid === undefined) continue;
      this.#stuck.set(work, pid);
      ended.then(() => this.#stuck.delete(work));
      this.#limit(work, ended, pid);
      return;
    }
  }

  /** Frees every row. */
  async free(): Promise<void> {
    for (const free of [...this.#holders.values()]) await free();
  }

  /** Frees every row, and looks on no more. */
  async close(): Promise<void> {
    await this.free();
    await this.#sql?.end({ timeout: 2 });
    this.#sql = null;
  }

  #limit(work: Promise<unknown>, ended: Promise<boolean>, pid: number): void {
    const end = new AbortController();
    ended.then(() => end.abort());
    this.clock.sleep(STATEMENT_LIMIT_MS, end.signal).then(async () => {
      if (!this.#stuck.has(work)) return;
      await this.clock.track((async () => {
        if (this.#sql) await this.#sql`select pg_cancel_backend(${pid})`;
        await ended;
      })());
    }, () => {});
  }

  /** A row was freed: who waited for it goes on, and may come to the next one. */
  async #settle(): Promise<void> {
    const until = performance.now() + SETTLE_LIMIT_MS;
    while (this.#stuck.size > 0) {
      // A statement that nobody plays waits there, too: it would be waited for for ever.
      if (performance.now() > until) throw new Error("who waits for a locked row is not known");
      if (this.#holders.size > 0 && (await this.#waiting()).length === this.#stuck.size) return;
      await wait(LOOK_MS);
    }
  }

  /** Who waits for a holder, or for somebody who waits for one. */
  async #waiting(): Promise<readonly number[]> {
    const holders = [...this.#holders.keys()];
    const rows = await this.#sql!<{ pid: number }[]>`
      with recursive behind as (
        select a.pid, pg_blocking_pids(a.pid) as by from pg_stat_activity a
        where a.datname = current_database() and a.wait_event_type = 'Lock'
      ), found as (
        select b.pid from behind b where b.by && ${holders}::int[]
        union
        select b.pid from behind b join found f on f.pid = any (b.by)
      )
      select pid from found`;
    return rows.map(({ pid }) => pid);
  }
}
