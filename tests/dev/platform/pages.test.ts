import assert from "node:assert/strict";
import { createEvolutionSimulator } from "../../../dev/evolution/simulator.ts";
import { createPages, type LocalStack } from "../../../dev/platform/pages.ts";
import { VirtualClock } from "../../../dev/world/virtual-clock.ts";

const ORIGIN = "http://127.0.0.1:54321";
const simulator = createEvolutionSimulator({ clock: new VirtualClock(), apiKey: "key" });
simulator.control.createPaired({ name: "a", phone: "5511912345678" });

function pages(change: Partial<LocalStack> = {}) {
  // What /dev/info reads of a database is seen in the browser's test.
  const stack = { gatewayUrl: "http://127.0.0.1:1", simulator, ...change };
  return createPages(stack as LocalStack);
}

const get = async (path: string) => await pages().request(ORIGIN + path);

const post = async (url: string, headers: HeadersInit = {}, change: Partial<LocalStack> = {}) =>
  await pages(change).request(url, { method: "POST", headers, body: '{"name":"a"}' });

Deno.test("the page comes with a policy that lets no foreign script in", async () => {
  const response = await get("/");
  assert.equal(response.headers.get("content-type"), "text/html; charset=utf-8");
  const policy = response.headers.get("content-security-policy") ?? "";
  assert.match(policy, /default-src 'none'; script-src 'self';/);
  const html = await response.text();
  assert.doesNotMatch(html, /\son\w+=|\sstyle=|<script(?![^>]*src=)|https?:\/\/(?!….supabase)/);
});

Deno.test("every file that the page names is served", async () => {
  const html = await (await get("/")).text();
  const names = [...html.matchAll(/(?:href|src)="([a-z-/]+\.\w+)"/g)].map(([, name]) => name!);
  assert.ok(names.includes("app.js") && names.includes("styles.css"));
  for (const name of names) {
    const response = await get(`/${name}`);
    assert.equal(response.status, 200, name);
    await response.body?.cancel();
  }
});

Deno.test("nothing but the page's own files is served", async () => {
  for (
    const path of [
      "/pages.ts",
      "/../main.ts",
      "/%2e%2e/main.ts",
      "/a/app.js",
      "/none.js",
      "/data/api.ts",
    ]
  ) {
    assert.equal((await get(path)).status, 404, path);
  }
});

Deno.test("the control API answers a page of this origin", async () => {
  const url = `${ORIGIN}/dev/control/inspect`;
  const answer = await (await post(url, { origin: ORIGIN })).json();
  assert.deepEqual([answer.ok, answer.result.registry], [true, "open"]);
  // With a real Evolution server there is none.
  assert.equal((await post(url, {}, { simulator: undefined })).status, 404);
});

Deno.test("a foreign page, or a foreign name for this machine, controls nothing", async () => {
  const url = `${ORIGIN}/dev/control/blip`;
  const answers = [
    await post(url, { origin: "https://evil.example" }),
    await post(url, { "sec-fetch-site": "cross-site" }),
    await post("http://evil.example/dev/control/blip"),
  ];
  assert.deepEqual(answers.map(({ status }) => status), [403, 403, 403]);
  assert.equal(simulator.control.inspect("a").socket, "open");
});
