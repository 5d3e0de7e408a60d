import assert from "node:assert/strict";
import { corsHeaders } from "@supabase/supabase-js/cors";
import { ApiError } from "../../../supabase/functions/_shared/http/errors.ts";
import { jsonResponse, serveJson } from "../../../supabase/functions/_shared/http/serve.ts";
import { DatabaseError } from "../../../supabase/functions/_shared/runtime/database.ts";
import { createLog } from "../../../supabase/functions/_shared/runtime/log.ts";

function served(answer: () => Promise<Response>) {
  const lines: Record<string, unknown>[] = [];
  const log = createLog("debug", (line) => lines.push(JSON.parse(line)));
  const ask = async (method: string) =>
    await serveJson("f", log, answer)(new Request("https://project.supabase.co/f", { method }));
  return { ask, lines };
}

Deno.test("a browser may send every header that supabase-js sends, a region's too", async () => {
  const { ask } = served(() => Promise.resolve(jsonResponse(200, {})));
  const { headers } = await ask("OPTIONS");
  const allowed = headers.get("access-control-allow-headers")!.split(", ");
  const sent = [...corsHeaders["Access-Control-Allow-Headers"]!.split(", "), "x-region"];
  assert.deepEqual(sent.filter((name) => !allowed.includes(name)), []);
});

Deno.test("what the caller got wrong is told at `info`, what failed on our side at `error`", async () => {
  const failures: readonly (readonly [thrown: Error, level: string, errorCode: string])[] = [
    [new ApiError("INSTANCE_NOT_FOUND"), "info", "INSTANCE_NOT_FOUND"],
    [new ApiError("BUSY"), "info", "BUSY"],
    [new DatabaseError("prune", "42883", null), "error", "DATABASE_UNAVAILABLE"],
    [new TypeError("5511999998888"), "error", "INTERNAL"],
  ];
  for (const [thrown, level, errorCode] of failures) {
    const { ask, lines } = served(() => Promise.reject(thrown));
    assert.equal((await (await ask("POST")).json()).errorCode, errorCode);
    assert.deepEqual(lines.map((line) => [line.level, line.errorCode]), [[level, errorCode]]);
    assert.doesNotMatch(JSON.stringify(lines), /5511999998888/);
  }
});
