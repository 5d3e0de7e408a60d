import assert from "node:assert/strict";
import { CRON_SECRET } from "../../../dev/world/virtual-world.ts";
import {
  beginReconnect,
  reconnect,
  sendText,
  sendToTheEnd,
  worldTest,
} from "../../support/world.ts";
import { connectionUpdate, postWebhook, webhookBody } from "../../support/webhooks.ts";

const KEY = "canary-gateway-key";
const PHONE = "5531912345678";
const CUSTOMER = "5531987654321";
const OTHER = "5531911112222";
const BASE64 = "Q2FuYXJ5Q2FuYXJ5";
const WORD = "canário-dos-textos";

worldTest(
  "no secret, number or word of a message gets into a log line or an event",
  async (world) => {
    const { clock, company } = world;
    const { control } = world.gateway;
    const name = company.instanceName;
    const qrs = new Set<string>();

    // A healthy life: text, media, answers, acknowledgements, messages that come in.
    control.acks(name, "read");
    const media = { type: "document", base64: BASE64, fileName: `${WORD}.pdf`, caption: WORD };
    await sendToTheEnd(world, { message: WORD });
    await sendToTheEnd(world, { message: WORD, media });
    await sendToTheEnd(world, { message: `[IMAGE]https://cdn.example/${WORD}.jpg?token=${KEY}` });
    await sendToTheEnd(world, {
      conversationId: undefined,
      instanceId: company.instanceId,
      remoteJid: OTHER,
      message: WORD,
    });
    control.inbound(name, { from: OTHER, text: WORD, pushName: WORD });
    await clock.advance(5_000);

    // Every door is knocked at with the wrong thing.
    const canary = `${WORD} ${KEY} ${PHONE}`;
    for (
      const field of ["action", "conversationId", "instanceId", "remoteJid", "clientMessageId"]
    ) {
      await sendText(world, { [field]: canary });
    }
    await sendText(world, { media: { type: canary, url: canary, mimetype: canary } });
    await world.call("evolution-api", `{"message": "${WORD}"`);
    await sendText(world, { message: WORD }, { token: `${KEY}.${KEY}.${KEY}` });
    await clock.until(beginReconnect(world, { headers: { "x-cron-secret": KEY } }));
    await postWebhook(world, connectionUpdate(world, canary));
    await postWebhook(world, connectionUpdate(world, "close"), { bearer: KEY });
    await postWebhook(world, { ...connectionUpdate(world, "close"), event: canary });
    await postWebhook(world, webhookBody(world, "messages.upsert", { key: canary, [canary]: 1 }));

    // The gateway echoes what it was given.
    for (const status of [400, 401, 404, 500]) {
      const body = { status, error: canary, response: { message: [canary, { jid: CUSTOMER }] } };
      control.fault("sendText", { status, body });
      await sendToTheEnd(world, { message: WORD });
    }

    // A repair with its logout, a QR, a scan.
    control.ghost(name, "A1", { selfHeals: false });
    await sendToTheEnd(world, { message: WORD });
    await clock.advance(60_000);
    await reconnect(world);
    await clock.advance(1_000);
    const { code, base64 } = control.inspect(name).qr;
    qrs.add(code!).add(base64!);
    assert.deepEqual(control.scan(name), { accepted: true });
    await clock.advance(5_000);
    assert.equal((await sendToTheEnd(world, { message: WORD }))["status"], "sent");
    await world.tick();

    const secrets = [
      KEY,
      PHONE,
      CUSTOMER,
      OTHER,
      BASE64,
      WORD,
      CRON_SECRET,
      company.webhookSecret,
      world.userToken,
      world.auth.secretKey,
      world.auth.serviceRoleKey,
      ...qrs,
    ];
    const told = await world.sql<{ line: string }[]>`
    select to_jsonb(e)::text as line from public.instance_events e`;
    assert.ok(world.logs.length > 50 && told.length > 5);
    for (const line of [...world.logs, ...told.map((event) => event.line)]) {
      for (const secret of secrets) assert.ok(!line.includes(secret), `${secret} in ${line}`);
    }
  },
  {
    logLevel: "debug",
    simulator: { apiKey: KEY },
    company: { apiKey: KEY, phone: PHONE, customer: CUSTOMER },
  },
);
