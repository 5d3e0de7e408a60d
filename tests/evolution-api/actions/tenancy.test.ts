import assert from "node:assert/strict";
import type { VirtualWorld } from "../../../dev/world/virtual-world.ts";
import { CONTRACTS } from "../../../supabase/functions/_shared/contracts/actions.ts";
import { addColleague } from "../../support/actions.ts";
import { databaseContent } from "../../support/database-content.ts";
import { addMembers, sendToTheEnd, worldTest } from "../../support/world.ts";

const UNKNOWN = "00000000-0000-4000-8000-000000000000";

worldTest(
  "on every action, another organization's things are as if they were not",
  async (world) => {
    const [other] = await addMembers(world, 1);
    world.gateway.control.ghost(other!.company.instanceName, "A2");
    const failed = await sendToTheEnd(world, {}, { as: other! });
    await world.clock.advance(5_000);
    const { instanceId, instanceName, organizationId, conversationId } = other!.company;
    const foreignChannel = await addAlertChannel(world, organizationId);
    const before = await databaseContent(world);
    const called = world.gateway.calls.length;
    const media = { type: "image", url: "https://cdn.example/a.jpg" };
    const asked: Record<keyof typeof CONTRACTS, [foreign: object, unknown: object]> = {
      send_message_async: [
        { conversationId, message: "oi" },
        { conversationId: UNKNOWN, message: "oi" },
      ],
      send_media_async: [{ conversationId, media }, { conversationId: UNKNOWN, media }],
      retry_message: [{ messageId: failed["id"] }, { messageId: UNKNOWN }],
      list_instances: [{ organizationId }, { organizationId: UNKNOWN }],
      get_media: [{ messageId: failed["id"] }, { messageId: UNKNOWN }],
      get_status: [{ instanceId }, { instanceId: UNKNOWN }],
      refresh_status: [{ instanceId }, { instanceId: UNKNOWN }],
      list_events: [{ instanceId }, { instanceId: UNKNOWN }],
      get_qrcode: [{ instanceId }, { instanceId: UNKNOWN }],
      create_instance: [
        { organizationId, displayName: "Vendas" },
        { organizationId: UNKNOWN, displayName: "Vendas" },
      ],
      disconnect_instance: [{ instanceId }, { instanceId: UNKNOWN }],
      reconnect_instance: [{ instanceId }, { instanceId: UNKNOWN }],
      update_webhook: [{ instanceId }, { instanceId: UNKNOWN }],
      get_settings: [{ organizationId }, { organizationId: UNKNOWN }],
      update_settings: [
        { organizationId, canaries: true },
        { organizationId: UNKNOWN, canaries: true },
      ],
      list_alert_channels: [{ organizationId }, { organizationId: UNKNOWN }],
      save_alert_channel: [
        { organizationId, kind: "slack", name: "x" },
        { organizationId: UNKNOWN, kind: "slack", name: "x" },
      ],
      test_alert_channel: [{ channelId: foreignChannel }, { channelId: UNKNOWN }],
      delete_alert_channel: [{ channelId: foreignChannel }, { channelId: UNKNOWN }],
      erase_customer: [{ conversationId }, { conversationId: UNKNOWN }],
      delete_instance: [
        { instanceId, confirmName: instanceName },
        { instanceId: UNKNOWN, confirmName: instanceName },
      ],
    };
    for (const [action, bodies] of Object.entries(asked)) {
      const [foreign, unknown] = await Promise.all(bodies.map(async (body) => {
        const answer = await world.call("evolution-api", { action, ...body });
        const { requestId, ...rest } = answer.body;
        assert.equal(typeof requestId, "string");
        return { status: answer.status, body: rest };
      }));
      assert.deepEqual(foreign, unknown, action);
      assert.equal(foreign?.status, 404, action);
      assert.match(String(foreign?.body["errorCode"]), /_NOT_FOUND$/, action);
    }
    assert.deepEqual(await databaseContent(world), before);
    assert.equal(world.gateway.calls.length, called);

    const list = await world.call("evolution-api", { action: "list_events" });
    assert.deepEqual(list.body["events"], []);
  },
);

