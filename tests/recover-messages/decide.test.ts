import assert from "node:assert/strict";
import { readPage } from "../../supabase/functions/recover-messages/decide.ts";
import { readJson } from "../support/recordings.ts";

const NOW = new Date("2026-11-26T19:22:33.378Z");
const AT = NOW.getTime() / 1000 - 60 | 0;

function record(id: string, ago = 0, more: Record<string, unknown> = {}) {
  return {
    key: { id, fromMe: false, remoteJid: "5511955550009@s.whatsapp.net" },
    pushName: "Cliente Lab",
    message: { conversation: `text of ${id}` },
    messageTimestamp: AT - ago,
    MessageUpdate: [],
    ...more,
  };
}

function read(records: readonly unknown[], size = 100, version: string | null = "2.3.7") {
  const page = readPage({ records }, size, version, NOW);
  if (page.outcome !== "page") assert.fail();
  const { messages, withdrawn: _, ...rest } = page;
  return { ids: messages.map((message) => message.whatsapp_message_id), messages, ...rest };
}

interface Recorded {
  readonly request?: { readonly path: string };
  readonly response?: { readonly body: { readonly messages: { readonly records: unknown[] } } };
}

Deno.test("a page of the real gateway is read whole", () => {
  const steps = readJson("recordings/FIND-messages__after-webhook-outage.json") as Recorded[];
  const { response } = steps.find(({ request }) => request?.path.includes("findMessages"))!;
  const { messages, ids, ...counts } = read(response!.body.messages.records);
  assert.deepEqual(counts, {
    outcome: "page",
    read: 10,
    unreadable: 0,
    deleted: 0,
    full: false,
    oldest: "2026-11-26T19:21:27.000Z",
  });
  assert.equal(ids.length, 10);
  assert.deepEqual(messages[0], {
    whatsapp_message_id: "3AF5D58582298732AF0A",
    remote_jid: "5511955550009@s.whatsapp.net",
    hidden_jid: null,
    from_me: false,
    type: "text",
    content: "during 404",
    media_url: null,
    media_mime_type: null,
    file_name: null,
    caption: null,
    sent_at: "2026-11-26T19:22:14.000Z",
    contact_name: "Cliente Lab",
    status: null,
    edited: false,
  });
  const ours = messages.filter(({ from_me }) => from_me).map(({ status }) => status);
  assert.deepEqual(ours, ["read", "delivered", "read", "delivered"]);
});

Deno.test("what a re-paired number missed is read as the real gateway stored it", () => {
  const steps = readJson("recordings/REPAIR-by-qr__history-sync.json") as Recorded[];
  const { response } = steps.find(({ request }) => request?.path.includes("findMessages"))!;
  const { messages } = read(response!.body.messages.records);
  assert.deepEqual(messages.map(({ content }) => content), [
    "seen before logout",
    "missed while unpaired 2",
    "missed while unpaired 1",
  ]);
});

for (
  const [what, more, expected] of [
    ["a status", { key: { id: "A", remoteJid: "status@broadcast" } }, {}],
    ["a newsletter's post", { key: { id: "A", remoteJid: "12@newsletter" } }, {}],
    ["a reaction", { message: { reactionMessage: { text: "👍" } } }, {}],
    ["what has no chat", { key: { id: "A" } }, { unreadable: 1 }],
    ["what has no id", { key: { remoteJid: "5511955550009@s.whatsapp.net" } }, { unreadable: 1 }],
    ["what has no time", { messageTimestamp: null }, { unreadable: 1 }],
    ["what is dated an hour ahead", { messageTimestamp: AT + 3_660 }, { unreadable: 1 }],
    ["what its sender deleted", { MessageUpdate: [{ status: "READ" }, { status: "DELETED" }] }, {
      deleted: 1,
    }],
  ] as const
) {
  Deno.test(`${what} is not stored`, () => {
    const { ids, read: seen, unreadable, deleted } = read([record("A", 0, more)]);
    assert.deepEqual({ ids, seen, unreadable, deleted }, {
      ids: [],
      seen: 1,
      unreadable: 0,
      deleted: 0,
      ...expected,
    });
  });
}

Deno.test("a deletion is taken over where the gateway says it for certain, and nowhere else", () => {
  const records = [record("A", 0, { MessageUpdate: [{ status: "DELETED" }] })];
  const end = (version: string | null) => {
    const page = readPage({ records }, 9, version, NOW);
    return page.outcome === "page" && [page.messages.length, page.withdrawn, page.deleted];
  };
  // Of any change.
  for (const version of ["2.3.0", "2.3.4"]) assert.deepEqual(end(version), [1, [], 0]);
  for (const version of ["2.2.3", "2.3.5", "2.3.6", "2.3.7", "2.4.0-rc2"]) {
    assert.deepEqual(end(version), [0, ["A"], 1]);
  }
  assert.deepEqual(end(null), [0, [], 1]);
});

Deno.test("an edited message is stored as the gateway has it now, a group and a file as they are", () => {
  const { messages } = read([
    record("EDITED", 0, { MessageUpdate: [{ status: "EDITED" }] }),
    record("GROUP", 1, { key: { id: "GROUP", remoteJid: "1203@g.us" } }),
    record("FILE", 2, {
      message: { mediaUrl: "https://s3.test/a.pdf", documentMessage: { fileName: "a.pdf" } },
    }),
    record("LID", 3, { key: { id: "LID", remoteJid: "77@lid", remoteJidAlt: null } }),
  ]);
  assert.partialDeepStrictEqual(messages, [
    { content: "text of EDITED", edited: true },
    { remote_jid: "1203@g.us", contact_name: null },
    { type: "document", media_url: "https://s3.test/a.pdf", file_name: "a.pdf" },
    { remote_jid: "77@lid" },
  ]);
});

Deno.test("the oldest second of a full page counts when it is asked for again", () => {
  const page = [record("A"), record("B", 5), record("C", 5), record("D", 5, { key: {} })];
  const { ids, read: seen, unreadable, full, oldest } = read(page, 4);
  assert.deepEqual({ ids, seen, unreadable, full, oldest }, {
    ids: ["A", "B", "C"],
    seen: 1,
    unreadable: 0,
    full: true,
    oldest: new Date((AT - 5) * 1000).toISOString(),
  });
  assert.deepEqual(read(page, 5).read, 4);
});

Deno.test("a full page of one second counts at once: its next page is asked for", () => {
  const { read: seen, full } = read([record("A"), record("B")], 2);
  assert.deepEqual({ seen, full }, { seen: 2, full: true });
});
