import assert from "node:assert/strict";
import { SignJWT } from "jose";
import { webhookToken } from "../../dev/evolution/webhooks/setting.ts";
import { databaseContent } from "../support/database-content.ts";
import { addMembers, instanceRow, worldTest } from "../support/world.ts";
import {
  connectionUpdate,
  postWebhook,
  webhookBody,
  type WebhookOptions,
} from "../support/webhooks.ts";

const UNKNOWN = "00000000-0000-4000-8000-000000000000";
const MINUTE = 60_000;

worldTest(
  "whoever is not the number's own gateway gets 401, and nothing is written",
  async (world) => {
    const [other] = await addMembers(world, 1);
    const { company, clock } = world;
    const at = (ms: number) => new Date(clock.now().getTime() + ms);
    const token = (key: string, ms = 0) => webhookToken(key, at(ms));
    const good = token(company.webhookSecret);
    const [header, claims] = good.split(".");
    const none = btoa(JSON.stringify({ alg: "none", typ: "JWT" })).replaceAll("=", "");
    const secret = new TextEncoder().encode(company.webhookSecret);
    const seconds = Math.floor(clock.now().getTime() / 1000);
    const sign = (claims: Record<string, unknown>, alg = "HS256") =>
      new SignJWT(claims).setProtectedHeader({ alg }).sign(secret);

    const senders: Record<string, WebhookOptions> = {
      "no token": { bearer: null },
      "an empty token": { bearer: "" },
      "garbage": { bearer: "garbage" },
      "a static token where none is agreed": {
        bearer: null,
        headers: { "x-webhook-token": company.webhookSecret },
      },
      "the secret itself": { bearer: company.webhookSecret },
      "another number's key": { bearer: token(other!.company.webhookSecret) },
      "another number's address": { path: `/${other!.company.instanceId}` },
      "an unknown number": { path: `/${UNKNOWN}` },
      "no number": { path: "" },
      "a number that is none": { path: `/${company.instanceName}` },
      "a token that nothing is tried again with any more": {
        bearer: token(company.webhookSecret, -37 * MINUTE),
      },
      "another number's key, late": { bearer: token(other!.company.webhookSecret, -20 * MINUTE) },
      "a token from the future": { bearer: token(company.webhookSecret, 5 * MINUTE) },
      "a token without an end": { bearer: await sign({ iat: seconds }) },
      "a token without a beginning": { bearer: await sign({ exp: seconds + 60 }) },
      "a token for a day": { bearer: await sign({ iat: seconds, exp: seconds + 86_400 }) },
      "another algorithm": { bearer: await sign({ iat: seconds, exp: seconds + 60 }, "HS512") },
      "alg none": { bearer: `${none}.${claims}.` },
      "alg none, signed": { bearer: `${none}.${claims}.${good.split(".")[2]}` },
      "no signature": { bearer: `${header}.${claims}.` },
      "a user": { bearer: world.userToken },
      "the service key": { bearer: world.auth.serviceRoleKey },
    };
    const before = await databaseContent(world);
    for (const [what, options] of Object.entries(senders)) {
      for (const body of [connectionUpdate(world, "close"), "no JSON"]) {
        const answer = await postWebhook(world, body, options);
        assert.equal(answer.status, 401, what);
        assert.equal(answer.body["errorCode"], "UNAUTHENTICATED", what);
      }
    }
    assert.deepEqual(await databaseContent(world), before);
    assert.equal((await postWebhook(world, connectionUpdate(world, "close"))).status, 200);
  },
);

worldTest("an unknown number and a wrong key answer alike", async (world) => {
  const answerTo = async (options: WebhookOptions) => {
    const { status, body } = await postWebhook(world, connectionUpdate(world, "close"), options);
    return { status, body: { ...body, requestId: null } };
  };
  assert.deepEqual(
    await answerTo({ path: `/${UNKNOWN}` }),
    await answerTo({ bearer: webhookToken("another key", world.clock.now()) }),
  );
});

worldTest("the body's instance is not believed: the row is the address's", async (world) => {
  const [other] = await addMembers(world, 1);
  const body = connectionUpdate(world, "close");
  await postWebhook(world, { ...body, instance: other!.company.instanceName });
  assert.equal((await instanceRow(world))["status"], "disconnected");
  assert.equal((await instanceRow(world, other!.company.instanceId))["status"], "connected");
});

worldTest(
  "a static token is accepted where one is agreed, and never mends a bad bearer",
  async (world) => {
    const { instanceId } = world.company;
    await world.sql`update private.instance_credentials set webhook_token = 'agreed-static-token'
    where instance_id = ${instanceId}`;
    const body = () => connectionUpdate(world, "close");
    const headers = { "x-webhook-token": "agreed-static-token" };
    const wrong = { "x-webhook-token": "agreed-static-tokem" };
    assert.equal((await postWebhook(world, body(), { bearer: "x.y.z", headers })).status, 401);
    assert.equal((await postWebhook(world, body(), { bearer: null, headers: wrong })).status, 401);
    assert.equal((await instanceRow(world))["status"], "connected");
    assert.equal((await postWebhook(world, body(), { bearer: null, headers })).status, 200);
    assert.equal((await instanceRow(world))["status"], "disconnected");
  },
);

worldTest(
  "what is tried again after its token's end is stored, once, and another number's never",
  async (world) => {
    const { company, clock } = world;
    const [other] = await addMembers(world, 1);
    const bearer = webhookToken(company.webhookSecret, clock.now());
    const body = webhookBody(world, "messages.upsert", {
      key: { remoteJid: company.customerJid, fromMe: false, id: "LATE" },
      message: { conversation: "alguém aí?" },
      messageTimestamp: Math.floor(clock.now().getTime() / 1000),
    });
    const stranger = { bearer, path: `/${other!.company.instanceId}` };
    for (const [minutes, result] of [[20, "stored"], [5, "ignored"], [9, "ignored"]] as const) {
      await clock.advance(minutes * MINUTE);
      assert.equal((await postWebhook(world, body, stranger)).status, 401);
      const answer = await postWebhook(world, body, { bearer });
      assert.deepEqual([answer.status, answer.body["result"]], [200, result]);
    }
    await clock.advance(3 * MINUTE);
    assert.equal((await postWebhook(world, body, { bearer })).status, 401);
    const stored = await world.sql`select content, status from public.messages`;
    assert.deepEqual([...stored], [{ content: "alguém aí?", status: "received" }]);
  },
);
