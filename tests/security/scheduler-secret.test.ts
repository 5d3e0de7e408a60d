import assert from "node:assert/strict";
import { CRON_SECRET } from "../../dev/world/virtual-world.ts";
import { requireCronSecret } from "../../supabase/functions/_shared/http/auth.ts";
import { databaseContent } from "../support/database-content.ts";
import { count } from "../../dev/tasks/security/counts.ts";
import { bareTest, CRON_FUNCTIONS, OLD_CRON_SECRET } from "./support/bare-world.ts";

bareTest(
  "the scheduler's functions open to its two secrets and to nothing else",
  async (bare) => {
    const { world } = bare;
    const strangers: Record<string, Record<string, string>> = {
      "no secret": {},
      "an empty secret": { "x-cron-secret": "" },
      "a wrong secret": { "x-cron-secret": "wrong" },
      "half the secret": { "x-cron-secret": CRON_SECRET.slice(0, -1) },
      "more than the secret": { "x-cron-secret": `${CRON_SECRET}0` },
      "the secret in capitals": { "x-cron-secret": CRON_SECRET.toUpperCase() },
      "both secrets at once": { "x-cron-secret": `${CRON_SECRET}, ${OLD_CRON_SECRET}` },
      "undefined": { "x-cron-secret": "undefined" },
      "the secret as a bearer": { authorization: `Bearer ${CRON_SECRET}` },
      "a user": { authorization: `Bearer ${world.userToken}` },
      "the anon key": { apikey: world.auth.anonKey, authorization: `Bearer ${world.auth.anonKey}` },
      "the service key": { authorization: `Bearer ${world.auth.serviceRoleKey}` },
      "the secret key": { apikey: world.auth.secretKey },
      "the service key as secret": { "x-cron-secret": world.auth.serviceRoleKey },
    };
    const before = await databaseContent(world);
    for (const name of CRON_FUNCTIONS) {
      for (const [what, headers] of Object.entries(strangers)) {
        const told = await bare.ask(name, { headers });
        assert.equal(told.status, 401, `${name}: ${what}`);
        count("access checks");
      }
    }
    assert.deepEqual(await databaseContent(world), before);
    assert.equal(bare.queries.length, 0);
    for (const name of CRON_FUNCTIONS) {
      for (const secret of [CRON_SECRET, OLD_CRON_SECRET]) {
        const told = await bare.ask(name, { headers: { "x-cron-secret": secret } });
        assert.equal(told.status, 200, told.text);
        count("access checks");
      }
    }
  },
);

Deno.test("where no secret is configured the scheduler's functions refuse everybody", () => {
  for (const given of [null, "", "undefined", "null", CRON_SECRET]) {
    const headers = given === null ? {} : { "x-cron-secret": given };
    const request = new Request("http://supabase.test/", { method: "POST", headers });
    assert.throws(() => requireCronSecret(request, []), { code: "UNAUTHENTICATED" });
    count("access checks");
  }
});
