import assert from "node:assert/strict";
import {
  API_KEY,
  createInstance,
  type GatewayUnderTest,
  openInstance,
  underTest,
} from "./gateway-under-test.ts";
import { readRecordings, type Recording } from "../../support/recordings.ts";
import { shapeOf, type Situation, situationOf } from "./recordings.ts";

/** In the order of a webhook's creation; a later change sends them in another. */
const RECORDED_EVENTS = [
  ...["QRCODE_UPDATED", "CONNECTION_UPDATE", "MESSAGES_UPSERT", "MESSAGES_UPDATE"],
  ...["SEND_MESSAGE", "LOGOUT_INSTANCE", "STATUS_INSTANCE"],
];

/** What opened the gateways of the other versions. */
const LAB_KEY = "lab-global-key";

/** The versions that were recorded, and where. */
const RECORDED = [
  ["2.3.7", "evolution-2.3.7/recordings"],
  ["2.3.6", "evolution-other/2.3.6"],
  ["2.2.3", "evolution-other/2.2.3"],
] as const;

const ALL = RECORDED.flatMap(([version, folder]) =>
  [...readRecordings(folder)].map(([name, recording]) => ({ version, name, recording }))
).filter(({ version, name }) => version === "2.3.7" || !isChance(name));

for (const { version, name, recording } of ALL) {
  Deno.test(`${version}: ${name} is answered as the real gateway answered it`, async () => {
    await underTest(async (gateway) => {
      await arrange(gateway, situationOf(name), recording);
      const { request: { path, method, body, headers }, response: expected } = recording;
      const key = headers.authorization === undefined ? "apikey" : "authorization";
      const shown = headers[key] === LAB_KEY ? API_KEY : headers[key];
      const sent = shown === undefined ? {} : { [key]: String(shown) };
      const answer = await gateway.call(method, path, body ?? undefined, sent);

      assert.equal(answer.status, expected.status);
      if (expected.status >= 400) assert.deepEqual(answer.body, expected.body);
      else if (version === "2.3.7") {
        // Of the others nobody reads what differs in form.
        assert.deepEqual(comparable(name, answer.body), comparable(name, expected.body));
      }
      const tolerance = expected.ms < 1_000 ? 1_000 : expected.ms * 0.1;
      assert.ok(Math.abs(answer.ms - expected.ms) <= tolerance, `took ${answer.ms} ms`);
    }, { version });
  });
}

/** What was answered by the state of one moment, which no two runs meet. */
function isChance(name: string): boolean {
  return /^ghost-(?:B[124]|H1|D)|^auth__fetch/.test(name);
}

/** The list of all instances is compared by the kinds of rows in it, not by their number. */
function comparable(name: string, body: unknown): unknown {
  if (name !== "fetchInstances-all" || !Array.isArray(body)) return shapeOf(body);
  const rows = body.map((row) => JSON.stringify(shapeOf(row)));
  return [...new Set(rows)].sort();
}

/** Puts the gateway into the state that a recording was made in. */
async function arrange(
  gateway: GatewayUnderTest,
  situation: Situation,
  recording: Recording,
): Promise<void> {
  const { control, call, clock } = gateway;
  const name = instanceOf(recording);
  await openInstance(gateway, "warm", { phone: "5511900000001" });
  switch (situation) {
    case "nothing":
      return;
    case "never connected":
      return void await createInstance(gateway, name);
    case "open":
      await openInstance(gateway, name, tokenOf(recording));
      return await setWebhook(gateway, name, RECORDED_EVENTS);
    case "webhook refused": {
      await openInstance(gateway, name);
      const { events } = recording.response.body as { events: readonly string[] };
      await setWebhook(gateway, name, events);
      return await setWebhook(gateway, name, undefined);
    }
    case "three instances":
      await openInstance(gateway, "c-open");
      await createInstance(gateway, "c-wh", { qrcode: true });
      return void await createInstance(gateway, name);
    case "two instances":
      await openInstance(gateway, "c-open", { token: "07AF93E2-DA20-4648-B7EA-2DD2E6B88DD3" });
      await openInstance(gateway, "c-wh", { token: "my-own-token-1" });
      return void await createInstance(gateway, "c-never");
    case "qr waiting":
      await createInstance(gateway, name);
      return void await call("GET", `/instance/connect/${name}`);
  }
  await openInstance(gateway, name);
  switch (situation) {
    case "logged out":
      return void await call("DELETE", `/instance/logout/${name}`);
    case "device removed":
      return control.removeDevice(name);
    case "login refused":
      control.removeDevice(name, Number(name.slice(-3)) as 401);
      return await clock.advance(1_000);
    case "restarted while refused":
      control.whatsapp({ refusing: true }, name);
      control.restartProcess();
      return await clock.advance(300);
    case "A1 with a false 201":
    case "A1 with a known recipient": {
      const { number } = recording.request.body as { number: string };
      await call("POST", `/message/sendText/${name}`, { number, text: "delivered" });
      return control.ghost(name, "A1", { falseSuccess: situation === "A1 with a false 201" });
    }
    case "B2 while it connects":
      control.ghost(name, "B2");
      return await clock.advance(210);
    default:
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
  return key === undefined || key === API_KEY || key === LAB_KEY || key === "WRONG"
    ? {}
    : { token: String(key) };
}
