/**
 * The product's database under a virtual clock: a real PostgreSQL on one connection, its functions
 * called by name as over the API, without PostgREST between.
 *
 * @module
 */

import postgres from "postgres";
import * as z from "zod/mini";
import {
  type Database,
  DatabaseError,
  type FunctionName,
} from "../../../../supabase/functions/_shared/runtime/database.ts";
import type { PostgresServer } from "../../../platform/database/postgres.ts";
import {
  callOf,
  chooseRoutine,
  readRoutines,
  type Routine,
} from "../../../platform/database/routines.ts";
import { TEMPLATE } from "../../../platform/database/template.ts";
import type { CleanUp } from "../../../process/clean-up.ts";
import type { VirtualClock } from "../../../world/virtual-clock.ts";

/** The one seam for time, as in `dev/platform/database/database-clock.ts`: here an instant that is set. */
const CLOCK = `
  create or replace function ghost_repair.now() returns timestamptz
  language sql stable parallel safe as $$
    select pg_catalog.current_setting('virtual.now')::timestamptz
  $$`;

/** See the module. */
export class FleetDatabase implements Database {
  /** How often it was asked. */
  calls = 0;
  #at = NaN;
  readonly #statements = new Map<string, { readonly text: string; readonly isVoid: boolean }>();

  private constructor(
    /** The only connection; {@linkcode tick} first. */
    readonly sql: postgres.Sql,
    private readonly clock: VirtualClock,
    private readonly routines: readonly Routine[],
  ) {}

  /** Makes a database from the template. */
  static async open(
    server: PostgresServer,
    clock: VirtualClock,
    cleanUp: CleanUp,
  ): Promise<FleetDatabase> {
    const name = `fleet_${crypto.randomUUID().replaceAll("-", "")}`;
    await server.createDatabase(name, {
      template: TEMPLATE,
      settings: { plan_cache_mode: "force_generic_plan" },
    });
    cleanUp.add("database", () => server.dropDatabase(name));
    const sql = postgres(server.url(name), { max: 1, onnotice: () => {} });
    cleanUp.add("connection", () => sql.end({ timeout: 2 }));
    await sql.unsafe(CLOCK);
    await sql`select setseed(0.5)`;
    return new FleetDatabase(sql, clock, await readRoutines(sql, null));
  }

  /** Puts the database's clock to the virtual instant; whatever is asked next is asked then. */
  tick(): void {
    const now = this.clock.monotonicMs();
    if (now === this.#at) return;
    this.#at = now;
    this.sql`select set_config('virtual.now', ${new Date(now).toISOString()}, false)`.catch(
      () => {},
    );
  }

  /** A statement at the virtual instant; time stands still for it. */
  run<T extends object>(text: string, values: readonly unknown[] = []): Promise<readonly T[]> {
    this.tick();
    this.calls++;
    // Prepared, also where nothing is given with it: the same few statements, again and again.
    const options = { prepare: true, simple: false };
    return this.clock.track(this.sql.unsafe<T[]>(text, values as never[], options));
  }

  /** See {@linkcode Database.call}. */
  async call<F extends FunctionName, T>(
    fn: F,
    args: object,
    answer: z.core.$ZodType<T>,
  ): Promise<T> {
    const given = Object.entries(args).flatMap(([name, value]) =>
      value === undefined ? [] : [name]
    );
    const { text, isVoid } = this.#statementOf(fn, given);
    let rows: readonly { readonly body: string | null }[];
    try {
      rows = await this.run<{ body: string | null }>(text, [JSON.stringify(args)]);
    } catch (error) {
      const { code, hint } = error as { readonly code?: string; readonly hint?: string };
      throw new DatabaseError(fn, code ?? "unreachable", hint ?? null);
    }
    return z.parse(answer, isVoid ? null : JSON.parse(rows[0]?.body ?? "null"));
  }

  #statementOf(fn: string, given: readonly string[]) {
    const key = `${fn} ${given}`;
    const kept = this.#statements.get(key);
    if (kept !== undefined) return kept;
    const routine = chooseRoutine(this.routines.filter(({ name }) => name === fn), given);
    if (routine === undefined) throw new DatabaseError(fn, "PGRST202", null);
    const made = { text: callOf(routine, given), isVoid: routine.returns === "void" };
    this.#statements.set(key, made);
    return made;
  }
}
