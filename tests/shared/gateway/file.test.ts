import assert from "node:assert/strict";
import { VirtualClock } from "../../../dev/world/virtual-clock.ts";
import { createGateway } from "../../../supabase/functions/_shared/gateway/client.ts";
import { fileBytes } from "../../../supabase/functions/_shared/gateway/file.ts";
import { LargeText } from "../../../supabase/functions/_shared/runtime/large-text.ts";

const ADDRESS = { apiUrl: "https://evolution.test", apiKey: "key", instanceName: "sales" };
const TAKEN = { bytes: 100_000, allBytes: 400_000 };

interface Asked {
  readonly url: string;
  readonly body: unknown;
}

/** Asks for a file; how it ended, what was asked, and how often room was asked for. */
async function askFor(answer: () => Response, admit = () => Promise.resolve()) {
  const clock = new VirtualClock();
  const asked: Asked[] = [];
  let admitted = 0;
  const fetch = async (url: string, init: RequestInit) => {
    asked.push({ url, body: await new Response(init.body).json() });
    return answer();
  };
  const gateway = createGateway(ADDRESS, {
    fetch: fetch as unknown as typeof globalThis.fetch,
    clock,
  }, {
    bodyBytes: 10_000,
  });
  const end = await clock.until(gateway.file("3A01", {
    ...TAKEN,
    admit: () => (admitted++, admit()),
  }));
  return { end, asked, admitted };
}

const refused = (status: number, message: unknown) => () =>
  Response.json({ status, error: "Bad Request", response: { message } }, { status });

const file = (more: object) => () =>
  Response.json({ mediaType: "imageMessage", mimetype: "image/png", ...more }, { status: 201 });

Deno.test("a file is asked for by WhatsApp's id of its message", async () => {
  const { end, asked, admitted } = await askFor(file({ base64: "QUJD", fileName: "a.png" }));
  assert.partialDeepStrictEqual(end, {
    outcome: "file",
    base64: "QUJD",
    mimetype: "image/png",
    fileName: "a.png",
  });
  assert.deepEqual(asked, [{
    url: "https://evolution.test/chat/getBase64FromMediaMessage/sales",
    body: { message: { key: { id: "3A01" } }, convertToMp4: false },
  }]);
  assert.equal(admitted, 0);
});

Deno.test("a large one stays bytes, and is admitted once", async () => {
  const base64 = "QUJD".repeat(50_000);
  const { end, admitted } = await askFor(file({ base64, fileName: null }));
  assert.ok(end.outcome === "file" && end.base64 instanceof LargeText);
  assert.deepEqual([end.base64.bytes, end.fileName, admitted], [200_000, null, 1]);
});

Deno.test("what is not admitted is read no further", async () => {
  const base64 = "QUJD".repeat(50_000);
  const { end } = await askFor(file({ base64 }), () => Promise.reject(new Error("no room")));
  assert.equal(end.outcome, "unreachable");
});

const SAID: readonly (readonly [string, () => Response])[] = [
  ["unknown_message", refused(400, ["Message not found"])],
  ["unknown_message", refused(400, ["The message is not of the media type"])],
  ["unknown_message", refused(400, ["The message is messageContextInfo"])],
  ["unknown_message", () => Response.json(null, { status: 201 })],
  ["expired", refused(400, ["AxiosError: Request failed with status code 410"])],
  ["expired", refused(400, ["AxiosError: Request failed with status code 403"])],
  ["expired", refused(400, ["Error: Failed to fetch stream from https://mmg.whatsapp.net/v/x"])],
  ["expired", refused(400, ["Error: Media re-upload failed by device (NOT_FOUND)"])],
  ["not_open", refused(400, ["Error: Connection Closed"])],
  [
    "not_open",
    refused(400, ["TypeError: Cannot read properties of undefined (reading 'updateMediaMessage')"]),
  ],
  [
    "not_open",
    refused(500, "Cannot read properties of undefined (reading 'getBase64FromMediaMessage')"),
  ],
  ["unavailable", refused(400, ["TypeError: fetch failed"])],
  ["unavailable", refused(400, ["AggregateError"])],
  ["unavailable", refused(400, ["AxiosError: Request failed with status code 502"])],
  ["not_found", refused(404, ['The "sales" instance does not exist'])],
  ["unauthorized", refused(401, "Unauthorized")],
  ["invalid", refused(404, ["Cannot POST /chat/getBase64FromMediaMessage/sales"])],
  ["invalid", file({ base64: 7 })],
  ["invalid", () => new Response('<a href="a\nb">', { status: 200 })],
  ["unreachable", () => new Response("<html>", { status: 502 })],
  ["too_large", file({ base64: "QUJD".repeat(120_000) })],
  ["too_large", file({ base64: "QUJD", caption: "x".repeat(20_000) })],
];

for (const [place, [outcome, answer]] of SAID.entries()) {
  Deno.test(`${outcome}: answer ${place + 1}`, async () => {
    assert.equal((await askFor(answer)).end.outcome, outcome);
  });
}

Deno.test("a stored message says how large its file is, in every way of writing a length", () => {
  const lengths: readonly (readonly [unknown, number | null])[] = [
    [{ low: 1_000, high: 0, unsigned: true }, 1_000],
    [{ low: -1, high: 0, unsigned: true }, 2 ** 32 - 1],
    [{ low: 0, high: 1, unsigned: true }, 2 ** 32],
    ["2000", 2_000],
    [3_000, 3_000],
    [null, null],
  ];
  for (const [fileLength, bytes] of lengths) {
    const plain = { messageContextInfo: {}, imageMessage: { fileLength } };
    assert.equal(fileBytes({ message: plain }), bytes, JSON.stringify(fileLength));
    const wrapped = {
      documentWithCaptionMessage: { message: { documentMessage: { fileLength } } },
    };
    assert.equal(fileBytes({ message: wrapped }), bytes, JSON.stringify(fileLength));
  }
  assert.equal(fileBytes({ message: { conversation: "oi" } }), null);
  assert.equal(fileBytes(null), null);
});
