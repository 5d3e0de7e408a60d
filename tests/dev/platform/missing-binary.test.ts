import assert from "node:assert/strict";
import { mock } from "node:test";
import { locatePostgres, locatePostgrest } from "../../../dev/platform/database/binaries.ts";
import {
  MissingBinaryError,
  reportMissingBinary,
} from "../../../dev/platform/database/missing-binary.ts";

Deno.test("a platform without PostgreSQL is told what is missing and what to do instead", async () => {
  await assert.rejects(locatePostgres("windows-arm64"), (error) => {
    assert.ok(error instanceof MissingBinaryError);
    assert.match(error.message, /no PostgreSQL binary for windows-arm64/);
    assert.match(error.message, /`npx supabase start`/);
    return true;
  });
});

Deno.test("a platform without PostgREST may bring its own", async () => {
  await assert.rejects(locatePostgrest("darwin-arm64", undefined), (error) => {
    assert.ok(error instanceof MissingBinaryError);
    assert.match(error.message, /no PostgREST binary for darwin-arm64/);
    assert.match(error.message, /POSTGREST_BIN/);
    assert.match(error.message, /`npx supabase start`/);
    return true;
  });
  assert.equal(await locatePostgrest("darwin-arm64", "/opt/bin/postgrest"), "/opt/bin/postgrest");
});

Deno.test("a missing binary is printed and ends the program with 2; other errors pass through", () => {
  const printed = mock.method(console, "error", () => {});
  const codes: number[] = [];
  const exit = (code: number): never => {
    codes.push(code);
    throw new Error("left");
  };
  try {
    const missing = new MissingBinaryError("PostgREST", "darwin-x64");
    assert.throws(() => reportMissingBinary(missing, exit), /left/);
    assert.deepEqual(codes, [2]);
    assert.deepEqual(printed.mock.calls.map((call) => call.arguments), [[missing.message]]);
    const other = new Error("something else");
    assert.throws(() => reportMissingBinary(other, exit), other);
    assert.deepEqual(codes, [2]);
  } finally {
    printed.mock.restore();
  }
});
