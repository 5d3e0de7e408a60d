import assert from "node:assert/strict";
import { VirtualClock } from "../../../dev/world/virtual-clock.ts";
import { serveScheduled } from "../../../supabase/functions/_shared/http/serve-scheduled.ts";
import type { TurnsTaken } from "../../../supabase/functions/_shared/runtime/leases.ts";
import { createLog } from "../../../supabase/functions/_shared/runtime/log.ts";

/** One call of a function that takes 3 s; says what it answered, logged and did. */
async function call(secret: string | null, taken: TurnsTaken) {
  const lines: Record<string, unknown>[] = [];
  const clock = new VirtualClock();
  let ran = 0;
  const serve = serveScheduled("f", {
    log: createLog("debug", (line) => lines.push(JSON.parse(line))),
    cronSecrets: ["old", "new"],
    clock,
  }, async () => {
    ran++;
    await clock.sleep(3_000);
    return taken;
  });
  const headers = new Headers(secret === null ? {} : { "x-cron-secret": secret });
  const request = new Request("https://project.supabase.co/f", { method: "POST", headers });
  const response = await clock.until(serve(request));
  const told = lines.map(({ requestId: _, ...line }) => line);
  return { status: response.status, body: await response.json(), told, ran };
}

const NOTHING: TurnsTaken = { leased: 0, counts: {}, stopped: null };

for (const secret of ["old", "new"]) {
  Deno.test(`the scheduler is let in by its ${secret} secret`, async () => {
    const { status, ran } = await call(secret, NOTHING);
    assert.deepEqual([status, ran], [200, 1]);
  });
}

for (const secret of [null, "", "guessed"]) {
  Deno.test(`nobody else is: ${secret ?? "no secret"}`, async () => {
    const { status, ran } = await call(secret, NOTHING);
    assert.deepEqual([status, ran], [401, 0]);
  });
}

Deno.test("a tick is answered and told with how much there was, what came of it, and why it stopped", async () => {
  const { body, told } = await call("new", {
    leased: 3,
    counts: { done: 2, failed: 1 },
    stopped: "time",
  });
  assert.deepEqual(body, { success: true, leased: 3, done: 2, failed: 1, stopped: "time" });
  assert.deepEqual(told, [{
    level: "info",
    event: "tick",
    function: "f",
    counts: { leased: 3, done: 2, failed: 1 },
    ms: 3_000,
    reason: "time",
  }]);
});

Deno.test("a tick with nothing to do is told at `debug`", async () => {
  const { body, told } = await call("new", NOTHING);
  assert.deepEqual(body, { success: true, leased: 0, stopped: null });
  assert.deepEqual(told.map(({ level }) => level), ["debug"]);
});
