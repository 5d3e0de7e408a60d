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
import { TEMPLATE } from "../../../platform/database/template.ts";
import type { CleanUp } from "../../../process/clean-up.ts";
import type { VirtualClock } from "../../../world/virtual-clock.ts";

/** The one seam for time, as in `dev/platform/database/database-clock.ts`: here an instant that is set. */
const CLOCK = `
  create or replace function ghost_repair.now() returns timestamptz
  language sql stable parallel safe as $$
    select pg_catalog.current_setting('virtual.now')::timestamptz
  $$`;

/** What the catalogue says of a function. */
interface Signature {
  readonly name: string;
  /** `set`: rows; `row`: one row; `void`; or a value. */
  readonly returns: "set" | "row" | "void" | "value";
  /** Argument name → type. */
  readonly args: Readonly<Record<string, string>>;
}

/** See the module. */
export class FleetDatabase implements Database {
  /** How often it was asked. */
  calls = 0;
  #at = NaN;
  readonly #texts = new Map<string, { readonly text: string; readonly names: string[] }>();

  private constructor(
    /** The only connection; {@linkcode tick} first. */
    readonly sql: postgres.Sql,
    private readonly clock: VirtualClock,
    private readonly signatures: ReadonlyMap<string, Signature>,
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
    return new FleetDatabase(sql, clock, await readSignatures(sql));
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
    const given = Object.entries(args).filter(([, value]) => value !== undefined);
    const { text, names } = this.#textOf(fn, given.map(([name]) => name));
    const known = new Map(given);
    const values = names.map((name) => encode(known.get(name)));
    let rows: readonly { readonly answer: string | null }[];
    try {
      rows = await this.run<{ answer: string | null }>(text, values);
    } catch (error) {
      const { code, hint } = error as { readonly code?: string; readonly hint?: string };
      throw new DatabaseError(fn, code ?? "unreachable", hint ?? null);
    }
    return z.parse(answer, JSON.parse(rows[0]?.answer ?? "null"));
  }

  #textOf(fn: string, names: string[]) {
    const key = `${fn} ${names}`;
    const kept = this.#texts.get(key);
    if (kept !== undefined) return kept;
    const signature = this.signatures.get(fn);
    if (signature === undefined) throw new DatabaseError(fn, "PGRST202", null);
    const told = names.map((name, place) => {
      const type = signature.args[name];
      if (type === undefined) throw new DatabaseError(fn, "PGRST202", null);
      return `${name} => ${decode(`$${place + 1}::text`, type)}`;
    });
    const called = `public.${fn}(${told.join(", ")})`;
    const text = {
      set: `select coalesce(json_agg(answer), '[]')::text as answer from ${called} answer`,
      row: `select row_to_json(answer)::text as answer from ${called} answer`,
      value: `select to_json(${called})::text as answer`,
      void: `select null::text as answer from ${called} nothing`,
    }[signature.returns];
    const made = { text, names };
    this.#texts.set(key, made);
    return made;
  }
}

/** As text: instants and large numbers arrive as they were sent. */
function encode(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function decode(hole: string, type: string): string {
  if (!type.endsWith("[]")) return `${hole}::${type}`;
  return `array(select json_array_elements_text(${hole}::json))::${type}`;
}

async function readSignatures(sql: postgres.Sql): Promise<ReadonlyMap<string, Signature>> {
  const rows = await sql<Signature[]>`
    select p.proname as name,
      case when p.proretset then 'set' when t.typtype = 'c' then 'row'
        when t.typname = 'void' then 'void' else 'value' end as returns,
      (select coalesce(json_object_agg(a.name, format_type(a.type, null)), '{}')
        from unnest(p.proargnames[1:p.pronargs], p.proargtypes::oid[]) a (name, type)) as args
    from pg_proc p join pg_type t on t.oid = p.prorettype
    where p.pronamespace = 'public'::regnamespace and p.prokind = 'f'
      and p.prorettype <> 'trigger'::regtype`;
  return new Map(rows.map((row) => [row.name, row]));
}
