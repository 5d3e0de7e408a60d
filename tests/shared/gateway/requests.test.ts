import assert from "node:assert/strict";
import { createGateway, type Gateway } from "../../../supabase/functions/_shared/gateway/client.ts";
import { capabilitiesOf } from "../../../supabase/functions/_shared/gateway/capabilities.ts";
import {
  settableEvents,
  WEBHOOK_EVENTS,
  webhookHeaders,
} from "../../../supabase/functions/_shared/gateway/webhook-events.ts";
import { VirtualClock } from "../../../dev/world/virtual-clock.ts";
import { EVERY_CALL, runCall } from "./every-call.ts";
import { answering } from "./fake-fetch.ts";
import { instanceIn, readRecordings, type Recording } from "../../support/recordings.ts";

const recordings = readRecordings();
const MEDIA =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const WEBHOOK = "http://127.0.0.1:8092/hook";

const MESSAGES = [
  ...["MESSAGES_UPSERT", "MESSAGES_UPDATE"] as const,
  ...["LOGOUT_INSTANCE", "STATUS_INSTANCE"] as const,
] as const;

/** Each recorded request that the real gateway took, and the call that has to make the same. */
const SAME_AS: readonly [string, (gateway: Gateway) => Promise<unknown>][] = [
  ["sendText__open", (gateway) => gateway.sendText({ number: "5511988887777", text: "contract" })],
  ["sendMedia__open", (gateway) =>
    gateway.sendMedia({
      number: "5511988887777",
      mediatype: "image",
      mimetype: "image/png",
      caption: "c",
      media: MEDIA,
      fileName: "a.png",
    })],
  [
    "sendWhatsAppAudio__open",
    (gateway) => gateway.sendAudio({ number: "5511988887777", audio: "T2dnUwACAAAAAAAAAAA=" }),
  ],
  ["logout__open", (gateway) => gateway.logout()],
  ["fetchInstances-one__open", (gateway) => gateway.registry()],
  ["connectionState__open", (gateway) => gateway.memory()],
  ["connect__open", (gateway) => gateway.connect()],
  ["restart__open", (gateway) => gateway.restart()],
  ["webhook-find__open", (gateway) => gateway.webhook()],
  ["webhook-set__open", (gateway) =>
    gateway.setWebhook({
      url: WEBHOOK,
      events: ["CONNECTION_UPDATE", "QRCODE_UPDATED", "SEND_MESSAGE", ...MESSAGES],
    })],
  ["create__no-qrcode", (gateway) => gateway.create()],
  ["create__with-webhook-and-token-qrcode", (gateway) => {
    const [upsert, update, ...instance] = MESSAGES;
    const events = ["QRCODE_UPDATED", "CONNECTION_UPDATE", upsert, update, "SEND_MESSAGE"] as const;
    return gateway.create({
      token: "my-own-token-1",
      webhook: { url: WEBHOOK, headers: { "x-lab": "1" }, events: [...events, ...instance] },
    });
  }],
  ["delete__after-logout", (gateway) => gateway.remove()],
];

/** The request that a call makes, answered as recorded. */
async function requestOf(
  { request, response }: Recording,
  call: (gateway: Gateway) => Promise<unknown>,
) {
  const { fetch, seen } = answering(response.status, JSON.stringify(response.body));
  const created = request.body as { instanceName?: string } | undefined;
  const instanceName = instanceIn(request.path) ?? created?.instanceName ?? "";
  const clock = new VirtualClock();
  const apiUrl = "http://gateway.test/";
  await clock.until(call(createGateway({ apiUrl, apiKey: "KEY", instanceName }, { fetch, clock })));
  assert.equal(seen.length, 1);
  assert.equal(seen[0]!.method, request.method);
  assert.equal(seen[0]!.url, `http://gateway.test${request.path}`);
  return seen[0]!.body;
}

/** The body as it was recorded, but for the code that we never ask a create for. */
function bodyOf({ request: { body } }: Recording): unknown {
  if (typeof body !== "object" || body === null) return body;
  return Object.fromEntries(Object.entries(body).filter(([field]) => field !== "qrcode"));
}

for (const [name, call] of SAME_AS) {
  Deno.test(`the request is the one that the real gateway took: ${name}`, async () => {
    const recording = recordings.get(name)!;
    assert.deepEqual(await requestOf(recording, call), bodyOf(recording));
  });
}

/** The fields of a body, values apart. */
const fieldsOf = (body: unknown): unknown =>
  typeof body !== "object" || body === null || Array.isArray(body)
    ? typeof body
    : Object.fromEntries(Object.entries(body).sort().map(([key, value]) => [key, fieldsOf(value)]));

