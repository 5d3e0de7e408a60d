import assert from "node:assert/strict";
import { VirtualClock } from "../../dev/world/virtual-clock.ts";
import { sendAlert } from "../../supabase/functions/send-alerts/channels.ts";
import type { AlertMessage } from "../../supabase/functions/send-alerts/work-list.ts";

const MESSAGE: Omit<AlertMessage, "kind"> = {
  message_id: "7d5c8b1e-0000-4000-8000-000000000009",
  target: null,
  url: null,
  secrets: [],
  language: "pt",
  numbers: 0,
  items: [],
  number_page: null,
  qr_page: null,
  sender: null,
};
const TEXT = "Teste: os alertas do reparo de sessões chegam aqui.";

async function send(
  message: Partial<AlertMessage> & Pick<AlertMessage, "kind">,
  answer: () => Promise<Response> = () => Promise.resolve(new Response("ok")),
  addresses: readonly string[] = ["93.184.215.14"],
  begin: () => Promise<string | null> = () => Promise.resolve("begun"),
) {
  const clock = new VirtualClock();
  const named: string[] = [];
  const calls: { readonly url: string; readonly headers: Headers; readonly body: unknown }[] = [];
  const outcome = await clock.until(sendAlert({ ...MESSAGE, ...message }, {
    clock,
    fetch: async (input, init) => {
      const request = new Request(input, init);
      calls.push({ url: request.url, headers: request.headers, body: await request.json() });
      return await answer();
    },
    resolve: () => Promise.resolve(addresses),
    allowPrivate: false,
  }, {
    begin,
    name: (id, whatsappMessageId) => {
      named.push(`${id} ${whatsappMessageId}`);
      return Promise.reject(new Error("the database is away"));
    },
  }));
  return { outcome, calls, named };
}

const CHATS = [
  {
    message: { kind: "telegram", target: "-100123", secrets: ["1:token"] },
    url: "https://api.telegram.org/bot1:token/sendMessage",
    body: { chat_id: "-100123", text: TEXT, link_preview_options: { is_disabled: true } },
  },
  {
    message: { kind: "slack", url: "https://hooks.slack.com/services/x" },
    url: "https://hooks.slack.com/services/x",
    body: { text: TEXT, unfurl_links: false },
  },
  {
    message: { kind: "discord", url: "https://discord.com/api/webhooks/1/x" },
    url: "https://discord.com/api/webhooks/1/x",
    body: { content: TEXT, allowed_mentions: { parse: [] } },
  },
] as const;

for (const { message, url, body } of CHATS) {
  Deno.test(`${message.kind}: one call, as it wants it; without an answer nobody knows`, async () => {
    const told = { ...message, secrets: "secrets" in message ? [...message.secrets] : [] };
    const { outcome, calls } = await send(told);
    assert.equal(outcome, "sent");
    assert.deepEqual(calls.map((call) => [call.url, call.body]), [[url, body]]);
    const refusing = () => Promise.resolve(new Response("", { status: 429 }));
    assert.equal((await send(told, refusing)).outcome, "refused");
    const refused = () => Promise.reject(new TypeError("connection refused"));
    assert.equal((await send(told, refused)).outcome, "unreachable");
    assert.equal((await send(told, () => new Promise(() => {}))).outcome, "unknown");
    const inside = await send(told, undefined, ["10.0.0.1"]);
    assert.equal(inside.outcome, "address_refused");
    assert.deepEqual(inside.calls, []);
  });
}

Deno.test("a webhook is signed with each of its secrets, under the message's id", async () => {
  const secrets = ["the secret of today", "the secret before it"];
  const { outcome, calls } = await send({ kind: "webhook", url: "https://own.example/x", secrets });
  assert.equal(outcome, "sent");
  const { headers } = calls[0]!;
  assert.equal(headers.get("webhook-id"), MESSAGE.message_id);
  assert.equal(headers.get("webhook-signature")!.split(" ").length, 2);
  const refused = () => Promise.reject(new TypeError("connection reset"));
  const own = { kind: "webhook", url: "https://own.example/x", secrets } as const;
  assert.equal((await send({ ...own, secrets }, refused)).outcome, "unknown", "it is told again");
});

const SENDER = {
  instance_name: "vendas",
  api_url: "https://evolution.example",
  api_key: "key",
};

Deno.test("WhatsApp: by the number that was found; without one nothing is called", async () => {
  const key = { remoteJid: "x@s.whatsapp.net", fromMe: true, id: "3EB0" };
  const taken = () => Promise.resolve(Response.json({ key, status: "PENDING" }, { status: 201 }));
  const told = { kind: "whatsapp", target: "5511900000009", sender: SENDER } as const;
  const { outcome, calls, named } = await send(told, taken);
  assert.deepEqual([outcome, named], ["sent", ["begun 3EB0"]]);
  assert.deepEqual(calls.map((call) => [call.url, call.body]), [[
    "https://evolution.example/message/sendText/vendas",
    { number: "5511900000009", text: TEXT },
  ]]);
  const away = () => Promise.reject(new Error("the database is away"));
  const unwritten = await send(told, taken, undefined, away);
  assert.deepEqual(
    [unwritten.outcome, unwritten.calls],
    ["unreachable", []],
    "it would be a message",
  );
  const gone = await send(told, taken, undefined, () => Promise.resolve(null));
  assert.deepEqual([gone.outcome, gone.calls], ["no_living_number", []]);
  const nobody = await send({ ...told, sender: null }, taken);
  assert.deepEqual([nobody.outcome, nobody.calls], ["no_living_number", []]);
  assert.equal((await send(told, () => new Promise(() => {}))).outcome, "unknown");
  const closed = {
    status: 400,
    error: "Bad Request",
    response: { message: ["Connection Closed"] },
  };
  const dead = () => Promise.resolve(Response.json(closed, { status: 400 }));
  assert.equal((await send(told, dead)).outcome, "refused");
});
