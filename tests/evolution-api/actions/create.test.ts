import assert from "node:assert/strict";
import { EVOLUTION_KEY, EVOLUTION_URL, SUPABASE_URL } from "../../../dev/world/virtual-world.ts";
import { clientOf } from "../../support/actions.ts";
import {
  askGateway,
  calls,
  eventKinds,
  instanceRow,
  sendText,
  worldTest,
} from "../../support/world.ts";

worldTest("a new number is made, scanned, connected, and sends", async (world) => {
  const { organizationId } = world.company;
  const client = clientOf(world);
  const { instance, qr } = await client.createInstance({
    organizationId,
    displayName: "  Vendas São Paulo ",
  });
  assert.partialDeepStrictEqual(instance, {
    organizationId,
    displayName: "Vendas São Paulo",
    status: "awaiting_qr",
    phoneNumber: null,
    role: "owner",
  });
  assert.match(instance.instanceName, /^vendas-sao-paulo-[0-9a-f]{8}$/);
  assert.ok(qr?.code && qr.base64);
  assert.deepEqual(
    world.gateway.calls.map((call) => call.route),
    ["root", "fetchInstances", "create", "connect"],
  );

  const [credentials] = await world.sql`
    select * from private.instance_credentials where instance_id = ${instance.id}`;
  assert.partialDeepStrictEqual(credentials, { api_url: EVOLUTION_URL, api_key: EVOLUTION_KEY });
  const secret: string = credentials?.["webhook_secret"];
  assert.match(secret, /^[0-9a-f]{64}$/);
  assert.notEqual(secret, world.company.webhookSecret);
  const setting = await askGateway(world, `webhook/find/${instance.instanceName}`);
  assert.partialDeepStrictEqual(await setting.json(), {
    enabled: true,
    url: `${SUPABASE_URL}/functions/v1/evolution-webhook/${instance.id}`,
    headers: { jwt_key: secret },
    webhookBase64: false,
    events: [
      "CONNECTION_UPDATE",
      "QRCODE_UPDATED",
      "MESSAGES_SET",
      "MESSAGES_UPSERT",
      "MESSAGES_UPDATE",
      "SEND_MESSAGE",
      "LOGOUT_INSTANCE",
      "STATUS_INSTANCE",
    ],
  });

  world.gateway.control.scan(instance.instanceName, { code: qr.code, phone: "5511977776666" });
  await world.clock.advance(3_000);
  const row = await instanceRow(world, instance.id);
  assert.deepEqual([row["status"], row["phone_number"]], ["connected", "5511977776666"]);
  assert.deepEqual(await eventKinds(world, instance.id), ["created", "qr_required", "connected"]);
  const sent = await sendText(world, {
    conversationId: undefined,
    instanceId: instance.id,
    remoteJid: "5511988887777",
  });
  assert.equal(sent.status, 200);
  await world.settle();
  assert.equal(world.gateway.control.delivered(instance.instanceName).length, 1);
});

worldTest(
  "2.2.3: no signing key leaves, the webhook's own token is believed, and all goes both ways",
  async (world) => {
    const { gateway: { control }, company: { organizationId } } = world;
    control.setVersion("2.2.3");
    const { instance, qr } = await clientOf(world).createInstance({
      organizationId,
      displayName: "Vendas",
    });
    const [keys] = await world.sql`select webhook_secret as secret, webhook_token as token
        from private.instance_credentials where instance_id = ${instance.id}`;
    const setting = await askGateway(world, `webhook/find/${instance.instanceName}`);
    const { headers } = await setting.json();
    assert.deepEqual(headers, { "x-webhook-token": keys!["token"] });
    assert.notEqual(keys!["token"], keys!["secret"]);
    control.scan(instance.instanceName, { code: qr!.code!, phone: "5511977776666" });
    await world.clock.advance(3_000);
    assert.equal((await instanceRow(world, instance.id))["status"], "connected");
    const { id } = control.inbound(instance.instanceName, { from: "5511966665555", text: "oi" });
    await world.settle();
    assert.equal(
      (await world.sql`select from public.messages where whatsapp_message_id = ${id}`).length,
      1,
    );
    control.acks(instance.instanceName, "read");
    const to = { conversationId: undefined, instanceId: instance.id, remoteJid: "5511988887777" };
    const file = { type: "image", base64: btoa("a picture"), caption: "olha" };
    await sendText(world, { ...to, message: "oi" });
    await sendText(world, { ...to, message: undefined, media: file });
    await world.settle();
    await world.clock.advance(5_000);
    const sent = await world.sql`select message_type as type, status from public.messages
        where whatsapp_instance_id = ${instance.id} and is_from_me order by position`;
    assert.deepEqual(sent.map(({ type, status }) => [type, status]), [
      ["text", "read"],
      ["image", "read"],
    ]);
  },
);

worldTest("a gateway of one's own is kept, a name of one's own too", async (world) => {
  const { instance } = await clientOf(world).createInstance({
    organizationId: world.company.organizationId,
    displayName: "Vendas",
    instanceName: "Vendas_01",
    gateway: { apiUrl: `${EVOLUTION_URL}/?x=1#y`, apiKey: EVOLUTION_KEY },
  });
  const [row] = await world.sql`select i.instance_name, k.api_url
    from public.whatsapp_instances i join private.instance_credentials k on k.instance_id = i.id
    where i.id = ${instance.id}`;
  assert.deepEqual({ ...row }, { instance_name: "Vendas_01", api_url: EVOLUTION_URL });
});

worldTest(
  "without a QR the number is there all the same, and the scheduler goes on",
  async (world) => {
    world.gateway.control.whatsapp({ refusing: true });
    world.gateway.control.fault("connect", { status: 200, body: { count: 0 } });
    const { organizationId } = world.company;
    const client = clientOf(world);
    const none = await client.createInstance({ organizationId, displayName: "Um" });
    assert.deepEqual([none.qr, none.instance.status], [null, "connecting"]);
    world.gateway.control.fault("connect", { status: 500, body: {} });
    const failed = await client.createInstance({ organizationId, displayName: "Dois" });
    assert.deepEqual([failed.qr, failed.instance.status], [null, "disconnected"]);
    assert.equal(calls(world, "connect", failed.instance.instanceName), 1);
  },
);

worldTest(
  "an answer that was lost is asked for: the number was made, and is kept",
  async (world) => {
    world.gateway.control.fault("create", "cut");
    const { instance, qr } = await clientOf(world).createInstance({
      organizationId: world.company.organizationId,
      displayName: "Vendas",
    });
    assert.ok(qr);
    assert.ok(world.gateway.control.instances().includes(instance.instanceName));
  },
);
