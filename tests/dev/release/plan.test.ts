import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { planRelease, ReleaseError } from "../../../dev/tasks/release/plan.ts";

const MIGRATIONS = "supabase/migrations";
const sum = (text: string) => createHash("sha256").update(text).digest("hex");

const FILES: Readonly<Record<string, string>> = {
  "CHANGELOG.md":
    "# Changelog\n\n## Unreleased\n\n- **A thing**.\n\n## 0.1.0\n\nThe first release.\n",
  "tests/fixtures/api-contracts/unreleased.json": "{}\n",
  [`${MIGRATIONS}/20260101000000_time.sql`]: "create schema ghost_repair;",
  [`${MIGRATIONS}/20260102000000_schema.sql`]: "create table numbers ();",
};
const RELEASED: Readonly<Record<string, string>> = {
  ...FILES,
  "supabase/released.json": JSON.stringify({
    "0.1.0": { "20260101000000_time.sql": sum("create schema ghost_repair;") },
  }),
};

function plan(version: string, files: Readonly<Record<string, string>>) {
  const tree = Object.entries(files).map(([path, text]) => ({ path, text }));
  const written = planRelease(version, "2026-11-27", tree);
  return Object.fromEntries(written.map(({ path, text }) => [path, text]));
}

Deno.test("a release names what is told, and writes checksums and contract", () => {
  const written = plan("0.2.0", FILES);
  assert.deepEqual(Object.keys(written), [
    "CHANGELOG.md",
    "supabase/released.json",
    "tests/fixtures/api-contracts/0.2.0.json",
  ]);
  assert.match(
    written["CHANGELOG.md"]!,
    /^## 0\.2\.0 \(2026-11-27\)\n\n- \*\*A thing\*\*\.\n\n## 0\.1\.0\n/m,
  );
  assert.deepEqual(JSON.parse(written["supabase/released.json"]!), {
    "0.2.0": {
      "20260101000000_time.sql": sum("create schema ghost_repair;"),
      "20260102000000_schema.sql": sum("create table numbers ();"),
    },
  });
  assert.equal(written["tests/fixtures/api-contracts/0.2.0.json"], "{}\n");
});

Deno.test("a later release adds the migrations that are new", () => {
  const { "supabase/released.json": released } = plan("0.2.0", RELEASED);
  assert.deepEqual(
    Object.entries(JSON.parse(released!)).map(([version, added]) => [
      version,
      Object.keys(added as object),
    ]),
    [["0.1.0", ["20260101000000_time.sql"]], ["0.2.0", ["20260102000000_schema.sql"]]],
  );
});

for (
  const [refused, version, files, because] of [
    ["the version that was released last", "0.1.0", FILES, /does not come after 0\.1\.0/],
    ["an earlier version", "0.0.9", FILES, /does not come after 0\.1\.0/],
    [
      "nothing that is told",
      "0.2.0",
      { ...FILES, "CHANGELOG.md": "# Changelog\n\n## 0.1.0\n\nThe first release.\n" },
      /tells nothing under "## Unreleased"/,
    ],
    [
      "a heading with nothing below it",
      "0.2.0",
      { ...FILES, "CHANGELOG.md": "# Changelog\n\n## Unreleased\n\n## 0.1.0\n" },
      /tells nothing under "## Unreleased"/,
    ],
    [
      "a released migration that reads otherwise",
      "0.2.0",
      { ...RELEASED, [`${MIGRATIONS}/20260101000000_time.sql`]: "create schema repair;" },
      /20260101000000_time\.sql was released with 0\.1\.0: leave it/,
    ],
  ] as const
) {
  Deno.test(`no release of ${refused}`, () => {
    assert.throws(
      () => plan(version, files),
      (error) => error instanceof ReleaseError && because.test(error.message),
    );
  });
}

Deno.test("0.10.0 comes after 0.9.0", () => {
  const changelog = FILES["CHANGELOG.md"]!.replace("## 0.1.0", "## 0.9.0");
  assert.match(
    plan("0.10.0", { ...FILES, "CHANGELOG.md": changelog })["CHANGELOG.md"]!,
    /0\.10\.0/,
  );
});
