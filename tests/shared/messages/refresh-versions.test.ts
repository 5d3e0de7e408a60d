import assert from "node:assert/strict";
import * as z from "zod/mini";
import { VirtualClock } from "../../../dev/world/virtual-clock.ts";
import { refreshVersions } from "../../../supabase/functions/_shared/messages/refresh-versions.ts";
import type { Effects } from "../../../supabase/functions/_shared/runtime/effects.ts";

/** What is written down of a gateway whose root answers this. */
async function refresh(root: string): Promise<readonly unknown[]> {
  const clock = new VirtualClock();
  const written: unknown[] = [];
  const effects = {
    clock,
    fetch: () => Promise.resolve(new Response(root)),
    database: {
      call: (fn, args, shape) => {
        if (fn !== "claim_gateway_versions") written.push(Object.values(args));
        return Promise.resolve(z.parse(shape, ["http://gateway.test"]));
      },
    },
  } as Partial<Effects> as Effects;
  await clock.until(refreshVersions(1, effects));
  return written;
}

const evolution = (version: string) => JSON.stringify({ status: 200, version });

/** Address, version, support; and whether a logout is safe, deafens, zombies go, a connect follows. */
const WRITTEN = [
  ["2.2.3", "2.2.3", "known", true, false, true, false],
  ["2.3.0", "2.3.0", "known", true, false, true, false],
  ["2.3.6", "2.3.6", "known", false, true, true, false],
  ["2.3.7", "2.3.7", "known", true, false, false, false],
  ["2.3.9", "2.3.9", "assumed", true, false, false, false],
  ["2.4.0-rc1", "2.4.0-rc1", "known", false, false, true, true],
  ["2.1.1", "Evolution API 2.1.1", "unusable", false, false, false, false],
] as const;

for (const [version, ...row] of WRITTEN) {
  Deno.test(`what ${version} can is written down`, async () => {
    assert.deepEqual(await refresh(evolution(version)), [["http://gateway.test", ...row]]);
  });
}

Deno.test("where a gateway says nothing, what it said before stands", async () => {
  assert.deepEqual(await refresh("<!doctype html><html></html>"), []);
  assert.deepEqual(await refresh("{}"), []);
});
