import assert from "node:assert/strict";
import { systemClock } from "../../../supabase/functions/_shared/runtime/clock.ts";
import { serveEvolution } from "../../../dev/evolution/serve.ts";
import { createEvolutionSimulator } from "../../../dev/evolution/simulator.ts";
import { API_KEY, KNOWN_NUMBER, openInstance, underTest } from "./gateway-under-test.ts";

Deno.test("every call is listed by its route, without bodies or keys", async () => {
  await underTest(async ({ gateway, call }) => {
    gateway.control.createPaired({ name: "a b", phone: "5511900000001", token: "secret-token" });
    await call("GET", "/instance/connectionState/a%20b", undefined, { apikey: "secret-token" });
    await call("DELETE", "/instance/logout/a%20b", undefined, {});
    await call("GET", "/nowhere");
    assert.deepEqual(gateway.calls.map(({ at: _, ...call }) => call), [
      { method: "GET", route: "connectionState", instance: "a b", status: 200, ms: 2 },
      { method: "DELETE", route: "logout", instance: "a b", status: 401, ms: 8 },
      { method: "GET", route: "unknown", instance: null, status: 404, ms: 5 },
    ]);
    assert.ok(!JSON.stringify(gateway.calls).includes("secret"));
  });
});

Deno.test("a canned answer is given so often as asked, to the route and instance asked for", async () => {
  await underTest(async (world) => {
    const { gateway: { control }, call } = world;
    await openInstance(world, "x");
    await openInstance(world, "y");
    control.fault("logout", { status: 502, body: { gone: true }, times: 2 }, {
      instance: "x",
    });
    assert.equal((await call("GET", "/instance/connectionState/x")).status, 200);
    assert.equal((await call("DELETE", "/instance/logout/x")).status, 502);
    assert.equal((await call("DELETE", "/instance/logout/y")).status, 200);
    assert.deepEqual((await call("DELETE", "/instance/logout/x")).body, { gone: true });
    assert.equal((await call("DELETE", "/instance/logout/x")).status, 200);
  });
});

Deno.test("a cut connection loses the answer, not the work; a hanging route does no work", async () => {
  await underTest(async (world) => {
    const { gateway, call, clock, start } = world;
    await openInstance(world, "x");
    const send = { number: KNOWN_NUMBER, text: "?" };
    gateway.control.fault("sendText", "cut");
    await assert.rejects(call("POST", "/message/sendText/x", send), TypeError);
    assert.equal(gateway.control.delivered("x").length, 2);
    gateway.control.fault("sendText", "hang");
    let settled = false;
    start("POST", "/message/sendText/x", send).catch(() => {}).finally(() => settled = true);
    await clock.advance(3_600_000);
    assert.equal(settled, false);
    assert.equal(gateway.control.delivered("x").length, 2);
    assert.equal(gateway.calls.at(-1)?.status, null);
    gateway.control.fault("sendText", "invalid-json");
    await assert.rejects(call("POST", "/message/sendText/x", send), SyntaxError);
  });
});

Deno.test("a gateway that is down refuses connections; a slow route takes longer", async () => {
  await underTest(async ({ gateway: { control }, call }) => {
    control.gatewayDown(true);
    await assert.rejects(call("GET", "/instance/fetchInstances"), /Connection refused/);
    control.gatewayDown(false);
    control.slow("fetchInstances", 7_000);
    assert.equal((await call("GET", "/instance/fetchInstances")).ms, 7_013);
    control.clearFaults();
    assert.equal((await call("GET", "/instance/fetchInstances")).ms, 13);
  });
});

Deno.test("a caller who leaves early gets nothing, and the send goes on", async () => {
  await underTest(async (world) => {
    await openInstance(world, "x");
    const leave = new AbortController();
    const answer = world.gateway.fetch(
      new Request("http://gateway.test/message/sendText/x", {
        method: "POST",
        headers: { apikey: API_KEY, "content-type": "application/json" },
        body: JSON.stringify({ number: KNOWN_NUMBER, text: "?" }),
        signal: leave.signal,
      }),
    );
    await world.clock.idle();
    leave.abort();
    await assert.rejects(answer, { name: "AbortError" });
    await world.clock.advance(1_000);
    assert.equal(world.gateway.control.delivered("x").length, 2);
  });
});

Deno.test("closing ends requests, loops and webhooks, and refuses what comes later", async () => {
  await underTest(async (world) => {
    const { gateway, start, clock } = world;
    await openInstance(world, "x");
    gateway.control.ghost("x", "A1");
    const waiting = start("POST", "/message/sendText/x", { number: KNOWN_NUMBER, text: "?" });
    waiting.catch(() => {});
    await clock.advance(1_000);
    await gateway.close();
    await assert.rejects(waiting, TypeError);
    await assert.rejects(start("GET", "/instance/fetchInstances"), TypeError);
    await clock.advance(600_000);
    assert.deepEqual(world.news(), []);
  });
});

Deno.test("the same seed gives the same ids, tokens and QR codes", async () => {
  const seen: unknown[] = [];
  for (const seed of [7, 7, 8]) {
    await underTest(async ({ gateway: { control }, call }) => {
      const { token, instanceId } = control.createPaired({ name: "x", phone: "5511900000001" });
      await call("DELETE", "/instance/logout/x");
      seen.push([token, instanceId, (await call("GET", "/instance/connect/x")).body]);
    }, { seed });
  }
  assert.deepEqual(seen[0], seen[1]);
  assert.notDeepEqual(seen[0], seen[2]);
});

Deno.test("the control API speaks over HTTP, and says what is wrong with a request", async () => {
  await underTest(async ({ call }) => {
    const control = async (name: string, body: unknown) =>
      (await call("POST", `/__control/${name}`, body, {})) as { status: number; body: Reply };
    const made = await control("createPaired", { name: "x", phone: "5511900000001" });
    assert.equal(made.body.result?.ownerJid, "5511900000001@s.whatsapp.net");
    assert.equal((await control("ghost", { name: "x", kind: "A2" })).status, 200);
    const inspected = await control("inspect", { name: "x" });
    assert.equal(inspected.body.result?.ghost, "A2");
    assert.equal((await control("whatsapp", { change: { rejecting: 503 } })).status, 200);
    assert.equal((await control("ghost", { name: "nobody", kind: "A2" })).status, 404);
    assert.equal((await control("ghost", { name: "x", kind: "Z9" })).status, 400);
    assert.equal((await control("no-such-thing", {})).status, 404);
  });
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
    const answer = await fetch(path, { headers: { apikey: API_KEY } });
    assert.deepEqual(await answer.json(), {
      instance: { instanceName: "loja são", state: "open" },
    });
    gateway.control.gatewayDown(true);
    await assert.rejects(fetch(path, { headers: { apikey: API_KEY } }), TypeError);
    const back = await fetch(`${served.url}/__control/gatewayDown`, {
      method: "POST",
      body: JSON.stringify({ on: false }),
    });
    assert.deepEqual(await back.json(), { ok: true, result: null });
    const again = await fetch(path, { headers: { apikey: API_KEY } });
    assert.equal(again.status, 200);
    await again.body?.cancel();
  } finally {
    await served.close();
    await gateway.close();
  }
});
