import assert from "node:assert/strict";
import { systemClock } from "../../../supabase/functions/_shared/runtime/clock.ts";
import { serveEvolution } from "../../../dev/evolution/serve.ts";
import { createEvolutionSimulator } from "../../../dev/evolution/simulator.ts";
import { API_KEY, gatewayTest, KNOWN_NUMBER, openTest, sendText } from "./gateway-under-test.ts";

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
  control.fault("sendText", { page: 403 });
  await assert.rejects(sendText(gateway), SyntaxError);
  assert.equal(calls.at(-1)?.status, 403);
});

openTest("a caller who leaves early gets nothing, and the send goes on", async (gateway) => {
  const leave = new AbortController();
  const headers = { apikey: API_KEY, "content-type": "application/json" };
  const init = { method: "POST", headers, body: JSON.stringify(SEND), signal: leave.signal };
  const answer = gateway.fetch(new Request("http://gateway.test/message/sendText/x", init));
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
  const options = { clock: systemClock, apiKey: API_KEY, latency: () => 0 };
  const gateway = createEvolutionSimulator(options);
  const served = await serveEvolution(gateway);
  try {
    gateway.control.createPaired({ name: "loja são", phone: "5511900000001" });
    const path = `${served.url}/instance/connectionState/${encodeURIComponent("loja são")}`;
    const ask = () => fetch(path, { headers: { apikey: API_KEY } });
    const expected = { instance: { instanceName: "loja são", state: "open" } };
    assert.deepEqual(await (await ask()).json(), expected);
    gateway.control.gatewayDown(true);
    await assert.rejects(ask(), TypeError);
    const up = { method: "POST", body: '{"on":false}' };
    const back = await fetch(`${served.url}/__control/gatewayDown`, up);
    assert.deepEqual(await back.json(), { ok: true, result: null });
    assert.deepEqual(await (await ask()).json(), expected);
  } finally {
    await served.close();
    await gateway.close();
  }
});
