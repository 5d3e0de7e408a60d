import assert from "node:assert/strict";
import { CRON_SECRET } from "../../dev/world/virtual-world.ts";
import type { FunctionName } from "../../dev/platform/function-handlers.ts";
import { webhookToken } from "../../dev/evolution/webhooks/setting.ts";
import { databaseContent } from "../support/database-content.ts";
import { type Body, goodRequests, goodWebhooks, malformedBodies } from "./support/bodies.ts";
import { count, isLong } from "../../dev/tasks/security/counts.ts";
import { bareTest, type BareWorld, CRON_FUNCTIONS, knownActions } from "./support/bare-world.ts";

/** The short form is as long as it takes for each kind of body to come at least once. */
const HOW_MANY = isLong ? 1000 : 30;
/** For functions that read none. */
const UNREAD = isLong ? 1000 : 15;
const SEED = Number(Deno.env.get("SECURITY_SEED") ?? 20_260_101);

/** Reading is all that these SQL functions do. */
const READS = ["webhook_keys"];

/** Shows the bodies to a function, with good credentials. */
async function refuses(
  bare: BareWorld,
  name: FunctionName,
  bodies: readonly Body[],
  credentials: () => { readonly headers: Record<string, string>; readonly path?: string },
  except?: string,
): Promise<void> {
  const content = async () =>
    Object.entries(await databaseContent(bare.world)).filter(([table]) => table !== except);
  let before = await content();
  for (const [index, body] of bodies.entries()) {
    const what = `seed ${SEED}, body ${index} of ${name}: ${
      typeof body === "string" ? body.slice(0, 400) : `${body}`.slice(0, 400)
    }`;
    const queries = bare.queries.length;
    const told = await bare.ask(name, { ...credentials(), body });
    count("malformed bodies");
    assert.ok(told.status < 500, `${told.status}: ${what}`);
    assert.doesNotThrow(() => JSON.parse(told.text), what);
    const asked = bare.queries.slice(queries).some(({ fn }) => !READS.includes(fn));
    if (told.status < 400) {
      await bare.settle();
      if (asked) before = await content();
    } else if (asked) {
      assert.deepEqual(await content(), before, what);
    }
  }
  // Requests that asked nothing of the database cannot have changed it; this is the proof.
  assert.deepEqual(await content(), before);
  assert.equal(({} as { polluted?: boolean }).polluted, undefined);
  for (const line of bare.logs) {
    assert.doesNotMatch(line, /"event":"(thrown|background_failed)"/);
    assert.doesNotMatch(line, /"errorCode":"INTERNAL"/);
  }
}

bareTest(
  `evolution-api answers ${HOW_MANY} malformed bodies below 500 and writes nothing`,
  async (bare) => {
    const good = goodRequests(bare.world, await knownActions(bare));
    await refuses(bare, "evolution-api", malformedBodies(good, HOW_MANY, SEED), () => ({
      headers: { authorization: `Bearer ${bare.world.userToken}` },
    }));
  },
);

bareTest(
  `evolution-webhook answers ${HOW_MANY} malformed bodies below 500 and writes nothing`,
  async (bare) => {
    const { company, clock } = bare.world;
    const bodies = malformedBodies(goodWebhooks(bare.world), HOW_MANY, SEED);
    await refuses(bare, "evolution-webhook", bodies, () => ({
      path: `/${company.instanceId}`,
      headers: { authorization: `Bearer ${webhookToken(company.webhookSecret, clock.now())}` },
      // What was signed and could not be read is a reason to ask the gateway what came.
    }), "public.message_gaps");
  },
);

for (const name of CRON_FUNCTIONS) {
  bareTest(`${name} reads no body: ${UNREAD} malformed ones change nothing`, async (bare) => {
    const headers = { "x-cron-secret": CRON_SECRET };
    const bodies = malformedBodies([{ limit: 10, dryRun: true }], UNREAD, SEED);
    // A first tick asks the gateway for its version.
    await bare.ask(name, { headers, body: "{}" });
    const before = await databaseContent(bare.world);
    for (const body of bodies) {
      const { status, text } = await bare.ask(name, { headers, body });
      assert.equal(status, 200, text);
      count("malformed bodies");
    }
    assert.deepEqual(await databaseContent(bare.world), before);
  });
}
