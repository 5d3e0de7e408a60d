import assert from "node:assert/strict";
import { SUPABASE_URL, type VirtualWorld } from "../../../dev/world/virtual-world.ts";
import { WEBHOOK_EVENTS } from "../../../supabase/functions/_shared/gateway/webhook-events.ts";
import { assertRefused, clientOf } from "../../support/actions.ts";
import { askGateway, calls, events, worldTest } from "../../support/world.ts";

/** The webhook as the gateway has it. */
async function setting(world: VirtualWorld, webhook?: object): Promise<Record<string, unknown>> {
  const { instanceName } = world.company;
  const response = webhook === undefined
    ? await askGateway(world, `webhook/find/${instanceName}`)
    : await askGateway(world, `webhook/set/${instanceName}`, { body: { webhook } });
  return await response.json();
}

worldTest(
  "a webhook of old asks for what is read today, and for nothing that makes deaf",
  async (world) => {
    const { instanceId, webhookSecret } = world.company;
    const url = `${SUPABASE_URL}/functions/v1/evolution-webhook/${instanceId}`;
    const old = { enabled: true, url: "http://old.test/", base64: true };
    await setting(world, { ...old, events: ["MESSAGES_UPSERT", "MESSAGES_EDITED"] });
    const { added, removed } = await clientOf(world).updateWebhook({ instanceId });
    assert.ok(added.includes("MESSAGES_SET") && !added.includes("MESSAGES_UPSERT"));
    assert.deepEqual(removed, ["MESSAGES_EDITED"]);
    assert.partialDeepStrictEqual(await setting(world), {
      enabled: true,
      url,
      headers: { jwt_key: webhookSecret },
      webhookBase64: false,
      events: [...WEBHOOK_EVENTS],
    });
    assert.partialDeepStrictEqual((await events(world)).at(-1), { kind: "webhook_updated" });

    // A gateway in the same network knows us by another host; one that cannot sign is given a token.
    const inner = `http://kong:8000/functions/v1/evolution-webhook/${instanceId}`;
    await setting(world, { enabled: true, url: inner, events: ["MESSAGES_UPSERT"] });
    world.gateway.control.setVersion("2.2.3");
    const there = await clientOf(world).updateWebhook({ instanceId });
    assert.equal(there.url, inner);
    assert.ok(!there.added.includes("STATUS_INSTANCE"));
    const [keys] = await world.sql`
      select webhook_token as token, webhook_secret as secret from private.instance_credentials`;
    assert.match(keys!["token"], /^[0-9a-f]{64}$/);
    // The old secret went out in clear with every webhook of this version.
    assert.match(keys!["secret"], /^[0-9a-f]{64}$/);
    assert.notEqual(keys!["secret"], webhookSecret);
    assert.deepEqual((await setting(world))["headers"], { "x-webhook-token": keys!["token"] });
    await clientOf(world).updateWebhook({ instanceId });
    assert.deepEqual((await setting(world))["headers"], { "x-webhook-token": keys!["token"] });

    world.gateway.control.gatewayDown(true);
    const sets = calls(world, "webhook/set");
    await assertRefused(clientOf(world).updateWebhook({ instanceId }), {
      code: "GATEWAY_UNREACHABLE",
    });
    assert.equal(calls(world, "webhook/set"), sets);
  },
);
