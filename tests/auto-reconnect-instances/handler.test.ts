import assert from "node:assert/strict";
import { TICK_LIMITS } from "../../supabase/functions/auto-reconnect-instances/handler.ts";
import { DatabaseError } from "../../supabase/functions/_shared/runtime/database.ts";
import { type Answer, CRON_SECRET, reconnectScene, registry, TICK_STARTED } from "./scene.ts";

const down = (): never => {
  throw new DatabaseError("any", "unreachable", null);
};
const unknownInstance: Answer = {
  status: 404,
  body: {
    status: 404,
    error: "Not Found",
    response: { message: ['Instance "gone" not found'] },
  },
};
const qr = { pairingCode: null, code: "2@secret", base64: "data:image/png;base64,s", count: 1 };

for (
  const [what, headers] of [
    ["no secret", {}],
    ["a wrong secret", { "x-cron-secret": `${CRON_SECRET}x` }],
    ["an empty secret", { "x-cron-secret": "" }],
    ["the secret as a bearer", { authorization: `Bearer ${CRON_SECRET}` }],
  ] as const
) {
  Deno.test(`a caller with ${what} is refused before anything is looked up`, async () => {
    const { tick, steps, leaseArguments } = reconnectScene({ a: { registry: "hang" } });
    const response = await tick(headers);
    assert.equal(response.status, 401);
    assert.equal((await response.json()).errorCode, "UNAUTHENTICATED");
    assert.deepEqual([steps, leaseArguments], [[], []]);
  });
}

Deno.test("an attempt is counted before the connect, and what it came to is recorded", async () => {
  const { tick, steps, records } = reconnectScene({
    a: {
      registry: registry("a", "close"),
      connect: { body: { instance: { instanceName: "a", state: "open" } } },
    },
  });
  const answer = await (await tick()).json();
  assert.equal(answer.open, 1);
  assert.deepEqual(steps, [
    "GET registry a",
    "begin a token-a",
    "GET connect a",
    "record a token-a",
  ]);
  assert.deepEqual(records.a, { result: "open", step: "connect", ms: 0, httpStatus: 200 });
});

Deno.test("every finding is counted once, and the answer holds nothing but counts", async () => {
  const { tick, records } = reconnectScene({
    open: { registry: registry("open", "open") },
    qr: { registry: registry("qr", "close"), connect: { body: qr } },
    waiting: { registry: registry("waiting", "connecting"), connect: { body: { count: 0 } } },
    error: { registry: registry("error", "close"), connect: { body: { error: true } } },
    gone: { registry: unknownInstance },
    locked: { registry: { status: 401, body: { status: 401, error: "Unauthorized" } } },
    manual: { registry: registry("manual", "close"), begin: () => false },
  });
  const response = await tick();
  assert.equal(response.status, 200);
  assert.deepEqual(await response.json(), {
    success: true,
    leased: 7,
    registry_open: 1,
    qr: 1,
    no_qr_yet: 1,
    refused: 1,
    not_found: 1,
    unknown: 1,
    skipped: 1,
    stopped: null,
  });
  assert.deepEqual(records.qr, {
    result: "qr",
    qr: { code: qr.code, base64: qr.base64, pairing_code: null },
    step: "connect",
    ms: 0,
    httpStatus: 200,
  });
  assert.equal("manual" in records, false);
});

Deno.test("without a counted attempt there is no connect", async () => {
  const { tick, steps } = reconnectScene({ a: { registry: registry("a", "close"), begin: down } });
  const answer = await (await tick()).json();
  assert.deepEqual([answer.failed, answer.leased], [1, 1]);
  assert.deepEqual(steps, ["GET registry a", "begin a token-a"]);
});

Deno.test("a finding that cannot be recorded is logged and does not stop the others", async () => {
  const { tick, lines, records } = reconnectScene({
    a: { registry: registry("a", "open"), record: down },
    b: { registry: registry("b", "open") },
  });
  const answer = await (await tick()).json();
  assert.deepEqual([answer.failed, answer.registry_open], [1, 1]);
  assert.ok("b" in records);
  const errors = lines.map((line) => JSON.parse(line)).filter(({ level }) => level === "error");
  assert.deepEqual(errors.map(({ event, instanceId, error }) => [event, instanceId, error]), [
    ["reconnect_failed", "a", "DatabaseError:unreachable"],
  ]);
});

Deno.test("a finding that the webhook was faster with is counted, and said to be overtaken", async () => {
  const { tick } = reconnectScene({
    a: { registry: registry("a", "close"), connect: { body: qr }, record: () => false },
  });
  const answer = await (await tick()).json();
  assert.deepEqual([answer.qr, answer.overtaken], [1, 1]);
});

Deno.test("later leases pass the first one's instant back, to the microsecond", async () => {
  const p_limit = TICK_LIMITS.concurrency;
  const instances = Array.from({ length: p_limit + 10 }, (_, index) => `i${index}`);
  const { tick, leaseArguments } = reconnectScene(Object.fromEntries(
    instances.map((name) => [name, { registry: registry(name, "open") }]),
  ));
  assert.equal((await (await tick()).json()).registry_open, p_limit + 10);
  assert.deepEqual(leaseArguments, [
    { p_limit, p_tick_started: null, p_lease_seconds: 120 },
    { p_limit, p_tick_started: TICK_STARTED, p_lease_seconds: 120 },
    { p_limit, p_tick_started: TICK_STARTED, p_lease_seconds: 120 },
  ]);
});

Deno.test("the longest turn ends within its lease, and the longest tick within 150 seconds", () => {
  const longestTurnMs = 8_000 + 10_000 + 20_000 + 10_000;
  const leasingMs = TICK_LIMITS.leasingMs + TICK_LIMITS.gatherMs + 10_000;
  assert.ok(longestTurnMs < TICK_LIMITS.leaseSeconds * 1000);
  assert.ok(leasingMs + longestTurnMs < 150_000);
});

Deno.test("when the database is down, the scheduler is told", async () => {
  const { tick } = reconnectScene({ a: { registry: "hang" } }, down);
  const response = await tick();
  assert.equal(response.status, 503);
  assert.equal((await response.json()).errorCode, "DATABASE_UNAVAILABLE");
});
