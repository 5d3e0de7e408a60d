import assert from "node:assert/strict";
import { mock } from "node:test";
import {
  locatePostgres,
  locatePostgrest,
  MissingBinaryError,
  reportMissingBinary,
} from "../../../dev/platform/database/binaries.ts";

const MISSING: readonly (readonly [find: () => Promise<string>, says: readonly RegExp[]])[] = [
  [() => locatePostgres("windows-arm64"), [/no PostgreSQL binary for windows-arm64/]],
  [
    () => locatePostgrest("darwin-arm64", undefined),
    [/no PostgREST binary for darwin-arm64/, /POSTGREST_BIN/],
  ],
];

Deno.test("a platform without a program is told what is missing and what to do instead", async () => {
  for (const [find, says] of MISSING) {
    await assert.rejects(find(), (error) => {
      assert.ok(error instanceof MissingBinaryError);
      for (const part of [...says, /`npx supabase start`/]) assert.match(error.message, part);
      return true;
    });
  }
  // A platform without PostgREST may bring its own.
  assert.equal(await locatePostgrest("darwin-arm64", "/opt/bin/postgrest"), "/opt/bin/postgrest");
});

Deno.test("a missing binary is printed and ends the program with 2; other errors pass through", () => {
  const printed = mock.method(console, "error", () => {});
  const exit = (code: number): never => {
    throw new Error(`left with ${code}`);
  };
  try {
    const missing = new MissingBinaryError("PostgREST", "darwin-x64");
    assert.throws(() => reportMissingBinary(missing, exit), /left with 2/);
    const other = new Error("something else");
    assert.throws(() => reportMissingBinary(other, exit), other);
    assert.deepEqual(printed.mock.calls.map((call) => call.arguments), [[missing.message]]);
  } finally {
    printed.mock.restore();
  }
});