/** What was recorded there in another state. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  sendText__open: "sendText__open-after-restart",
  logout__open: "ghost-A1__logout",
};

for (const version of ["2.3.6", "2.2.3"]) {
  Deno.test(`${version}: every request is one that this version took`, async () => {
    const taken = readRecordings(`evolution-other/${version}`);
    for (const [name, call] of SAME_AS) {
      const refused = version === "2.2.3" && name === "webhook-set__open";
      const theirs = refused ? "webhook-set__without-status-instance" : ELSEWHERE[name] ?? name;
      const recording = taken.get(theirs)!;
      assert.ok(recording.response.status < 400, `${version} ${name}`);
      const body = await requestOf(recording, call);
      assert.deepEqual(fieldsOf(body), fieldsOf(bodyOf(recording)), `${version} ${name}`);
    }
  });
}

Deno.test("2.2.3 is asked for the events that its own list has", () => {
  const refused = readRecordings("evolution-other/2.2.3").get("webhook-set__open")!;
  const [, list = ""] = /enum values: ([A-Z_,]+)/.exec(JSON.stringify(refused.response.body)) ?? [];
  const known = new Set(list.split(","));
  const capabilities = capabilitiesOf("2.2.3");
  const found = { kind: "evolution", version: "2.2.3", assumed: false, capabilities } as const;
  assert.deepEqual(settableEvents(found).filter((event) => !known.has(event)), []);
  assert.deepEqual(WEBHOOK_EVENTS.filter((event) => !known.has(event)), ["STATUS_INSTANCE"]);
  // Nobody who did not say what it is is asked for more, or given a key that signs.
  for (const kind of ["silent", "page"] as const) {
    assert.deepEqual(settableEvents({ kind }), settableEvents(found));
    assert.deepEqual(webhookHeaders({ kind }, "SECRET", "token"), { "x-webhook-token": "token" });
  }
  assert.deepEqual(webhookHeaders(found, "SECRET", "token"), { "x-webhook-token": "token" });
});

Deno.test("an answer to a message names that message", async () => {
  const { fetch, seen } = answering(201, "{}");
  const message = { number: "5511988887777", text: "yes", quotedId: "3EB0" };
  await runCall((gateway) => gateway.sendText(message), fetch);
  assert.deepEqual(seen[0]!.body, {
    number: "5511988887777",
    text: "yes",
    quoted: { key: { id: "3EB0" } },
  });
});

Deno.test("the probe asks about the own number's digits", async () => {
  const { fetch, seen } = answering(200, "{}");
  await runCall((gateway) => gateway.probe("5511910000002:3@s.whatsapp.net"), fetch);
  assert.equal(seen[0]!.url, "http://gateway.test/chat/fetchBusinessProfile/c-open");
  assert.deepEqual(seen[0]!.body, { number: "5511910000002" });
});

Deno.test("every call is one request with the key in its header, and follows no redirect", async () => {
  for (const { name, run } of EVERY_CALL) {
    const { fetch, seen } = answering(302, null, { headers: { location: "http://evil.test/" } });
    await runCall(run, fetch);
    assert.equal(seen.length, 1, name);
    assert.equal(seen[0]!.headers.get("apikey"), "KEY", name);
    assert.equal(seen[0]!.redirect, "manual", name);
    assert.ok(!seen[0]!.url.includes("KEY"), name);
  }
});

Deno.test("the instance's name is one path segment, whatever it holds", async () => {
  const instanceName = "../a b/ç?x#y%2F&z=1";
  for (const { name, run } of EVERY_CALL) {
    const { fetch, seen } = answering(500, "{}");
    await runCall(run, fetch, { instanceName, apiUrl: "https://gateway.test/base/" });
    const url = new URL(seen[0]!.url);
    if (name === "registry") assert.equal(url.searchParams.get("instanceName"), instanceName);
    else if (name === "create") {
      assert.equal((seen[0]!.body as { instanceName: string }).instanceName, instanceName);
    } else {
      const segments = url.pathname.split("/");
      assert.equal(segments.length, 5, name);
      assert.equal(decodeURIComponent(segments[4]!), instanceName, name);
      assert.equal(url.search + url.hash, "", name);
    }
    assert.ok(url.pathname.startsWith("/base/"), name);
  }
});

Deno.test("a name that no path can hold is asked about nowhere", async () => {
  for (const instanceName of ["", ".", "..", "\ud800"]) {
    for (const { name, run } of EVERY_CALL) {
      const { fetch, seen } = answering(200, "{}");
      const { outcome } = await runCall(run, fetch, { instanceName });
      assert.equal(outcome, name.startsWith("send") ? "instance_not_found" : "not_found", name);
      assert.equal(seen.length, 0, name);
    }
  }
});

Deno.test("an address that is no http URL, or a key that is no header, sends nothing", async () => {
  for (const apiUrl of ["", "gateway.test", "ftp://gateway.test", "javascript:0"]) {
    for (const { name, run } of EVERY_CALL) {
      const { fetch, seen } = answering(200, "{}");
      const { outcome } = await runCall(run, fetch, { apiUrl });
      assert.equal(outcome, name.startsWith("send") ? "gateway_unreachable" : "unreachable", name);
      assert.equal(seen.length, 0, name);
    }
  }
  const { fetch, seen } = answering(201, "{}");
  const clock = new VirtualClock();
  const address = { apiUrl: "http://gateway.test", apiKey: "a\nb", instanceName: "x" };
  const sent = await createGateway(address, { fetch, clock }).sendText({ number: "1", text: "" });
  assert.deepEqual(sent, { outcome: "gateway_unreachable", ms: 0 });
  assert.equal(seen.length, 0);
});
