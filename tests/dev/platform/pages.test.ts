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

async function post(
  url: string,
  headers: Record<string, string> = {},
  change: Partial<LocalStack> = {},
) {
  const body = JSON.stringify({ name: "a" });
  return await pages(change).request(url, { method: "POST", headers, body });
}

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
  assert.ok(names.includes("app.js") && names.includes("styles/theme.css"));
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
      "/data/api.js",
    ]
  ) {
    assert.equal((await get(path)).status, 404, path);
  }
});

Deno.test("the control API answers a page of this origin", async () => {
  const response = await post(`${ORIGIN}/dev/control/inspect`, { origin: ORIGIN });
  const answer = await response.json();
  assert.equal(answer.ok, true);
  assert.equal(answer.result.registry, "open");
});

Deno.test("a foreign page, or a foreign name for this machine, controls nothing", async () => {
  const url = `${ORIGIN}/dev/control/blip`;
  for (
    const response of [
      await post(url, { origin: "https://evil.example" }),
      await post(url, { "sec-fetch-site": "cross-site" }),
      await post("http://evil.example/dev/control/blip"),
    ]
  ) {
    assert.equal(response.status, 403);
  }
  assert.equal(simulator.control.inspect("a").socket, "open");
});

Deno.test("with a real Evolution server there is no control API", async () => {
  const response = await post(`${ORIGIN}/dev/control/inspect`, {}, { simulator: undefined });
  assert.equal(response.status, 404);
});
