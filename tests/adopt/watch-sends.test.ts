import assert from "node:assert/strict";
import { type GatewaySend, readGatewaySend, readSentWords } from "../../adopt/gateway-send.ts";
import type { Suspect } from "../../adopt/repair-number.ts";
import { watchSends } from "../../adopt/watch-sends.ts";
import { isConnectionClosed } from "../../supabase/functions/_shared/gateway/answer.ts";
import { readRecordings } from "../support/recordings.ts";

const URL_OF_SEND = "https://evolution.example/message/sendText/vendas";
const SEND: RequestInit = {
  method: "POST",
  headers: { apikey: "k", "content-type": "application/json" },
  body: JSON.stringify({ number: "5511988887777", text: "bom dia" }),
};
const CLOSED = {
  status: 500,
  error: "Internal Server Error",
  response: { message: ["Error: Connection Closed"] },
};

const judge = (body: unknown, words: readonly string[]) =>
  Promise.resolve(isConnectionClosed(body, words));

/** A `fetch` whose answers are given, and what became of the watching. */
function scene(answer: (signal?: AbortSignal) => Promise<Response>, tookMs = 100) {
  let now = 0;
  const repairs: (readonly [GatewaySend, Suspect])[] = [];
  const kept: Promise<void>[] = [];
  const fetch = watchSends({
    fetch: async (_, init) => {
      await Promise.resolve();
      now += tookMs;
      return await answer(init?.signal ?? undefined);
    },
    monotonicMs: () => now,
    isConnectionClosed: judge,
    repair: (send, why) => {
      repairs.push([send, why]);
      return Promise.resolve();
    },
    keepAlive: (work) => kept.push(work),
  });
  return { fetch, repairs, kept, settled: () => Promise.all(kept) };
}

const answers = (status: number, body: unknown) => () =>
  Promise.resolve(
    new Response(typeof body === "string" ? body : JSON.stringify(body), { status }),
  );

const RECOGNISED:
  readonly (readonly [string, string | URL | Request, RequestInit, string | null])[] = [
    ["a text", URL_OF_SEND, SEND, "https://evolution.example vendas"],
    ["a URL object", new URL(URL_OF_SEND), SEND, "https://evolution.example vendas"],
    ["a Request", new Request(URL_OF_SEND, SEND), {}, "https://evolution.example vendas"],
    [
      "a gateway below a path, a name that was encoded, a query",
      "https://h.example:8443/evo/message/sendWhatsAppAudio/Loja%20%C3%81/?x=1",
      { ...SEND, method: "post" },
      "https://h.example:8443/evo Loja Á",
    ],
    [
      "headers as a list",
      URL_OF_SEND,
      { ...SEND, headers: [["ApiKey", "k"]] },
      "https://evolution.example vendas",
    ],
    ["no key", URL_OF_SEND, { ...SEND, headers: {} }, null],
    ["a GET", URL_OF_SEND, { ...SEND, method: "GET" }, null],
    ["another call of the gateway", "https://e.example/chat/sendPresence/vendas", SEND, null],
    ["a logout", "https://e.example/instance/logout/vendas", { ...SEND, method: "DELETE" }, null],
    ["no address at all", "/message/sendText/vendas", SEND, null],
    ["a name that cannot be decoded", "https://e.example/message/sendText/%E0%A4", SEND, null],
  ];

for (const [name, input, init, expected] of RECOGNISED) {
  Deno.test(`a send is recognised by its address: ${name}`, () => {
    const send = readGatewaySend(input, init);
    assert.equal(send && `${send.apiUrl} ${send.instanceName}`, expected);
    if (send !== null) assert.equal(send.apiKey, "k");
  });
}

const ANSWERS: readonly (readonly [string, number, unknown, number, Suspect | null])[] = [
  ["Connection Closed", 500, CLOSED, 100, "answered"],
  [
    "a half-open socket's answer",
    500,
    {
      ...CLOSED,
      response: { message: ["TypeError: Cannot read properties of undefined (reading 'find')"] },
    },
    60_000,
    "answered",
  ],
  ["a success", 201, { key: { id: "A" } }, 100, null],
  ["a success after a minute, which a half-open socket answers, too", 201, {}, 60_100, "answered"],
  [
    "a number that is not on WhatsApp",
    400,
    { response: { message: [{ exists: false }] } },
    50,
    null,
  ],
  ["a proxy's page", 502, "<html>Connection Closed</html>", 100, null],
  [
    "what the user wrote, echoed",
    400,
    {
      status: 400,
      error: "Bad Request",
      response: { message: ["invalid: bom dia, Connection Closed"] },
    },
    50,
    null,
  ],
];

for (const [name, status, body, ms, expected] of ANSWERS) {
  Deno.test(`what an answer means: ${name}`, async () => {
    const { fetch, repairs, settled } = scene(answers(status, body), ms);
    const text = "bom dia, Connection Closed";
    const response = await fetch(URL_OF_SEND, { ...SEND, body: JSON.stringify({ text }) });
    assert.equal(response.status, status);
    assert.equal(await response.text(), typeof body === "string" ? body : JSON.stringify(body));
    await settled();
    assert.deepEqual(repairs.map(([, why]) => why), expected === null ? [] : [expected]);
  });
}

