import assert from "node:assert/strict";
import { instanceIdOf } from "../../../supabase/functions/evolution-webhook/handler.ts";

const id = "6153276b-776c-4616-b0f0-1d54d11f8178";

for (
  const [path, expected] of [
    [`/evolution-webhook/${id}`, id],
    [`/evolution-webhook/${id}/`, id],
    [`/evolution-webhook/${id}/messages-upsert`, id],
    [`/evolution-webhook/${id}?from=gateway`, id],
    [`/evolution-webhook/${id.toUpperCase()}`, id],
    [`/functions/v1/evolution-webhook/${id}`, id],
    ["/evolution-webhook", null],
    ["/evolution-webhook/", null],
    ["/evolution-webhook/my-instance", null],
    [`/evolution-webhook/${id}0`, null],
    [`/evolution-webhook/x${id}`, null],
    [`/evolution-webhook/x/${id}`, null],
    [`/evolution-webhook?instance=${id}`, null],
    [`/other/evolution-webhook/${id}`, null],
  ] as const
) {
  Deno.test(`the path ${path} names ${expected === null ? "no instance" : "the instance"}`, () => {
    assert.equal(instanceIdOf(`https://project.supabase.co${path}`), expected);
  });
}
