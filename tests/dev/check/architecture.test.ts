import assert from "node:assert/strict";
import {
  describeArchitecture,
  examineArchitecture,
} from "../../../dev/tasks/check/architecture.ts";

type Files = Readonly<Record<string, string>>;

const FUNCTIONS = "supabase/functions";
const SHARED = `${FUNCTIONS}/_shared`;
const SQL = "supabase/migrations";
const REPAIR = `create schema private;
  create table private.settings (repair_window interval, confirm_at int[] default '{1000,4000,9000}');
  -- private.advance comes later.
  create or replace function private.claim() returns text language sql as $$
    select 'private.advance is not installed' $$;`;

/** A small house with nothing wrong in it: it has all that may be taken for a breach. */
const CLEAN: Files = {
  "deno.json": `{ "tasks": { "demo": "deno run -A dev/tasks/demo/main.ts" } }`,
  [`${SHARED}/runtime/clock.ts`]: "export interface Clock {}\nexport const clock: Clock = {};",
  [`${SHARED}/gateway/send.ts`]: `import type { Clock } from "../runtime/clock.ts";
    export interface Sent { readonly at: Clock }
    export const send = (at: Clock): Sent => ({ at });`,
  [`${FUNCTIONS}/evolution-api/index.ts`]: `import { list } from "./actions/list.ts";
    export default { fetch: list };`,
  [`${FUNCTIONS}/evolution-api/actions/list.ts`]: `import { answer } from "../answer.ts";
    import { send } from "../../_shared/gateway/send.ts";
    import { limits } from "../../_shared/gateway/client.ts";
    export const list = () => answer(send({}));`,
  [`${FUNCTIONS}/evolution-api/answer.ts`]: "export const answer = String;",
  "dev/tasks/demo/main.ts": `import { clock } from "../../../${SHARED}/runtime/clock.ts";
    new Worker(new URL("worker.ts", import.meta.url));`,
  "dev/tasks/demo/worker.ts": `import { story } from "./story.ts"; await import("./late.ts");`,
  "dev/tasks/demo/late.ts": "export const late = 1;",
  "dev/tasks/demo/story.ts": "export const story = [];",
  "tests/demo.test.ts": `import { story } from "../dev/tasks/demo/story.ts";`,
  [`${SQL}/1_ghost_repair.sql`]: REPAIR,
  [`${SQL}/2_ghost_ladder.sql`]: `create or replace function private.advance() returns void
    language sql as $$ select private.claim() $$;
    create trigger raise_epoch before update on public.numbers execute function private.claim();
    create schema alerts; create table alerts.channels (id int);
    create view private.repairing as select exists (
      select from ghost_repairs r where r.instance_id = i.id and r.closed_at is null) from numbers i;`,
  [`${SQL}/3_reconnect.sql`]: `create function private.due() returns bool language sql as $$
    select i.status in ('disconnected', 'connecting') and reconnect_attempts_count < 3
      and shown_at > now() - interval '45 seconds' $$;`,
  [`${SHARED}/gateway/client.ts`]: "const SEND_MS = 70_000;\nexport const limits = { SEND_MS };",
};

function examine(planted: Files): string[] {
  const files = Object.entries({ ...CLEAN, ...planted });
  return describeArchitecture(examineArchitecture(files.map(([path, text]) => ({ path, text }))));
}

