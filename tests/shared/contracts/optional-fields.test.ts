import assert from "node:assert/strict";
import {
  type ActionName,
  CONTRACTS,
} from "../../../supabase/functions/_shared/contracts/actions.ts";

const ID = "0b9f1a52-6b0c-4a9e-9d2c-4d1f0f6a7e11";

type Body = Readonly<Record<string, unknown>>;

const file = { mimetype: "image/jpeg", fileName: "a.jpg", caption: "c" };
const send: readonly Body[] = [
  {
    conversationId: ID,
    instanceId: ID,
    remoteJid: "5511988887777",
    message: "oi",
    media: { type: "image", url: "https://cdn.example/a.jpg", ...file },
    clientMessageId: ID,
    replyToMessageId: ID,
    replyToWhatsAppMessageId: "3EB0",
  },
  { conversationId: ID, media: { type: "image", base64: "AAAA", ...file } },
  { conversationId: ID, media: { type: "image", url: "https://cdn.example/a.jpg", base64: null } },
  { remoteJid: "5511988887777", instanceId: ID, message: "oi" },
];

/** For each action requests that have every field, each field somewhere. */
const WHOLE: Readonly<Record<ActionName, readonly Body[]>> = {
  send_message_async: send,
  send_media_async: send,
  retry_message: [{ messageId: ID, confirmDuplicate: true }],
  get_media: [{ messageId: ID, asBytes: true }],
  list_instances: [{ organizationId: ID }],
  get_status: [{ instanceId: ID }],
  refresh_status: [{ instanceId: ID }],
  list_events: [{ instanceId: ID, afterId: 7, limit: 10 }],
  get_qrcode: [{ instanceId: ID }],
  create_instance: [{
    organizationId: ID,
    displayName: "Vendas",
    instanceName: "vendas",
    gateway: { apiUrl: "https://evolution.example", apiKey: "k" },
  }],
  disconnect_instance: [{ instanceId: ID }],
  reconnect_instance: [{ instanceId: ID }],
  update_webhook: [{ instanceId: ID }],
  get_settings: [{ organizationId: ID }],
  update_settings: [{ organizationId: ID, canaries: true }],
  list_alert_channels: [{ organizationId: ID }],
  save_alert_channel: [
    {
      organizationId: ID,
      kind: "webhook",
      name: "Plantão",
      target: "-100123456",
      url: "https://own.example/alerts",
      secret: "a secret of sixteen".replaceAll(" ", "-"),
      events: ["down"],
      language: "pt",
      quiet: { from: "22:00", until: "07:00" },
      timeZone: "America/Sao_Paulo",
      enabled: true,
    },
    { channelId: ID, enabled: false },
  ],
  test_alert_channel: [{ channelId: ID }],
  delete_alert_channel: [{ channelId: ID }],
  erase_customer: [{ conversationId: ID }],
  delete_instance: [{ instanceId: ID, confirmName: "vendas", force: true }],
};

const isObject = (value: unknown): value is Body => typeof value === "object" && value !== null;

/** A request and the paths of its fields, those of objects in it too. */
function pathsOf(body: Body): readonly string[] {
  return Object.entries(body).flatMap(([key, value]) =>
    isObject(value) ? [key, ...pathsOf(value).map((path) => `${key}.${path}`)] : [key]
  );
}

/** The request with another value there; undefined takes the field out. */
function withField(body: Body, path: string, value: unknown): Body {
  const [key = "", ...rest] = path.split(".");
  const { [key]: old, ...others } = body;
  if (rest.length > 0) return { ...others, [key]: withField(old as Body, rest.join("."), value) };
  return value === undefined ? others : { ...others, [key]: value };
}

for (const [action, bodies] of Object.entries(WHOLE)) {
  const { request } = CONTRACTS[action as ActionName];
  const read = (body: Body) => request.safeParse({ ...body, unknown: { to: "all" } });

  Deno.test(`${action}: an optional field may be absent, null or empty, a needed one is named`, () => {
    // Every field of the contract is among those requests.
    const tried = new Set(bodies.flatMap((body) => Object.keys(body)));
    assert.deepEqual([...tried].sort(), Object.keys(request.shape).sort());
    for (const body of bodies) {
      assert.deepEqual(read(body).error, undefined);
      for (const path of pathsOf(body)) {
        const absent = read(withField(body, path, undefined));
        const asNull = read(withField(body, path, null));
        if (absent.success) {
          for (const nothing of [asNull, read(withField(body, path, ""))]) {
            assert.deepEqual(given(nothing.data), given(absent.data), path);
          }
        } else {
          const named = asNull.error?.issues[0]?.path.join(".");
          assert.equal(named, absent.error.issues[0]?.path.join("."), path);
          assert.ok(named === path || alternatives(action, path), `${path}: ${named}`);
        }
      }
    }
  });
}

/** What was understood; a field that holds nothing is not there. */
function given(data: unknown): unknown {
  return JSON.parse(JSON.stringify(data ?? null));
}

/** Where one of several fields is needed, the first of them is named. */
function alternatives(action: string, path: string): boolean {
  if (action === "save_alert_channel") return /^(?:channelId$|quiet\.|events\.)/.test(path);
  return action.startsWith("send_") &&
    ["conversationId", "remoteJid", "message", "media", "media.url", "media.base64"].includes(path);
}

Deno.test("what is not given means what the contract says", () => {
  const events = CONTRACTS.list_events.request;
  for (const limit of [undefined, null, ""]) assert.equal(events.parse({ limit }).limit, 50);
  const retry = CONTRACTS.retry_message.request;
  for (const confirmDuplicate of [undefined, null, ""] as const) {
    assert.equal(retry.parse({ messageId: ID, confirmDuplicate }).confirmDuplicate, false);
  }
});
