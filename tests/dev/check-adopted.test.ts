import assert from "node:assert/strict";
import { join } from "node:path";
import { adopt, type AdoptOptions } from "../../dev/tasks/adopt/adopt.ts";
import type { Change } from "../../dev/tasks/adopt/change.ts";
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

async function withProject(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "adopted-" });
  try {
    for (const [path, text] of Object.entries(FILES)) {
      await Deno.mkdir(join(folder, path, ".."), { recursive: true });
      await Deno.writeTextFile(join(folder, path), text);
    }
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const options = (into: string): AdoptOptions => ({
  into,
  check: false,
  ladder: false,
  undo: false,
  pushed: false,
  dropData: false,
  told: {},
  except: [],
});

const look = async (folder: string, product = PRODUCT, status?: number) => {
  const deployed = status === undefined ? null : { url: "https://x.example", key: "sb_secret_x" };
  const fetcher = () => Promise.resolve(new Response("null", { status: status ?? 200 }));
  const found = await checkAdopted(folder, deployed, () => Promise.resolve(product), fetcher);
  return found.map(({ code }) => code);
};

const RECONNECT = "supabase/functions/reconnect/index.ts";

Deno.test("doctor knows what an adopted ladder needs, and advises nothing of the webhook", async () => {
  await withProject(async (folder) => {
    await Deno.mkdir(join(folder, RECONNECT, ".."), { recursive: true });
    await Deno.writeTextFile(
      join(folder, RECONNECT),
      `const list = await db.from("whatsapp_instances").select().eq("connected", false);
await fetch(url + "/instance/connect/" + name);\n`,
    );
    await adopt({ ...options(folder), ladder: true }, {
      product: () => Promise.resolve(PRODUCT),
      checkTypes: (_, checked) => Promise.resolve({ checked, broken: [], unwell: [], unknown: [] }),
      now: new Date("2026-11-27T12:00:00Z"),
      print: () => {},
    });
    const well = {
      ghost_repair_number: [200, "null"],
      ghost_repair_tick: [200, '{"allowed": false, "scheduled": true}'],
      "advance-ghost-repairs": [401, '{"success":false}'],
    } as const;
    const findings = async (answers: Readonly<Record<string, readonly [number, string]>>) => {
      const fetcher: typeof fetch = (url) => {
        const [status, text] = { ...well, ...answers }[String(url).split("/").at(-1)!]!;
        return Promise.resolve(new Response(text, { status }));
      };
      const deployed = { url: "https://x.example", key: "sb_secret_x" };
      const found = await checkAdopted(folder, deployed, () => Promise.resolve(PRODUCT), fetcher);
      return found.map(({ code }) => code);
    };
    assert.deepEqual(await findings({}), []);
    assert.deepEqual(await findings({ ghost_repair_tick: [404, ""] }), ["missing_migration"]);
    assert.deepEqual(await findings({ ghost_repair_tick: [200, '{"scheduled": false}'] }), [
      "cron_missing",
    ]);
    for (
      const [status, text, code] of [
        [404, "", "function_missing"],
        [200, "", "function_broken"],
        [401, '{"msg":"Invalid JWT"}', "function_jwt"],
      ] as const
    ) {
      assert.deepEqual(await findings({ "advance-ghost-repairs": [status, text] }), [code]);
    }
  });
});

Deno.test("doctor knows what was adopted, what is missing of it, and what is newer", async () => {
  await withProject(async (folder) => {
    assert.deepEqual(await look(folder), ["adopted_nothing"]);
    const lines: string[] = [];
    const effects = {
      product: () => Promise.resolve(PRODUCT),
      // What Deno really finds: tests/deploy/adopt.ts.
      checkTypes: (_: string, checked: readonly string[], changes: readonly Change[]) => {
        const module = changes.find(({ path }) => path === MODULE)?.after;
        const broken = module === BROKEN.module ? [`${checked[0]}: TS2349`] : [];
        return Promise.resolve({ checked, broken, unwell: [], unknown: [] });
      },
      now: new Date("2026-11-27T12:00:00Z"),
      print: (line: string) => lines.push(line),
    };
    await adopt(options(folder), effects);
    assert.match(lines.join("\n"), /1 function\(s\) checked before and after, no new mistake/);
    assert.deepEqual(await look(folder), []);
    for (const [status, code] of [[404, "missing_migration"], [401, "wrong_key"]] as const) {
      assert.deepEqual(await look(folder, PRODUCT, status), [code]);
    }
    assert.deepEqual(await look(folder, PRODUCT, 200), []);
    assert.deepEqual(await look(folder, { ...PRODUCT, module: "// newer" }), ["adopted_otherwise"]);
    await Deno.writeTextFile(join(folder, SENDER), FILES[SENDER]!);
    assert.deepEqual(await look(folder), ["adopted_otherwise"]);
    await Deno.remove(
      join(folder, "supabase/migrations/20261127120000_adopt_ghost_repair.sql"),
    );
    assert.deepEqual(await look(folder), ["adopted_migration", "adopted_otherwise"]);

    // What would break the types is refused, and nothing is written.
    const before = await Deno.readTextFile(join(folder, MODULE));
    await assert.rejects(
      adopt(options(folder), { ...effects, product: () => Promise.resolve(BROKEN) }),
      /the types would break/,
    );
    assert.equal(await Deno.readTextFile(join(folder, MODULE)), before);
    assert.equal(await Deno.readTextFile(join(folder, SENDER)), FILES[SENDER]);
  });
});
