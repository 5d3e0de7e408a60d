import assert from "node:assert/strict";
import { readEnvironment } from "../../../supabase/functions/_shared/runtime/environment.ts";

const SUPABASE_URL = "https://project.supabase.co";
const today = {
  SUPABASE_SECRET_KEYS: '{"default":"sb_secret_a","billing":"sb_secret_b"}',
  SUPABASE_PUBLISHABLE_KEYS: '{"default":"sb_publishable_a"}',
};
const legacy = { SUPABASE_SERVICE_ROLE_KEY: "ey.service", SUPABASE_ANON_KEY: "ey.anon" };

type Case = readonly [
  what: string,
  variables: Readonly<Record<string, string>>,
  secretKey: string,
  publishableKey?: string,
];

const CASES: readonly Case[] = [
  ["keys of today alone", today, "sb_secret_a", "sb_publishable_a"],
  ["both kinds", { ...legacy, ...today }, "sb_secret_a", "sb_publishable_a"],
  ["legacy keys alone", legacy, "ey.service", "ey.anon"],
  [
    "empty maps",
    { ...legacy, SUPABASE_SECRET_KEYS: "{}", SUPABASE_PUBLISHABLE_KEYS: "{}" },
    "ey.service",
    "ey.anon",
  ],
  [
    "empty variables",
    { ...legacy, SUPABASE_SECRET_KEYS: "", SUPABASE_PUBLISHABLE_KEYS: "" },
    "ey.service",
    "ey.anon",
  ],
  ["a key of another name", { SUPABASE_SECRET_KEYS: '{"functions":"sb_secret_c"}' }, "sb_secret_c"],
  [
    "empty legacy keys",
    { ...today, SUPABASE_SERVICE_ROLE_KEY: "", SUPABASE_ANON_KEY: "" },
    "sb_secret_a",
    "sb_publishable_a",
  ],
];

for (const [what, variables, secretKey, publishableKey] of CASES) {
  Deno.test(`the project's keys, from ${what}`, () => {
    const read = readEnvironment({ SUPABASE_URL, ...variables });
    assert.deepEqual([read.secretKey, read.publishableKey], [secretKey, publishableKey]);
  });
}

Deno.test("keys that are missing or cannot be read are named, never shown", () => {
  const wrong: readonly (readonly [Record<string, string>, RegExp])[] = [
    [{}, /SUPABASE_SECRET_KEYS/],
    [{ SUPABASE_PUBLISHABLE_KEYS: today.SUPABASE_PUBLISHABLE_KEYS }, /SUPABASE_SECRET_KEYS/],
    [{ SUPABASE_SECRET_KEYS: "sb_secret_bare" }, /SUPABASE_SECRET_KEYS/],
    [{ SUPABASE_SECRET_KEYS: '["sb_secret_listed"]' }, /SUPABASE_SECRET_KEYS/],
    [{ ...legacy, SUPABASE_SECRET_KEYS: '{"default":""}' }, /SUPABASE_SECRET_KEYS/],
    [{ ...legacy, SUPABASE_PUBLISHABLE_KEYS: "{" }, /SUPABASE_PUBLISHABLE_KEYS/],
  ];
  for (const [variables, named] of wrong) {
    assert.throws(() => readEnvironment({ SUPABASE_URL, ...variables }), (error: Error) => {
      assert.match(error.message, named);
      assert.doesNotMatch(error.message, /sb_secret|ey\./);
      return true;
    });
  }
});
