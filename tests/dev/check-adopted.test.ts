import assert from "node:assert/strict";
import { join } from "node:path";
import { adopt, type AdoptOptions } from "../../dev/tasks/adopt/adopt.ts";
import type { Product } from "../../dev/tasks/adopt/plan.ts";
import { MODULE } from "../../dev/tasks/adopt/project/read-functions.ts";
import { checkAdopted } from "../../dev/tasks/doctor/check-adopted.ts";

const PRODUCT: Product = {
  version: "1",
  sql: { time: "", ghostRepair: "", ladder: [] },
  repair: "// repair\n",
  webhook: "",
  ladder: "",
  module: "export const fetch: typeof globalThis.fetch = globalThis.fetch;\n",
};
const BROKEN: Product = { ...PRODUCT, module: "export const fetch = 1;\n" };
const SENDER = "supabase/functions/send/index.ts";
const FILES = {
  "supabase/migrations/20250101000000_a.sql":
    `create table public.whatsapp_instances (id uuid primary key, instance_name text, connected boolean);`,
  [SENDER]: `await fetch("https://e.example/message/sendText/x");\n`,
};

/** A project, adopted or not: what the doctor finds in it, and the adoption itself. */
interface Place {
  readonly folder: string;
  readonly adopt: (product?: Product, options?: Partial<AdoptOptions>) => Promise<string>;
  readonly look: (product?: Product, fetcher?: typeof fetch) => Promise<string[]>;
}

async function withProject(run: (place: Place) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "adopted-" });
  try {
    for (const [path, text] of Object.entries(FILES)) await write(folder, path, text);
    await run({
      folder,
      adopt: async (product = PRODUCT, more = {}) => {
        const options = { into: folder, check: false, ladder: false, undo: false, pushed: false };
        const lines: string[] = [];
        await adopt({ ...options, dropData: false, told: {}, except: [], ...more }, {
          product: () => Promise.resolve(product),
          // What Deno really finds: tests/deploy/adopt.ts.
          checkTypes: (_, checked, changes) => {
            const module = changes.find(({ path }) => path === MODULE)?.after;
            const broken = module === BROKEN.module ? [`${checked[0]}: TS2349`] : [];
            return Promise.resolve({ checked, broken, unwell: [], unknown: [] });
          },
          now: new Date("2026-11-27T12:00:00Z"),
          print: (line) => void lines.push(line),
        });
        return lines.join("\n");
      },
      look: async (product = PRODUCT, fetcher) => {
        const deployed = fetcher ? { url: "https://x.example", key: "sb_secret_x" } : null;
        const told = () => Promise.resolve(product);
        return (await checkAdopted(folder, deployed, told, fetcher ?? fetch)).map(({ code }) =>
          code
        );
      },
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function write(folder: string, path: string, text: string): Promise<void> {
  await Deno.mkdir(join(folder, path, ".."), { recursive: true });
  await Deno.writeTextFile(join(folder, path), text);
}

const RECONNECT = "supabase/functions/reconnect/index.ts";
const CONNECTS = `const list = await db.from("whatsapp_instances").select().eq("connected", false);
await fetch(url + "/instance/connect/" + name);\n`;

/** What a deployed ladder answers, by the last part of the address. */
const WELL: Readonly<Record<string, readonly [status: number, text: string]>> = {
  ghost_repair_number: [200, "null"],
  ghost_repair_tick: [200, '{"allowed": false, "scheduled": true}'],
  "advance-ghost-repairs": [401, '{"success":false}'],
};

/** What else it may answer, and what that means. */
const UNWELL: readonly (readonly [answers: typeof WELL, code: string])[] = [
  [{ ghost_repair_tick: [404, ""] }, "missing_migration"],
  [{ ghost_repair_tick: [200, '{"scheduled": false}'] }, "cron_missing"],
  [{ "advance-ghost-repairs": [404, ""] }, "function_missing"],
  [{ "advance-ghost-repairs": [200, ""] }, "function_broken"],
  [{ "advance-ghost-repairs": [401, '{"msg":"Invalid JWT"}'] }, "function_jwt"],
];

Deno.test("doctor knows what an adopted ladder needs, and advises nothing of the webhook", () =>
  withProject(async ({ folder, adopt, look }) => {
    await write(folder, RECONNECT, CONNECTS);
    await adopt(PRODUCT, { ladder: true });
    const find = (answers: typeof WELL) =>
      look(PRODUCT, (url) => {
        const [status, text] = { ...WELL, ...answers }[String(url).split("/").at(-1)!]!;
        return Promise.resolve(new Response(text, { status }));
      });
    assert.deepEqual(await find({}), []);
    for (const [answers, code] of UNWELL) assert.deepEqual(await find(answers), [code]);
  }));

Deno.test("doctor knows what was adopted, what is missing of it, and what is newer", () =>
  withProject(async ({ folder, adopt, look }) => {
    assert.deepEqual(await look(), ["adopted_nothing"]);
    assert.match(await adopt(), /1 function\(s\) checked before and after, no new mistake/);
    assert.deepEqual(await look(), []);
    for (
      const [status, codes] of [
        ...[[404, ["missing_migration"]], [401, ["wrong_key"]], [200, []]] as const,
      ]
    ) {
      const fetcher = () => Promise.resolve(new Response("null", { status }));
      assert.deepEqual(await look(PRODUCT, fetcher), codes);
    }
    assert.deepEqual(await look({ ...PRODUCT, module: "// newer" }), ["adopted_otherwise"]);
    await write(folder, SENDER, FILES[SENDER]);
    assert.deepEqual(await look(), ["adopted_otherwise"]);
    await Deno.remove(join(folder, "supabase/migrations/20261127120000_adopt_ghost_repair.sql"));
    assert.deepEqual(await look(), ["adopted_migration", "adopted_otherwise"]);

    // What would break the types is refused, and nothing is written.
    const before = await Deno.readTextFile(join(folder, MODULE));
    await assert.rejects(adopt(BROKEN), /the types would break/);
    assert.equal(await Deno.readTextFile(join(folder, MODULE)), before);
    assert.equal(await Deno.readTextFile(join(folder, SENDER)), FILES[SENDER]);
  }));
