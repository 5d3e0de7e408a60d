import assert from "node:assert/strict";
import { CRON_SECRET } from "../../dev/world/virtual-world.ts";
import type { FunctionName } from "../../dev/platform/function-handlers.ts";
import { webhookToken } from "../../dev/evolution/webhooks/setting.ts";
import { databaseContent } from "../support/database-content.ts";
import { type Body, malformedBodies } from "./support/bodies.ts";
import { count, isLong } from "../../dev/tasks/security/counts.ts";
import { goodRequests, goodWebhooks } from "./support/good-bodies.ts";
import { CRON_FUNCTIONS, type House, houseTest, knownActions } from "./support/house.ts";

const HOW_MANY = isLong ? 1000 : 250;
const SEED = Number(Deno.env.get("SECURITY_SEED") ?? 20_260_101);

/** Reading is all that these SQL functions do. */
const READS = ["webhook_keys"];

/** Shows the bodies to a function, with good credentials. */
async function refuses(
  house: House,
  name: FunctionName,
  bodies: readonly Body[],
  credentials: () => { readonly headers: Record<string, string>; readonly path?: string },
): Promise<void> {
  let before = await databaseContent(house.world);
  for (const [index, body] of bodies.entries()) {
    const what = `seed ${SEED}, body ${index} of ${name}: ${
      typeof body === "string" ? body.slice(0, 400) : `${body}`.slice(0, 400)
    }`;
    const queries = house.queries.length;
    const told = await house.ask(name, { ...credentials(), body });
    count("malformed bodies");
    assert.ok(told.status < 500, `${told.status}: ${what}`);
    assert.doesNotThrow(() => JSON.parse(told.text), what);
    const asked = house.queries.slice(queries).some(({ fn }) => !READS.includes(fn));
    if (told.status < 400) {
      await house.settle();
      if (asked) before = await databaseContent(house.world);
    } else if (asked) {
      assert.deepEqual(await databaseContent(house.world), before, what);
    }
  }
  // Requests that asked nothing of the database cannot have changed it; this is the proof.
  assert.deepEqual(await databaseContent(house.world), before);
  assert.equal(({} as { polluted?: boolean }).polluted, undefined);
  for (const line of house.logs) {
    assert.doesNotMatch(line, /"event":"(thrown|background_failed)"/);
    assert.doesNotMatch(line, /"errorCode":"INTERNAL"/);
  }
}

houseTest(
  `evolution-api answers ${HOW_MANY} malformed bodies below 500 and writes nothing`,
  async (house) => {
    const good = goodRequests(house.world, await knownActions(house));
    await refuses(house, "evolution-api", malformedBodies(good, HOW_MANY, SEED), () => ({
      headers: { authorization: `Bearer ${house.world.userToken}` },
    }));
  },
);

houseTest(
  `evolution-webhook answers ${HOW_MANY} malformed bodies below 500 and writes nothing`,
  async (house) => {
    const { company, clock } = house.world;
    const bodies = malformedBodies(goodWebhooks(house.world), HOW_MANY, SEED);
    await refuses(house, "evolution-webhook", bodies, () => ({
      path: `/${company.instanceId}`,
      headers: { authorization: `Bearer ${webhookToken(company.webhookSecret, clock.now())}` },
    }));
  },
);

for (const name of CRON_FUNCTIONS) {
  houseTest(`${name} reads no body: ${HOW_MANY} malformed ones change nothing`, async (house) => {
    const headers = { "x-cron-secret": CRON_SECRET };
    const bodies = malformedBodies([{ limit: 10, dryRun: true }], HOW_MANY, SEED);
    const before = await databaseContent(house.world);
    for (const body of bodies) {
      const { status, text } = await house.ask(name, { headers, body });
      assert.equal(status, 200, text);
      count("malformed bodies");
    }
    assert.deepEqual(await databaseContent(house.world), before);
  });
}
