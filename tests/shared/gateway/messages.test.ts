import assert from "node:assert/strict";
import { readJson } from "../../support/recordings.ts";
import type { Gateway } from "../../../supabase/functions/_shared/gateway/client.ts";
import { runCall } from "./every-call.ts";
import { answering } from "./fake-fetch.ts";

const WINDOW = {
  from: new Date("2026-11-26T19:12:33.378Z"),
  until: new Date("2026-11-26T19:22:33.378Z"),
  page: 1,
  size: 100,
};

interface Step {
  readonly request?: { readonly path: string; readonly body: unknown };
  readonly response?: { readonly status: number; readonly body: { readonly messages: Page } };
}

interface Page {
  readonly total: number;
  readonly currentPage: number;
  readonly records: readonly unknown[];
}

/** What the real gateway was asked after an outage of the receiver, and its answer. */
const { request, response } = (
  readJson("recordings/FIND-messages__after-webhook-outage.json") as readonly Step[]
).find(({ request }) => request?.path.startsWith("/chat/findMessages"))!;
const REAL = response!.body.messages;

function find(body: unknown, { status = 200, window = WINDOW } = {}) {
  const fake = answering(status, JSON.stringify(body));
  const call = (gateway: Gateway) => gateway.findMessages(window);
  return runCall(call, fake.fetch, { instanceName: "W5" });
}

Deno.test("a window is asked for as the real gateway wants it: two bounds, a page and its size", async () => {
  const fake = answering(200, JSON.stringify(response!.body));
  const outcome = await runCall((gateway) => gateway.findMessages(WINDOW), fake.fetch, {
    instanceName: "W5",
  });
  assert.equal(new URL(fake.seen[0]!.url).pathname, request!.path);
  assert.deepEqual(fake.seen[0]!.body, request!.body);
  assert.partialDeepStrictEqual(outcome, { outcome: "page", records: REAL.records });
});

const of = (messages: unknown) => ({ messages });

for (
  const [what, body, outcome] of [
    ["a page of another number", of({ ...REAL, currentPage: 2 }), "invalid"],
    [
      "a message from before the window",
      of({ ...REAL, records: [{ messageTimestamp: 1 }] }),
      "invalid",
    ],
    ["its oldest message first", of({ ...REAL, records: REAL.records.toReversed() }), "invalid"],
    ["a message of another kind", of({ ...REAL, records: ["?"] }), "page"],
    ["no page at all", [], "invalid"],
    ["a page without its rows", of({ total: 3, currentPage: 1 }), "invalid"],
  ] as const
) {
  Deno.test(`findMessages that answers ${what} ends ${outcome}`, async () => {
    assert.equal((await find(body)).outcome, outcome);
  });
}

Deno.test("a page that is larger than it was asked for is not the answer", async () => {
  const { outcome } = await find(response!.body, { window: { ...WINDOW, size: 9 } });
  assert.equal(outcome, "invalid");
});

Deno.test("a gateway that hands out its first page again is not followed for ever", async () => {
  const again = of({ ...REAL, currentPage: 2 });
  const second = { ...WINDOW, page: 2, size: 10 };
  assert.equal((await find(again, { window: second })).outcome, "invalid");
  assert.equal((await find(again, { window: { ...second, size: 9 } })).outcome, "invalid");
  const rest = of({ ...REAL, currentPage: 2, records: REAL.records.slice(-1) });
  assert.equal((await find(rest, { window: { ...second, size: 9 } })).outcome, "page");
});

Deno.test("a gateway that does not know the question is told apart from a number that is not there", async () => {
  const failure = (message: string) => ({
    status: 404,
    error: "Not Found",
    response: { message: [message] },
  });
  const missing = failure('The "W5" instance does not exist');
  assert.equal(
    (await find(failure("Cannot POST /chat/findMessages/W5"), { status: 404 })).outcome,
    "unsupported",
  );
  assert.equal((await find(missing, { status: 404 })).outcome, "not_found");
});

Deno.test("a page too large to be read is told apart: a smaller one may be had", async () => {
  const { outcome } = await find(of({ ...REAL, filler: "x".repeat(4_000_001) }));
  assert.equal(outcome, "too_large");
});
