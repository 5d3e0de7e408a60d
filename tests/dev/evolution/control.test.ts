import assert from "node:assert/strict";
import { systemClock } from "../../../supabase/functions/_shared/runtime/clock.ts";
import { serveEvolution } from "../../../dev/evolution/serve.ts";
import { createEvolutionSimulator } from "../../../dev/evolution/simulator.ts";
import {
  API_KEY,
  connect,
  gatewayTest,
  KNOWN_NUMBER,
  openInstance,
  openTest,
  OWN_NUMBER,
  sendText,
  statusOf,
  underTest,
} from "./gateway-under-test.ts";

const SEND = { number: KNOWN_NUMBER, text: "?" };

gatewayTest("every call is listed by its route, without bodies or keys", async (gateway) => {
  const { control, call, calls } = gateway;
  control.createPaired({ name: "a b", phone: "5511900000001", token: "secret-token" });
  await call("GET", "/instance/connectionState/a%20b", undefined, { apikey: "secret-token" });
  await call("DELETE", "/instance/logout/a%20b", undefined, {});
  await call("GET", "/nowhere");
  assert.deepEqual(calls.map(({ at: _, ...call }) => call), [
    { method: "GET", route: "connectionState", instance: "a b", status: 200, ms: 2 },
    { method: "DELETE", route: "logout", instance: "a b", status: 401, ms: 8 },
    { method: "GET", route: "unknown", instance: null, status: 404, ms: 5 },
  ]);
  assert.ok(!JSON.stringify(calls).includes("secret"));
});

openTest("a canned answer is given so often as asked, where it was asked for", async (gateway) => {
  const { control, call } = gateway;
  await openInstance(gateway, "y");
  control.fault("logout", { status: 502, body: { gone: true }, times: 2 }, { instance: "x" });
  assert.equal(await statusOf(gateway, "GET /instance/connectionState"), 200);
  assert.equal(await statusOf(gateway, "DELETE /instance/logout"), 502);
  assert.equal((await call("DELETE", "/instance/logout/y")).status, 200);
  assert.deepEqual((await call("DELETE", "/instance/logout/x")).body, { gone: true });
  assert.equal(await statusOf(gateway, "DELETE /instance/logout"), 200);
});

openTest("a cut connection loses the answer alone, a hanging route works not", async (gateway) => {
  const { control, calls, clock, start } = gateway;
  control.fault("sendText", "cut");
  await assert.rejects(sendText(gateway), TypeError);
  assert.equal(control.delivered("x").length, 2);
  control.fault("sendText", "hang");
  let settled = false;
  start("POST", "/message/sendText/x", SEND).catch(() => {}).finally(() => settled = true);
  await clock.advance(3_600_000);
  assert.equal(settled, false);
  assert.equal(control.delivered("x").length, 2);
  assert.equal(calls.at(-1)?.status, null);
  control.fault("sendText", "invalid-json");
  await assert.rejects(sendText(gateway), SyntaxError);
});

gatewayTest("a gateway can be down, and a route slow", async (gateway) => {
  const { control } = gateway;
  const list = () => gateway.call("GET", "/instance/fetchInstances");
  control.gatewayDown(true);
  await assert.rejects(list(), /Connection refused/);
  control.gatewayDown(false);
  control.slow("fetchInstances", 7_000);
  assert.equal((await list()).ms, 7_013);
  control.clearFaults();
  assert.equal((await list()).ms, 13);
});

openTest("a caller who leaves early gets nothing, and the send goes on", async (gateway) => {
  const leave = new AbortController();
  const answer = gateway.fetch(
    new Request("http://gateway.test/message/sendText/x", {
      method: "POST",
      headers: { apikey: API_KEY, "content-type": "application/json" },
      body: JSON.stringify(SEND),
      signal: leave.signal,
    }),
  );
  await gateway.clock.idle();
  leave.abort();
  await assert.rejects(answer, { name: "AbortError" });
  await gateway.clock.advance(1_000);
  assert.equal(gateway.control.delivered("x").length, 2);
});

openTest("closing ends requests, loops and webhooks, and lets nobody in", async (gateway) => {
  const { control, start, clock, news } = gateway;
  control.ghost("x", "A1");
  const waiting = start("POST", "/message/sendText/x", SEND);
  waiting.catch(() => {});
  await clock.advance(1_000);
  await gateway.close();
  await assert.rejects(waiting, TypeError);
  await assert.rejects(start("GET", "/instance/fetchInstances"), TypeError);
  await clock.advance(600_000);
  assert.deepEqual(news(), []);
});

Deno.test("the same seed gives the same ids, tokens and QR codes", async () => {
  const seen: unknown[] = [];
  for (const seed of [7, 7, 8]) {
    await underTest(async (gateway) => {
      const { token, instanceId } = gateway.control.createPaired({ name: "x", phone: OWN_NUMBER });
      await statusOf(gateway, "DELETE /instance/logout");
      seen.push([token, instanceId, await connect(gateway)]);
    }, { seed });
  }
  assert.deepEqual(seen[0], seen[1]);
  assert.notDeepEqual(seen[0], seen[2]);
});

gatewayTest("the control API says over HTTP what is wrong", async ({ call }) => {
  const control = async (name: string, body: unknown) =>
    (await call("POST", `/__control/${name}`, body, {})) as { status: number; body: Reply };
  const made = await control("createPaired", { name: "x", phone: "5511900000001" });
  assert.equal(made.body.result?.ownerJid, "5511900000001@s.whatsapp.net");
  for (
    const [name, body, status] of [
      ["ghost", { name: "x", kind: "A2" }, 200],
      ["whatsapp", { change: { rejecting: 503 } }, 200],
      ["ghost", { name: "nobody", kind: "A2" }, 404],
      ["ghost", { name: "x", kind: "Z9" }, 400],
      ["ghost", "{no json", 400],
      ["no-such-thing", {}, 404],
    ] as const
  ) assert.equal((await control(name, body)).status, status, name);
  assert.equal((await control("inspect", { name: "x" })).body.result?.ghost, "A2");
});

interface Reply {
  readonly ok: boolean;
  readonly result?: Record<string, unknown>;
}

Deno.test("over HTTP it answers like in process, and breaks the connection where it is down", async () => {
  const gateway = createEvolutionSimulator({
    clock: systemClock,
    apiKey: API_KEY,
    latency: () => 0,
  });
  const served = await serveEvolution(gateway);
  try {
    gateway.control.createPaired({ name: "loja são", phone: "5511900000001" });
    const path = `${served.url}/instance/connectionState/${encodeURIComponent("loja são")}`;
    const ask = () => fetch(path, { headers: { apikey: API_KEY } });
    const expected = { instance: { instanceName: "loja são", state: "open" } };
    assert.deepEqual(await (await ask()).json(), expected);
    gateway.control.gatewayDown(true);
    await assert.rejects(ask(), TypeError);
    const back = await fetch(`${served.url}/__control/gatewayDown`, {
      method: "POST",
      body: JSON.stringify({ on: false }),
    });
    assert.deepEqual(await back.json(), { ok: true, result: null });
    assert.deepEqual(await (await ask()).json(), expected);
  } finally {
    await served.close();
    await gateway.close();
  }
});
