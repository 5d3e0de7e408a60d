import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import { CONFIG, readVerifyJwt } from "../../../dev/platform/config.ts";
import { fasterClock, FUNCTION_FACTORIES } from "../../../dev/platform/function-handlers.ts";
import { FUNCTIONS, loadFunctions, withVerifyJwt } from "../../../dev/platform/functions.ts";
import { VirtualClock } from "../../../dev/world/virtual-clock.ts";

/** Runs `use` with a functions folder of these index.ts files. */
async function withFunctions(
  files: Readonly<Record<string, string>>,
  use: (folder: URL) => Promise<void>,
): Promise<void> {
  const path = await Deno.makeTempDir();
  const folder = pathToFileURL(`${path}/`);
  try {
    for (const [name, text] of Object.entries(files)) {
      await Deno.mkdir(new URL(`${name}/`, folder));
      await Deno.writeTextFile(new URL(`${name}/index.ts`, folder), text);
    }
    await use(folder);
  } finally {
    await Deno.remove(path, { recursive: true });
  }
}

Deno.test("every form of Deno.serve gives its handler, and no port is opened", () =>
  withFunctions({
    plain: `Deno.serve(() => new Response("plain"));`,
    options: `Deno.serve({ port: 1 }, async () => new Response("options"));`,
    object: `Deno.serve({ port: 1, handler: () => new Response("object") });`,
    _shared: `throw new Error("not a function");`,
  }, async (folder) => {
    const serve = Deno.serve;
    const handlers = await loadFunctions(folder);
    assert.equal(Deno.serve, serve);
    const request = new Request("http://127.0.0.1/");
    assert.deepEqual([...handlers.keys()], ["object", "options", "plain"]);
    for (const [name, handler] of handlers) {
      assert.equal(await (await handler(request)).text(), name);
    }
  }));

Deno.test("what is asked for is loaded once, however often, and what is no function never", () =>
  withFunctions(
    { only: `Deno.serve(() => new Response(""));`, other: "throw 1" },
    async (folder) => {
      await Deno.mkdir(new URL("unfinished/", folder));
      const load = () => loadFunctions(folder, (name) => name !== "other");
      const [first, second] = await Promise.all([load(), load()]);
      assert.deepEqual([...first.keys()], ["only"]);
      assert.equal(first.get("only"), second.get("only"));
      assert.equal(first.get("only"), (await load()).get("only"));
    },
  ));

Deno.test("an entry file that serves nothing, or twice, is named", () =>
  withFunctions({
    silent: "export {};",
    double: "const f = () => new Response(''); Deno.serve(f); Deno.serve(f);",
  }, async (folder) => {
    const load = (wanted: string) => loadFunctions(folder, (name) => name === wanted);
    await assert.rejects(load("silent"), /silent\/index\.ts must call Deno\.serve once/);
    await assert.rejects(load("double"), /double\/index\.ts .* 2×/);
  }));

Deno.test("verify_jwt is true unless the configuration says otherwise", () => {
  const verifyJwt = readVerifyJwt(`
    project_id = "x"
    [functions.open]
    verify_jwt = false
    [functions.silent]
    import_map = "./deno.json"
  `);
  assert.deepEqual(["open", "silent", "unmentioned"].map(verifyJwt), [false, true, true]);
  assert.equal(readVerifyJwt("")("any"), true);
  assert.throws(() => readVerifyJwt('[functions.a]\nverify_jwt = "no"'));
});

Deno.test("the platform checks no token before any of the project's functions", async () => {
  const verifyJwt = readVerifyJwt(await Deno.readTextFile(CONFIG));
  const names = Object.keys(FUNCTION_FACTORIES);
  assert.deepEqual(names.filter(verifyJwt), []);
  const handler = () => Promise.resolve(new Response());
  const joined = await withVerifyJwt(new Map([["evolution-webhook", handler]]));
  assert.deepEqual([...joined], [["evolution-webhook", { handler, verifyJwt: false }]]);
});

Deno.test("under a faster clock a minute takes seconds and still reads as a minute", async () => {
  const clock = new VirtualClock();
  const faster = fasterClock(clock, 10);
  const began = clock.monotonicMs();
  const measured = faster.monotonicMs();
  await clock.until(faster.sleep(60_000));
  assert.equal(clock.monotonicMs() - began, 6_000);
  assert.equal(faster.monotonicMs() - measured, 60_000);
  assert.equal(faster.now().getTime(), clock.now().getTime());
  assert.throws(() => fasterClock(clock, 0.5), /speed must be at least 1: 0.5/);
});

Deno.test("the functions import nothing of node:, and supabase-js where users are verified alone", async () => {
  const importers = { node: [] as string[], supabase: [] as string[] };
  for await (const [path, text] of sourcesIn(FUNCTIONS)) {
    if (/from "node:/.test(text)) importers.node.push(path);
    if (/from "@supabase\/supabase-js"/.test(text)) importers.supabase.push(path);
  }
  assert.deepEqual(importers, { node: [], supabase: ["evolution-api/authenticator.ts"] });
});

async function* sourcesIn(folder: URL, at = ""): AsyncGenerator<[path: string, text: string]> {
  for await (const { name, isDirectory } of Deno.readDir(new URL(at, folder))) {
    if (isDirectory) yield* sourcesIn(folder, `${at}${name}/`);
    else if (name.endsWith(".ts")) {
      yield [at + name, await Deno.readTextFile(new URL(at + name, folder))];
    }
  }
}
