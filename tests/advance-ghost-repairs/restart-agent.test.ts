import assert from "node:assert/strict";
import { VirtualClock } from "../../dev/world/virtual-clock.ts";
import { createLog } from "../../supabase/functions/_shared/runtime/log.ts";
import {
  callRestartAgents,
  readAgentAnswer,
  restartMessage,
} from "../../supabase/functions/advance-ghost-repairs/restart-agent.ts";
import type { RestartRequest } from "../../supabase/functions/advance-ghost-repairs/work-list.ts";
import { readCall } from "../../restart-agent/call.ts";

const REQUEST: RestartRequest = {
  request_id: "7d5c8b1e-0000-4000-8000-000000000001",
  call_id: "7d5c8b1e-0000-4000-8000-000000000001:0",
  agent_url: "https://agent.example/restart",
  secrets: ["the secret of today", "the secret before it"],
  gateway: "https://evolution.example",
  reason: "steps_used_up",
  share: 0.25,
  since: "2026-11-27T08:00:00Z",
  names: ["Atendimento 5511987654321", "Vendas"],
  numbers: 2,
  tried: { connect: false, restart: true, logout: true },
};

Deno.test("the agent is told what it needs, and no phone number", () => {
  assert.deepEqual(restartMessage(REQUEST), {
    type: "ghost_repair.restart_requested",
    timestamp: "2026-11-27T08:00:00Z",
    data: {
      gateway: "https://evolution.example",
      reason: "steps_used_up",
      since: "2026-11-27T08:00:00Z",
      share: 0.25,
      numbers: 2,
      names: ["Atendimento …21", "Vendas"],
      tried: ["logout", "restart"],
    },
  });
});

const answered = (status: number, body: unknown) =>
  readAgentAnswer({
    kind: "answered",
    status,
    text: typeof body === "string" ? body : JSON.stringify(body),
  });

Deno.test("only the agent's own words are its answer", () => {
  assert.deepEqual(answered(200, { result: "restarted", ms: 7 }), { result: "restarted" });
  assert.deepEqual(answered(200, { result: "too_soon", retryAfterSeconds: 60 }), {
    result: "too_soon",
    retryAfterSeconds: 60,
  });
  assert.deepEqual(answered(409, { result: "replayed" }), { result: "replayed" });
  assert.deepEqual(answered(401, { result: "unsigned" }), { result: "unsigned" });
  for (const page of ["<html>", "", "null", '{"result":"all is well"}', '{"status":"ok"}']) {
    assert.deepEqual(answered(502, page), { result: "no_answer", why: "http_502" }, page);
  }
  assert.deepEqual(readAgentAnswer({ kind: "failed" }), { result: "no_answer" });
  assert.deepEqual(readAgentAnswer({ kind: "address_refused" }), {
    result: "no_answer",
    why: "address_refused",
  });
});

Deno.test("either of its secrets lets the agent know the caller", async () => {
  // The agent verifies with the machine's clock.
  const clock = new VirtualClock(new Date());
  const calls: { readonly headers: Headers; readonly text: string }[] = [];
  const recorded: unknown[] = [];
  const logs: string[] = [];
  const restarted = await clock.until(callRestartAgents(
    {
      claimRestarts: () => Promise.resolve([REQUEST]),
      recordRestart: (_, said) => Promise.resolve(recorded.push(said)),
    },
    {
      clock,
      fetch: async (input, init) => {
        const request = new Request(input, init);
        calls.push({ headers: request.headers, text: await request.text() });
        return Response.json({ result: "restarted", ms: 12 });
      },
      resolve: () => Promise.resolve(["93.184.215.14"]),
      allowPrivate: false,
    },
    createLog("info", (line) => logs.push(line)),
  ));
  assert.equal(restarted, 1);
  assert.deepEqual(recorded, [{ result: "restarted" }]);
  const [{ headers, text }] = calls as [typeof calls[number]];
  for (const secret of REQUEST.secrets) {
    const call = readCall(headers, text, [secret]);
    assert.equal(call.kind, "call");
    assert.equal(call.kind === "call" && call.id, REQUEST.call_id);
  }
  assert.equal(readCall(headers, text, ["somebody else's secret"]).kind, "unsigned");
  assert.ok(!logs.join().includes("secret"));
});
