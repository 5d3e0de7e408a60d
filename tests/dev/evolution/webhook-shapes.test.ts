import assert from "node:assert/strict";
import { WEBHOOK_EVENTS } from "../../../dev/evolution/webhooks/webhook-events.ts";
import {
  type GatewayUnderTest,
  NEW_NUMBER,
  RECEIVER,
  summary,
  underTest,
} from "./gateway-under-test.ts";
import { readJson, shapeOf } from "./recordings.ts";

interface Sample {
  readonly body: Record<string, unknown> & { readonly event: string; readonly data: unknown };
}

/** Makes the gateway send every webhook that it knows. */
async function sendEverything(world: GatewayUnderTest): Promise<void> {
  const { gateway: { control }, call, clock } = world;
  const webhook = { url: RECEIVER, events: WEBHOOK_EVENTS };
  await call("POST", "/instance/create", {
    instanceName: "new",
    integration: "WHATSAPP-BAILEYS",
    webhook,
  });
  await call("GET", "/instance/connect/new");
  control.scan("new");
  await clock.advance(1_000);
  await call("POST", "/message/sendText/new", { number: NEW_NUMBER, text: "hello" });
  const customer = { from: "5511977776666", pushName: "Cliente Lab" };
  control.inbound("new", { ...customer, text: "oi, tudo bem?" });
  control.inbound("new", { ...customer, media: { kind: "image", caption: "foto" } });
  await clock.advance(1_000);
  control.blip("new");
  await clock.advance(2_000);
  control.ghost("new", "flapping-440");
  await clock.advance(2_000);
  for (const code of [402, 403, 406] as const) {
    const name = `removed-${code}`;
    control.createPaired({ name, phone: "5511900000001", webhook });
    control.removeDevice(name, code);
    await clock.advance(2_000);
  }
  control.createPaired({ name: "old", phone: "5511900000002", webhook });
  await call("DELETE", "/instance/logout/old");
  await call("POST", "/instance/create", {
    instanceName: "never",
    integration: "WHATSAPP-BAILEYS",
    webhook,
  });
  await call("GET", "/instance/connect/old");
  await call("GET", "/instance/connect/never");
  await clock.advance(120_000);
}

/** The body's shape; names of instances differ. */
function bodyShape(body: unknown): string {
  return JSON.stringify(shapeOf(body)).replace(/"instance":"[^"]*"/g, '"instance":""');
}

Deno.test("every recorded webhook is sent in its recorded shape", async () => {
  const samples = (readJson("webhook-samples.json") as Sample[]).map(({ body }) => body);
  await underTest(async (world) => {
    await sendEverything(world);
    const sent = new Set(world.received.map(({ body }) => bodyShape(body)));
    for (const sample of samples) {
      const data = (sample.data ?? {}) as Record<string, unknown>;
      assert.ok(sent.has(bodyShape(sample)), `${summary({ event: sample.event, data })}`);
    }
  }, { qrLimit: 3 });
});