/** What is planted, and every line that is said of it. */
const PLANTED: Readonly<Record<string, { files: Files; said: readonly string[] }>> = {
  "files that import each other, by a type alone or in a comment of a script": {
    files: {
      "dev/process/a.ts": `import { b } from "./b.ts";\nexport type A = typeof b;`,
      "dev/process/b.ts": `import type { A } from "./a.ts";\nexport const b: A | null = null;`,
      "console/app.js": `import "./state.js";`,
      "console/state.js": `/** @param {import("./app.js").App} app */`,
    },
    said: ["console/app.js → console/state.js", "dev/process/a.ts → dev/process/b.ts"].map((way) =>
      `circle: ${way} → ${way.split(" ")[0]}: move what both need into a file of its own`
    ),
  },
  "two folders that need each other through a file beside them": {
    files: {
      "console/app.tsx": `import "./data/rows.js"; import "./views/page.js";`,
      "console/views/page.js": `import "../glue.js";`,
      "console/glue.js": `import "./data/api.js";`,
      "console/data/api.js": "",
      "console/data/rows.js": `import "../views/words.js";`,
      "console/views/words.js": "",
    },
    said: [
      "circle: console/data → console/views → console/glue.js → console/data: move what both need down (console/data/rows.js needs console/views/words.js; console/views/page.js needs console/glue.js; console/glue.js needs console/data/api.js)",
    ],
  },
  "imports upwards, and a folder that no row speaks of": {
    files: {
      [`${SHARED}/contracts/reasons.ts`]: `import "../runtime/clock.ts";`,
      [`${FUNCTIONS}/evolution-webhook/index.ts`]: `import "../evolution-api/answer.ts";`,
      "dev/tasks/bench/main.ts": `import "../demo/story.ts"; import "./stage.ts";`,
      "dev/tasks/bench/stage.ts": `new URL("../../../tests/demo.test.ts", import.meta.url);`,
      "tests/bench.test.ts":
        `import "../${SHARED}/contracts/reasons.ts"; import "../dev/tasks/bench/main.ts";`,
      [`${SHARED}/odds/ends.test.ts`]: "",
    },
    said: [
      `upward import: ${SHARED}/contracts/reasons.ts imports ${SHARED}/runtime/clock.ts, but ${SHARED}/contracts may import nothing`,
      `upward import: ${FUNCTIONS}/evolution-webhook/index.ts imports ${FUNCTIONS}/evolution-api/answer.ts, but ${FUNCTIONS}/evolution-webhook may import ${SHARED}`,
      "upward import: dev/tasks/bench/main.ts imports dev/tasks/demo/story.ts, but dev/tasks/bench may import",
      "upward import: dev/tasks/bench/stage.ts imports tests/demo.test.ts, but dev/tasks/bench may import",
      `upward import: ${SHARED}/odds/ends.test.ts is in no layer: give its folder a row`,
    ],
  },
  "a migration that names things of a later one": {
    files: {
      [`${SQL}/1_ghost_repair.sql`]: `${REPAIR} drop trigger if exists raise_epoch on x;
        create function private.optional() returns void language plpgsql as $body$ begin
          if to_regprocedure('private.advance()') is null then delete from alerts.other; end if;
        end $body$;`,
    },
    said: ["function private.advance", "trigger raise_epoch", "schema alerts"].map((thing) =>
      `forward reference: ${SQL}/1_ghost_repair.sql names the ${thing}, which only ${SQL}/2_ghost_ladder.sql creates: create it here, or let the later one register itself`
    ),
  },
  "exports, and a file, that nobody imports": {
    files: {
      "dev/tasks/demo/story.ts":
        "export const story = [];\nexport type Tone = string;\nexport { story as tale };",
      "dev/process/left.ts": "",
    },
    said: [
      'unused export: dev/tasks/demo/story.ts exports Tone, which nobody imports: take away the "export", or all of it',
      'unused export: dev/tasks/demo/story.ts exports tale, which nobody imports: take away the "export", or all of it',
      "unused export: dev/process/left.ts is imported by nobody: delete it, or say in rules.ts who for",
    ],
  },
  "limits that are said twice, and a row about a limit that is gone": {
    files: {
      [`${SQL}/4_views.sql`]: `
        create view public.late as select 1 where now() - interval '7 minutes' < now(); -- attempts < 3
        create function public.all() returns int as $$ select 1 where now() - interval '7 minutes' < now()$$;`,
      [`${SHARED}/gateway/client.ts`]: "export const limits = {};",
      "console/app.js": `export const WAIT_MS = 2 * 1_000;\n"3 reconnection attempts failed";`,
      "client/client.ts": "/** 3 reconnection attempts */\nexport const WAIT_MS = 2 * 1_000;",
      "tests/app.test.ts": `import { WAIT_MS } from "../console/app.js";`,
    },
    said: [
      "second definition: console/app.js says attempts of one disconnection once more (console/app.js): read it from private.due",
      "second definition: dev/tasks/check/rules.ts has a row that finds nothing (how long a send may take)",
      `second definition: ${SQL}/4_views.sql interval '7 minutes' stands in public.late, public.all: define it once`,
      "second definition: console/app.js WAIT_MS = 2 * 1_000 stands in console/app.js, client/client.ts: define it once",
    ],
  },
  "a released migration that changed, one that is gone, and one that comes before them": {
    files: {
      "supabase/released.json": JSON.stringify({
        "0.2.0": { "1_ghost_repair.sql": "0", "9_gone.sql": "0" },
      }),
    },
    said: [
      `changed migration: ${SQL}/1_ghost_repair.sql was released with 0.2.0: leave it, and write a file with a later timestamp`,
      `changed migration: ${SQL}/9_gone.sql was released with 0.2.0 and is gone: bring it back`,
      `changed migration: ${SQL}/2_ghost_ladder.sql comes before 9_gone.sql, which is released: give it a later timestamp`,
      `changed migration: ${SQL}/3_reconnect.sql comes before 9_gone.sql, which is released: give it a later timestamp`,
    ],
  },
  "a folder of 21 files": {
    files: Object.fromEntries(Array.from({ length: 21 }, (_, at) => [`docs/${at}.md`, ""])),
    said: ["full folder: docs/ holds 21 files: give a subject of them a folder"],
  },
};

for (const [planted, { files, said }] of Object.entries(PLANTED)) {
  Deno.test(`the gate finds ${planted}`, () => {
    const lines = examine(files).slice(0, -2);
    assert.deepEqual(lines.map((line, at) => line.slice(0, said[at]?.length)), said);
  });
}

Deno.test("a function that a later migration defines anew says its limits once", () => {
  const late = `create or replace function public.late() returns int as $$
    select 1 where now() - interval '7 minutes' < now()$$;`;
  const again = { [`${SQL}/4_late.sql`]: late, [`${SQL}/5_late_again.sql`]: late };
  assert.match(examine(again).at(-2)!, /^architecture: 0 second definitions/);
});

Deno.test("a clean house has no finding, and the counts close what the gate says", () => {
  assert.deepEqual(examine({}), [
    "architecture: 0 second definitions, 0 full folders, 0 changed migrations",
    "architecture: 0 circles, 0 upward imports, 0 forward references, 0 unused exports",
  ]);
  assert.equal(
    examine({ "dev/process/left.ts": "" }).at(-1),
    "architecture: 0 circles, 0 upward imports, 0 forward references, 1 unused export",
  );
});
