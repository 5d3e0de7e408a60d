import assert from "node:assert/strict";
import * as z from "zod/mini";
import { VirtualClock } from "../../dev/world/virtual-clock.ts";
import { DatabaseError } from "../../supabase/functions/_shared/runtime/database.ts";
import type { Effects } from "../../supabase/functions/_shared/runtime/effects.ts";
import { createLog } from "../../supabase/functions/_shared/runtime/log.ts";
import { createHandler } from "../../supabase/functions/watch-instances/handler.ts";

const CRON_SECRET = "cron-secret-of-the-test";
const ADDRESS = {
  instance_id: "0b0e7c1e-0000-4000-8000-000000000001",
  token: "0b0e7c1e-0000-4000-8000-000000000002",
  connection_epoch: 7,
  instance_name: "vendas",
  api_url: "https://gateway.test",
  api_key: "key",
  tick_started: "2026-11-22T22:00:00.123456+00:00",
};

Deno.test("what waiting and connected numbers came to is added up, also under the same name", async () => {
  const clock = new VirtualClock();
  const due: Record<string, unknown[]> = {
    lease_waiting_numbers: [{ ...ADDRESS, scanning: false }],
    lease_watched_numbers: [{ ...ADDRESS, phone_number: "5511900000001", wait_ms: 0 }],
  };
  const effects: Partial<Effects> = {
    clock,
    cronSecrets: [CRON_SECRET],
    log: createLog("error", () => {}),
    fetch: () => Promise.reject(new TypeError("connection refused")),
    database: {
      call: async (fn, _, answer) => {
        if (fn.startsWith("record_")) throw new DatabaseError(fn, "unreachable", null);
        const rows = due[fn]?.splice(0);
        return await z.parseAsync(answer, rows ?? false);
      },
    },
  };
  const request = new Request("https://project.supabase.co/watch-instances", {
    method: "POST",
    headers: { "x-cron-secret": CRON_SECRET },
  });
  const response = await clock.until(createHandler(effects as Effects)(request));
  assert.deepEqual(await response.json(), { success: true, leased: 2, failed: 2, stopped: null });
});
