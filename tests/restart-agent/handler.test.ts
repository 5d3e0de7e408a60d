import assert from "node:assert/strict";
import { join } from "node:path";
import { createHandler } from "../../restart-agent/handler.ts";
import { openHistory } from "../../restart-agent/history.ts";
import type { Restarted } from "../../restart-agent/restart.ts";
import { readSettings } from "../../restart-agent/settings.ts";
import { signCall } from "./sign-call.ts";

const [TODAY, BEFORE] = ["the secret of today", "the secret before it"];
const DATA = { gateway: "http://evolution:8080/", reason: "steps_used_up", share: 0.2 };

function sign(data: unknown, { secret = TODAY, id = "call-1", at = Date.now() } = {}): Request {
  return new Request("http://agent/restart", signCall(secret, data, { id, at }));
}

interface AgentUnderTest {
  readonly call: (
    request: Request,
  ) => Promise<{ status: number; body: Record<string, unknown> }>;
  readonly restarts: () => number;
  readonly logs: readonly Record<string, unknown>[];
  /** Another agent with the same memory. */
  readonly again: () => Promise<void>;
  readonly stateFile: string;
}

function agentTest(
  name: string,
  run: (agent: AgentUnderTest) => Promise<void>,
  restart: () => Promise<Restarted> = () => Promise.resolve("restarted"),
): void {
  Deno.test(name, async () => {
    const folder = await Deno.makeTempDir();
    const stateFile = join(folder, "state.json");
    const settings = readSettings({
      WEBHOOK_SECRET: TODAY,
      WEBHOOK_SECRET_OLD: BEFORE,
      DOCKER_CONTAINER: "evolution",
      GATEWAY_URL: "http://evolution:8080",
      STATE_FILE: stateFile,
    });
    const logs: Record<string, unknown>[] = [];
    let restarts = 0;
    const start = async () =>
      createHandler(settings, {
        history: await openHistory(stateFile),
        restart: () => {
          restarts++;
          return restart();
        },
        now: Date.now,
        log: (line) => void logs.push(line),
      });
    let handler = await start();
    try {
      await run({
        call: async (request) => {
          const response = await handler(request);
          return { status: response.status, body: await response.json() };
        },
        restarts: () => restarts,
        logs,
        again: async () => void (handler = await start()),
        stateFile,
      });
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

agentTest(
  "a signed call restarts once; the same call again, or another too soon, does not",
  async ({ call, restarts, logs, again }) => {
    const first = await call(sign(DATA));
    assert.equal(first.status, 200);
    assert.equal(first.body["result"], "restarted");
    assert.deepEqual(await call(sign(DATA)), { status: 409, body: { result: "replayed" } });
    const soon = await call(sign(DATA, { id: "call-2" }));
    assert.equal(soon.body["result"], "too_soon");
    // The limits outlive the agent, and so does what it has taken.
    await again();
    assert.deepEqual(await call(sign(DATA)), { status: 409, body: { result: "replayed" } });
    assert.equal((await call(sign(DATA, { id: "call-3" }))).body["result"], "too_soon");
    assert.equal(restarts(), 1);
    const told = logs.map(({ result }) => result);
    assert.deepEqual(told, ["restarted", "replayed", "too_soon", "replayed", "too_soon"]);
    const health = await call(new Request("http://agent/health"));
    assert.equal(health.body["ok"], true);
    assert.match(String(health.body["lastRestart"]), /^\d{4}-/);
  },
);

agentTest("of calls at once one restarts", async ({ call, restarts }) => {
  const answers = await Promise.all(["a", "b", "c"].map((id) => call(sign(DATA, { id }))));
  assert.deepEqual(
    answers.map(({ body }) => body["result"]),
    ["restarted", "too_soon", "too_soon"],
  );
  assert.equal(restarts(), 1);
});

const MINUTE = 60_000;
const REFUSED: readonly (readonly [title: string, request: () => Request, status: number])[] = [
  ["without a signature", () => new Request("http://agent/restart", { method: "POST" }), 401],
  ["with a foreign secret", () => sign(DATA, { secret: "somebody else's secret" }), 401],
  ["that is six minutes old", () => sign(DATA, { at: Date.now() - 6 * MINUTE }), 401],
  ["from six minutes ahead", () => sign(DATA, { at: Date.now() + 6 * MINUTE }), 401],
  ["without a reason", () => sign({ ...DATA, reason: undefined }), 400],
  ["with a share of 20", () => sign({ ...DATA, share: 20 }), 400],
  ["for no address", () => sign({ ...DATA, gateway: "evolution" }), 400],
  ["of 100 KB", () => sign({ ...DATA, reason: "x".repeat(100_000) }), 413],
];

for (const [title, request, status] of REFUSED) {
  agentTest(`a call ${title} is ${status}, and restarts nothing`, async (agent) => {
    const before = await Deno.readTextFile(agent.stateFile);
    assert.equal((await agent.call(request())).status, status);
    assert.equal(agent.restarts(), 0);
    assert.equal(await Deno.readTextFile(agent.stateFile), before);
  });
}

agentTest("the secret before today's is still taken", async ({ call }) => {
  assert.equal((await call(sign(DATA, { secret: BEFORE }))).body["result"], "restarted");
});

agentTest(
  "what a restart does not cure, and another gateway, are answered by name",
  async ({ call, restarts }) => {
    const result = async (change: object, id: string) =>
      (await call(sign({ ...DATA, ...change }, { id }))).body["result"];
    assert.equal(await result({ reason: "whatsapp_unreachable" }, "a"), "not_curable");
    assert.equal(await result({ gateway: "http://other:8080" }, "b"), "other_gateway");
    assert.equal(restarts(), 0);
  },
);

agentTest("a restart that failed is told as that, and counts", async ({ call }) => {
  const { body } = await call(sign(DATA));
  assert.equal(body["result"], "failed");
  assert.equal(body["why"], "docker_unreachable");
  assert.equal((await call(sign(DATA, { id: "b" }))).body["result"], "too_soon");
}, () => Promise.resolve("docker_unreachable"));

const beginning = Promise.withResolvers<void>();

agentTest(
  "an agent that died in the middle of a restart does not begin another at once",
  async ({ call, again }) => {
    void call(sign(DATA));
    await beginning.promise;
    await again();
    assert.equal((await call(sign(DATA, { id: "b" }))).body["result"], "too_soon");
  },
  () => {
    beginning.resolve();
    return new Promise(() => {});
  },
);

agentTest(
  "an agent that cannot remember restarts nothing",
  async ({ call, restarts, stateFile, logs }) => {
    await Deno.remove(stateFile);
    await Deno.mkdir(join(stateFile, "in the way"), { recursive: true });
    const { status, body } = await call(sign(DATA));
    assert.deepEqual([status, body], [500, { result: "failed", why: "memory" }]);
    assert.equal(restarts(), 0);
    assert.deepEqual(logs.map(({ event }) => event), ["memory_failed"]);
  },
);

agentTest(
  "a memory that is not the agent's own is not written over",
  async ({ stateFile, again }) => {
    await Deno.writeTextFile(stateFile, "precious notes");
    await assert.rejects(again(), /is no file of this agent/);
    assert.equal(await Deno.readTextFile(stateFile), "precious notes");
  },
);

agentTest(
  "other paths and methods are answered, the log holds no secret",
  async ({ call, logs }) => {
    assert.equal((await call(new Request("http://agent/"))).status, 404);
    assert.equal((await call(new Request("http://agent/restart"))).status, 405);
    await call(sign(DATA));
    assert.ok(!JSON.stringify(logs).includes("secret"));
  },
);
