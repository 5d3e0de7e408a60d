import assert from "node:assert/strict";
import { createEvolutionSimulator } from "../../../dev/evolution/simulator.ts";
import type { LocalStack } from "../../../dev/platform/console/info.ts";
import { createPages } from "../../../dev/platform/console/pages.ts";
import { VirtualClock } from "../../../dev/world/virtual-clock.ts";

const simulator = createEvolutionSimulator({ clock: new VirtualClock(), apiKey: "key" });
simulator.control.createPaired({ name: "a", phone: "5511912345678" });

function pages(change: Partial<LocalStack> = {}) {
  // What /dev/info reads of a database is seen in the browser's test.
  const stack = { gatewayUrl: "http://127.0.0.1:1", simulator, ...change };
  return createPages(stack as LocalStack);
}

const get = (path: string) => pages()(new Request(`http://127.0.0.1:54321${path}`));

function post(url: string, headers: Record<string, string> = {}, change: Partial<LocalStack> = {}) {
  const body = JSON.stringify({ name: "a" });
  return pages(change)(new Request(url, { method: "POST", headers, body }));
}

Deno.test("the page comes with a policy that lets no foreign script in", async () => {
  const response = await get("/");
  assert.equal(response?.headers.get("content-type"), "text/html; charset=utf-8");
  const policy = response?.headers.get("content-security-policy") ?? "";
  assert.match(policy, /default-src 'none'; script-src 'self';/);
  const html = await response?.text() ?? "";
  assert.doesNotMatch(html, /\son\w+=|\sstyle=|<script(?![^>]*src=)|https?:\/\/(?!….supabase)/);
});

Deno.test("every file that the page names is served", async () => {
  const html = await (await get("/"))?.text() ?? "";
  const names = [...html.matchAll(/(?:href|src)="([a-z-]+\.\w+)"/g)].map(([, name]) => name!);
  assert.ok(names.includes("app.js") && names.includes("theme.css"));
  for (const name of names) {
    const response = await get(`/${name}`);
    assert.equal(response?.status, 200, name);
    await response?.body?.cancel();
  }
});

Deno.test("nothing but the page's own files is served", async () => {
  for (const path of ["/pages.ts", "/../main.ts", "/%2e%2e/main.ts", "/a/app.js", "/none.js"]) {
    assert.equal(await get(path), undefined, path);
  }
});

Deno.test("the control API answers a page of this origin", async () => {
  const url = "http://127.0.0.1:54321/dev/control/inspect";
  const response = await post(url, { origin: "http://127.0.0.1:54321" });
  const answer = await response?.json();
  assert.equal(answer.ok, true);
  assert.equal(answer.result.registry, "open");
});

Deno.test("a foreign page, or a foreign name for this machine, controls nothing", async () => {
  const url = "http://127.0.0.1:54321/dev/control/blip";
  for (
    const response of [
      await post(url, { origin: "https://evil.example" }),
      await post(url, { "sec-fetch-site": "cross-site" }),
      await post("http://evil.example/dev/control/blip"),
    ]
  ) {
    assert.equal(response?.status, 403);
    await response?.body?.cancel();
  }
  assert.equal(simulator.control.inspect("a").socket, "open");
});

Deno.test("with a real Evolution server there is no control API", async () => {
  const url = "http://127.0.0.1:54321/dev/control/inspect";
  assert.equal(await post(url, {}, { simulator: undefined }), undefined);
});