Deno.test("every recorded Connection Closed of a send is seen", async () => {
  const closed = [...readRecordings().values()].filter(({ request, response }) =>
    /^\/message\/send/.test(request.path) && /Connection Closed/.test(JSON.stringify(response.body))
  );
  for (const { request, response } of closed) {
    const { fetch, repairs, settled } = scene(answers(response.status, response.body));
    const told = await fetch(`https://e.example${request.path}`, SEND);
    await told.body?.cancel();
    await settled();
    assert.equal(repairs.length, 1, request.path);
  }
});

Deno.test("the caller reads, leaves or cancels the body as it likes", async () => {
  for (const use of ["text", "nothing", "cancel", "clone"]) {
    const { fetch, repairs, settled } = scene(answers(500, CLOSED));
    const response = await fetch(URL_OF_SEND, SEND);
    if (use === "text") assert.deepEqual(await response.json(), CLOSED);
    if (use === "cancel") await response.body?.cancel();
    if (use === "clone") assert.deepEqual(await response.clone().json(), CLOSED);
    await settled();
    assert.equal(repairs.length, 1, use);
  }
});

Deno.test("of an endless error body only so much is read, and the caller still has all of it", async () => {
  // What comes after the limit could say anything.
  const start = new TextEncoder().encode(JSON.stringify(CLOSED).padEnd(40_000));
  const chunk = new Uint8Array(40_000).fill(32);
  let sent = 0;
  const { fetch, repairs, settled } = scene(() =>
    Promise.resolve(
      new Response(
        new ReadableStream({
          pull: (controller) => {
            if (sent++ < 5) controller.enqueue(sent === 1 ? start : chunk);
            else controller.close();
          },
        }),
        { status: 500 },
      ),
    )
  );
  const response = await fetch(URL_OF_SEND, SEND);
  assert.equal((await response.arrayBuffer()).byteLength, 200_000);
  await settled();
  assert.deepEqual(repairs, []);
});

Deno.test("the caller's errors are its own, whatever is watched", async () => {
  const mistake = new TypeError("connection refused");
  const { fetch, repairs, settled } = scene(() => Promise.reject(mistake), 60_000);
  await assert.rejects(fetch(URL_OF_SEND, SEND), (error) => error === mistake);
  await settled();
  assert.deepEqual(repairs, []);
});

for (const [ms, expected] of [[20_000, ["no_answer"]], [1_000, []]] as const) {
  Deno.test(`a caller that gives up after ${ms} ms`, async () => {
    const limit = AbortSignal.abort(new DOMException("late", "TimeoutError"));
    const { fetch, repairs, settled } = scene((signal) => Promise.reject(signal!.reason), ms);
    await assert.rejects(fetch(URL_OF_SEND, { ...SEND, signal: limit }), { name: "TimeoutError" });
    await settled();
    assert.deepEqual(repairs.map(([, why]) => why), expected);
  });
}

Deno.test("of what goes elsewhere nothing is watched and nothing is kept", async () => {
  const { fetch, repairs, kept } = scene(answers(500, CLOSED));
  await fetch("https://api.example/v1/things", SEND);
  assert.deepEqual([repairs, kept], [[], []]);
});

Deno.test("a number is repaired once at a time, another one meanwhile", async () => {
  const started: string[] = [];
  const { promise: hold, resolve: release } = Promise.withResolvers<void>();
  const kept: Promise<void>[] = [];
  const fetch = watchSends({
    fetch: answers(500, CLOSED),
    monotonicMs: () => 0,
    isConnectionClosed: judge,
    repair: ({ instanceName }) => {
      started.push(instanceName);
      return hold;
    },
    keepAlive: (work) => kept.push(work),
  });
  const names = ["vendas", "vendas", "suporte", "vendas"];
  for (const name of names) await fetch(`https://e.example/message/sendMedia/${name}`, SEND);
  await new Promise((resolve) => setTimeout(resolve, 0));
  assert.deepEqual(started.toSorted(), ["suporte", "vendas"]);
  release();
  await Promise.all(kept);
});

Deno.test("the words of a form and of JSON are read, a stream's are not", () => {
  const form = new FormData();
  form.set("caption", "olá");
  form.set("file", new Blob(["x"]));
  assert.deepEqual(readSentWords(form), ["olá"]);
  assert.deepEqual(readSentWords('{"text":"Connection Closed","options":{"quoted":"b"}}'), [
    "Connection Closed",
    "b",
  ]);
  assert.deepEqual(readSentWords('{"text":"without the phrase"}'), []);
  assert.deepEqual(readSentWords(new ReadableStream()), []);
  assert.deepEqual(readSentWords("no json: Connection Closed"), ["no json: Connection Closed"]);
});