async function addAlertChannel({ sql }: VirtualWorld, organizationId: string): Promise<string> {
  const [channel] = await sql<{ id: string }[]>`
    insert into private.alert_channels (organization_id, kind, name, url)
    values (${organizationId}, 'slack', 'x', 'https://hooks.slack.com/services/x') returning id`;
  return channel!.id;
}

worldTest(
  "an agent sends, retries and looks; pairing a phone is for administrators",
  async (world) => {
    const token = await addColleague(world, "agent");
    const { instanceId, instanceName, organizationId } = world.company;
    const before = await databaseContent(world);
    const refused = {
      get_qrcode: { instanceId },
      create_instance: { organizationId, displayName: "Vendas" },
      disconnect_instance: { instanceId },
      reconnect_instance: { instanceId },
      update_webhook: { instanceId },
      update_settings: { organizationId, canaries: true },
      list_alert_channels: { organizationId },
      save_alert_channel: { organizationId, kind: "slack", name: "x" },
      erase_customer: { conversationId: world.company.conversationId },
      delete_instance: { instanceId, confirmName: instanceName },
    };
    for (const [action, body] of Object.entries(refused)) {
      const answer = await world.call("evolution-api", { action, ...body }, { token });
      assert.deepEqual([answer.status, answer.body["errorCode"]], [403, "FORBIDDEN"], action);
    }
    assert.deepEqual(await databaseContent(world), before);
    assert.deepEqual(world.gateway.calls, []);
    const allowed = {
      list_instances: {},
      get_settings: { organizationId },
      get_status: { instanceId },
      refresh_status: { instanceId },
      list_events: { instanceId },
      send_message_async: { conversationId: world.company.conversationId, message: "oi" },
    };
    for (const [action, body] of Object.entries(allowed)) {
      const answer = await world.call("evolution-api", { action, ...body }, { token });
      assert.equal(answer.status, 200, action);
    }
    await world.settle();
    const admin = await addColleague(world, "admin");
    const qr = await world.call("evolution-api", { action: "get_qrcode", instanceId }, {
      token: admin,
    });
    assert.equal(qr.status, 200);
  },
);

worldTest("a wrong request is told which field is wrong, and touches nothing", async (world) => {
  const { instanceId, organizationId } = world.company;
  const before = await databaseContent(world);
  const wrong: [action: string, body: object, field: string][] = [
    ["get_status", {}, "instanceId"],
    ["get_qrcode", { instanceId: "1" }, "instanceId"],
    ["list_events", { limit: 201 }, "limit"],
    ["list_events", { afterId: -1 }, "afterId"],
    ["retry_message", { messageId: null }, "messageId"],
    ["get_media", { messageId: "3A01" }, "messageId"],
    ["refresh_status", {}, "instanceId"],
    ["delete_instance", { instanceId }, "confirmName"],
    ["create_instance", { organizationId, displayName: "  " }, "displayName"],
    ["create_instance", { organizationId, displayName: "x", instanceName: "a b" }, "instanceName"],
    ["create_instance", { organizationId, displayName: "x", instanceName: "ab" }, "instanceName"],
    [
      "create_instance",
      { organizationId, displayName: "x", gateway: { apiUrl: "ftp://x", apiKey: "k" } },
      "gateway.apiUrl",
    ],
  ];
  for (const [action, body, field] of wrong) {
    const answer = await world.call("evolution-api", { action, ...body });
    assert.deepEqual(
      [answer.status, answer.body["errorCode"], answer.body["field"]],
      [400, "INVALID_REQUEST", field],
      `${action} ${JSON.stringify(answer.body)}`,
    );
  }
  assert.deepEqual(await databaseContent(world), before);
  assert.deepEqual(world.gateway.calls, []);
});
