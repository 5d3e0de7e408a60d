import assert from "node:assert/strict";
import { createReporter } from "../../adopt/report-webhook.ts";

function scene(fails = false) {
  let now = 0;
  const calls: unknown[] = [];
  const lines: string[] = [];
  const report = createReporter({
    database: (name, args) => {
      calls.push([name, ...Object.values(args)]);
      return fails ? Promise.reject(new TypeError("secret")) : Promise.resolve(null);
    },
    monotonicMs: () => now,
    log: (line) => lines.push(line),
  });
  return { report, calls, lines, pass: (ms: number) => void (now += ms) };
}

const AT = "https://e.example";
const BODIES: readonly (readonly [string, unknown, readonly unknown[] | null])[] = [
  [
    "a session that connects",
    {
      event: "connection.update",
      instance: "v",
      server_url: AT,
      data: { state: "connecting", statusReason: 200 },
    },
    ["v", AT, "connecting"],
  ],
  [
    "as the gateway's settings write it, and without its address",
    { event: "CONNECTION_UPDATE", instance: "v", data: { state: "close", statusReason: "440" } },
    ["v", "", "close"],
  ],
  [
    "anything else says that webhooks come",
    { event: "messages.upsert", instance: "v", server_url: AT, data: { key: "secret" } },
    ["v", AT, null],
  ],
  ["what is no webhook", { action: "send", instance: "v" }, null],
  ["nothing", null, null],
];

for (const [name, body, expected] of BODIES) {
  Deno.test(`of a webhook the ladder is told: ${name}`, async () => {
    const { report, calls } = scene();
    await report(body);
    assert.deepEqual(calls, expected === null ? [] : [["ghost_repair_webhook", ...expected]]);
  });
}

Deno.test("of a gateway's many webhooks one in half a minute is told, of its connections every one", async () => {
  const { report, calls, pass } = scene();
  const message = { event: "messages.upsert", instance: "v", server_url: AT };
  for (let n = 0; n < 5; n++) await report(message);
  assert.equal(calls.length, 1);
  await report({ ...message, server_url: "https://other.example" });
  pass(30_000);
  await report(message);
  assert.equal(calls.length, 3);
  const update = { event: "connection.update", instance: "v", data: { state: "connecting" } };
  for (let n = 0; n < 5; n++) await report(update);
  assert.equal(calls.length, 8);
});

Deno.test("a database that fails is told without what it said, and stops nobody", async () => {
  const { report, lines } = scene(true);
  await report({ event: "messages.upsert", instance: "v" });
  assert.deepEqual(lines, ["ghost repair: a webhook was not reported (TypeError)"]);
});
