import assert from "node:assert/strict";
import postgres from "postgres";
import type { PostgresServer } from "../../../dev/platform/database/server.ts";
import { createAgeing } from "../../../dev/world/age-database.ts";
import { VirtualClock } from "../../../dev/world/virtual-clock.ts";
import { closeServerAfterAll, testServer } from "../../support/server.ts";

const DATABASE = `ageing_${crypto.randomUUID()}`;
closeServerAfterAll();

let server: PostgresServer;
let sql: postgres.Sql;

Deno.test.beforeAll(async () => {
  server = await testServer();
  await server.createDatabase(DATABASE);
  sql = postgres(server.url(DATABASE), { max: 4, onnotice: () => {} });
  await sql.unsafe(`
    create schema private;
    create schema elsewhere;
    create table public.rows (
      id int primary key, happened timestamptz, due timestamptz, changed timestamptz, plain timestamp,
      received timestamptz, doubled timestamptz generated always as (happened) stored
    );
    comment on column public.rows.received is 'date_time of the event, the gateway clock';
    create function public.touch() returns trigger language plpgsql as
      $$ begin new.changed := now(); return new; end $$;
    create trigger touch before update on public.rows for each row execute function public.touch();
    create table private."Odd name" ("At" timestamptz);
    create table elsewhere.rows (at timestamptz);
    create view public.seen as select happened from public.rows;
  `).simple();
});

Deno.test.afterAll(async () => {
  await sql.end();
  await server.dropDatabase(DATABASE);
});

const START = "2026-01-01T00:00:00Z";

async function refill(): Promise<void> {
  await sql`truncate public.rows, private."Odd name", elsewhere.rows`;
  await sql`insert into public.rows values
    (1, ${START}, ${START}, ${START}, '2026-01-01', ${START}), (2, null, ${START}, null, null, null)`;
  await sql`insert into private."Odd name" values (${START})`;
  await sql`insert into elsewhere.rows values (${START})`;
}

/** How many milliseconds older than at the start these columns are. */
async function ages(): Promise<Record<string, unknown>> {
  const [row] = await sql`
    with start as (select ${START}::timestamptz as at), old as (
      select (select at from start) - happened as happened, (select at from start) - due as due,
        (select at from start) - changed as changed, (select at from start) - received as received,
        (select at from start) - doubled as doubled, timestamp '2026-01-01' - plain as plain,
        (select at from start) - (select "At" from private."Odd name") as odd,
        (select at from start) - (select at from elsewhere.rows) as elsewhere
      from public.rows where id = 1)
    select (select jsonb_object_agg(key, extract(epoch from value::interval) * 1000)
      from jsonb_each_text(to_jsonb(old))) as ages from old`;
  return row?.["ages"];
}

Deno.test("rows grow as old as the clock says, where time has a zone, and triggers stay silent", async () => {
  await refill();
  const clock = new VirtualClock();
  const { flush } = createAgeing(sql, clock);
  await clock.advance(90_000);
  await clock.advance(500);
  await flush();
  const old = 90_500;
  assert.deepEqual(await ages(), {
    happened: old,
    due: old,
    changed: old,
    doubled: old,
    odd: old,
    received: 0,
    plain: 0,
    elsewhere: 0,
  });
  const [empty] = await sql`select happened, changed from public.rows where id = 2`;
  assert.deepEqual({ ...empty }, { happened: null, changed: null });
});

Deno.test("many callers at once age the rows once", async () => {
  await refill();
  const clock = new VirtualClock();
  const { flush } = createAgeing(sql, clock);
  await clock.advance(60_000);
  const seen = await Promise.all(Array.from({ length: 8 }, async () => {
    await flush();
    return (await ages())["due"];
  }));
  assert.deepEqual(seen, Array(8).fill(60_000));
});

Deno.test("without time passing nothing is written", async () => {
  await refill();
  const version = async () => (await sql`select xmin::text from public.rows where id = 1`)[0];
  const before = await version();
  const { flush } = createAgeing(sql, new VirtualClock());
  await flush();
  assert.deepEqual(await version(), before);
});

Deno.test("a table that is aged for hours does not grow with what its rows were", async () => {
  await refill();
  // Rows with an index on what changes leave an entry behind each time.
  await sql`create index on public.rows (due)`;
  await sql`insert into public.rows (id, due) select n, ${START} from generate_series(10, 1009) n`;
  const clock = new VirtualClock();
  const { flush } = createAgeing(sql, clock);
  const bytesAfter = async (flushes: number) => {
    for (let count = 0; count < flushes; count++) {
      await clock.advance(1_000);
      await flush();
    }
    const [row] = await sql`select pg_total_relation_size('public.rows')::int as bytes`;
    return Number(row?.["bytes"]);
  };
  const early = await bytesAfter(25);
  assert.ok(await bytesAfter(75) < 2 * early);
});

Deno.test("a flush that failed is made up for by the next", async () => {
  await refill();
  const clock = new VirtualClock();
  const { flush } = createAgeing(sql, clock);
  await clock.advance(1_000);
  await flush();
  await sql`alter table public.rows rename to gone`;
  await clock.advance(2_000);
  await assert.rejects(flush(), { code: "42P01" });
  await sql`alter table public.gone rename to rows`;
  await clock.advance(3_000);
  await flush();
  assert.equal((await ages())["due"], 6_000);
});

Deno.test("a request finds the rows aged, and no time passes until its answer is read", async () => {
  await refill();
  const clock = new VirtualClock();
  const ageing = createAgeing(sql, clock);
  await clock.advance(10_000);
  const fetch = ageing.wrapFetch(async () => {
    const due = (await ages())["due"];
    const body = new ReadableStream({
      async pull(controller) {
        await sql`select pg_sleep(0.05)`;
        controller.enqueue(new TextEncoder().encode(String(due)));
        controller.close();
      },
    });
    return new Response(body, { status: 201, headers: { "x-kept": "yes" } });
  });
  const noLater = clock.sleep(1).then(() => "time passed");
  const answer = fetch("http://postgrest.local").then(async (response) =>
    [response.status, response.headers.get("x-kept"), await response.text()].join(" ")
  );
  assert.equal(await clock.until(Promise.race([answer, noLater])), "201 yes 10000");
  await clock.advance(1);
  await noLater;
});

Deno.test("an answer without a body stays one", async () => {
  const { wrapFetch } = createAgeing(sql, new VirtualClock());
  const fetch = wrapFetch(() => Promise.resolve(new Response(null, { status: 204 })));
  const response = await fetch("http://postgrest.local");
  assert.deepEqual([response.status, response.body], [204, null]);
});

Deno.test("an instant that an answer gave is as old as the rows when it is handed back", async () => {
  await refill();
  const clock = new VirtualClock();
  const given = "2026-01-01T00:00:00.000001+00:00";
  const bodies: string[] = [];
  const fetch = createAgeing(sql, clock).wrapFetch(async (_input, init) => {
    bodies.push(await new Response(init?.body ?? null).text());
    return Response.json([{ started: given }]);
  });
  const post = (body: unknown) =>
    fetch("http://postgrest.local", {
      method: "POST",
      body: new TextEncoder().encode(JSON.stringify(body)).buffer,
    });
  await post({ from: given });
  await clock.advance(90_500);
  await post({ from: given, other: "2026-01-01T00:00:00+00:00" });
  assert.deepEqual(bodies.map((body) => JSON.parse(body)), [
    { from: given },
    { from: "2025-12-31T23:58:29.500001+00:00", other: "2026-01-01T00:00:00+00:00" },
  ]);
});
