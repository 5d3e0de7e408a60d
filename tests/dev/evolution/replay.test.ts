import assert from "node:assert/strict";
import {
  API_KEY,
  type GatewayUnderTest,
  KNOWN_NUMBER,
  openInstance,
  underTest,
} from "./gateway-under-test.ts";
import { readRecording, type Recording, recordingNames, shapeOf } from "./recordings.ts";
import { NOT_REPLAYED, REPLAYED, type Situation } from "./replayed.ts";

/** In the order of a webhook's creation; a later change sends them in another. */
const RECORDED_EVENTS = [
  "QRCODE_UPDATED",
  "CONNECTION_UPDATE",
  "MESSAGES_UPSERT",
  "MESSAGES_UPDATE",
  "SEND_MESSAGE",
  "LOGOUT_INSTANCE",
  "STATUS_INSTANCE",
];

Deno.test("every recording is replayed or listed with the reason why not", () => {
  const listed = [...Object.values(REPLAYED).flat(), ...Object.keys(NOT_REPLAYED)].sort();
  assert.deepEqual(listed, recordingNames());
});

for (const [situation, names] of Object.entries(REPLAYED) as [Situation, readonly string[]][]) {
  for (const name of names) {
    Deno.test(`${name} is answered as the real gateway answered it`, async () => {
      const recording = readRecording(name);
      await underTest(async (world) => {
        await arrange(world, situation, recording);
        const { path, method, body, headers } = recording.request;
        const key = headers.authorization === undefined
          ? headers.apikey === undefined ? {} : { apikey: String(headers.apikey) }
          : { authorization: String(headers.authorization) };
        const answer = await world.call(method, path, body ?? undefined, key as Headers);

        const expected = recording.response;
        assert.equal(answer.status, expected.status);
        if (expected.status >= 400) assert.deepEqual(answer.body, expected.body);
        else assert.deepEqual(comparable(name, answer.body), comparable(name, expected.body));
        const tolerance = expected.ms < 1_000 ? 1_000 : expected.ms * 0.1;
        assert.ok(Math.abs(answer.ms - expected.ms) <= tolerance, `took ${answer.ms} ms`);
      });
    });
  }
}

type Headers = Readonly<Record<string, string>>;

/** The list of all instances is compared by the kinds of rows in it, not by their number. */
function comparable(name: string, body: unknown): unknown {
  if (name !== "fetchInstances-all" || !Array.isArray(body)) return shapeOf(body);
  const rows = body.map((row) => JSON.stringify(shapeOf(row)));
  return [...new Set(rows)].sort();
}

/** Puts the gateway into the state that a recording was made in. */
async function arrange(
  world: GatewayUnderTest,
  situation: Situation,
  recording: Recording,
): Promise<void> {
  const { gateway: { control }, call, clock } = world;
  const name = instanceOf(recording);
  const create = async () => {
    await call("POST", "/instance/create", {
      instanceName: name,
      integration: "WHATSAPP-BAILEYS",
    });
  };
  await openInstance(world, "warm", { phone: "5511900000001" });
  switch (situation) {
    case "nothing":
      return;
    case "never connected":
      return await create();
    case "open":
      await openInstance(world, name, tokenOf(recording));
      return await setWebhook(world, name, RECORDED_EVENTS);
    case "webhook refused": {
      await openInstance(world, name);
      const { events } = recording.response.body as { events: readonly string[] };
      await setWebhook(world, name, events);
      return await setWebhook(world, name, undefined);
    }
    case "three instances":
      await openInstance(world, "c-open");
      await call("POST", "/instance/create", {
        instanceName: "c-wh",
        integration: "WHATSAPP-BAILEYS",
        qrcode: true,
      });
      return await create();
    case "two instances":
      await openInstance(world, "c-open", { token: "07AF93E2-DA20-4648-B7EA-2DD2E6B88DD3" });
      await openInstance(world, "c-wh", { token: "my-own-token-1" });
      return void await call("POST", "/instance/create", {
        instanceName: "c-never",
        integration: "WHATSAPP-BAILEYS",
      });
    case "qr waiting":
      await create();
      return void await call("GET", `/instance/connect/${name}`);
    case "logged out":
      await openInstance(world, name);
      return void await call("DELETE", `/instance/logout/${name}`);
    case "device removed":
      await openInstance(world, name);
      return control.removeDevice(name);
    case "login refused": {
      await openInstance(world, name);
      control.removeDevice(name, Number(name.slice(-3)) as 401);
      return await clock.advance(1_000);
    }
    case "restarted while refused":
      await openInstance(world, name);
      control.whatsapp({ refusing: true }, name);
      control.restartProcess();
      return await clock.advance(300);
    case "A1 with a false 201":
    case "A1 with a known recipient":
      await openInstance(world, name);
      await call("POST", `/message/sendText/${name}`, {
        number: (recording.request.body as { number: string }).number,
        text: "delivered",
      });
      return control.ghost(name, "A1", { falseSuccess: situation === "A1 with a false 201" });
    case "B2 while it connects":
      await openInstance(world, name);
      control.ghost(name, "B2");
      return await clock.advance(210);
    default:
      await openInstance(world, name);
      return control.ghost(name, situation);
  }
}

async function setWebhook(
  { call }: GatewayUnderTest,
  name: string,
  events: readonly string[] | undefined,
): Promise<void> {
  const webhook = { enabled: true, url: "http://127.0.0.1:8092/hook", events };
  await call("POST", `/webhook/set/${name}`, { webhook });
}

function instanceOf({ request }: Recording): string {
  const url = new URL(request.path, "http://gateway.test");
  const named = url.searchParams.get("instanceName") ?? url.pathname.split("/").at(-1) ?? "";
  return decodeURIComponent(named) || "unnamed";
}

function tokenOf({ request }: Recording): { readonly token?: string } {
  const key = request.headers.apikey;
  return key === undefined || key === API_KEY || key === "WRONG" ? {} : { token: String(key) };
}

Deno.test("the known number of the recordings is known to the gateway under test", async () => {
  await underTest(async (world) => {
    await openInstance(world, "warm");
    assert.equal(world.gateway.control.delivered("warm")[0]?.number, KNOWN_NUMBER);
  });
});
