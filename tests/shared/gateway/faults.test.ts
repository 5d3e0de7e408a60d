import assert from "node:assert/strict";
import { readAnswer } from "../../../supabase/functions/_shared/gateway/answer.ts";
import { GATEWAY_LIMITS } from "../../../supabase/functions/_shared/gateway/client.ts";
import { VirtualClock } from "../../../dev/world/virtual-clock.ts";
import { EVERY_CALL, OTHER_CALLS, runCall, SENDS } from "./every-call.ts";
import { answering, breaking, failing, type FakeFetch, fakeFetch, silent } from "./fake-fetch.ts";

/** As Deno throws it. */
function fetchFailed(cause: string): TypeError {
  return new TypeError("fetch failed", { cause: new Error(cause) });
}

const REFUSED = fetchFailed(
  "error sending request for url (http://gateway.test/x): client error (Connect): tcp connect error: Connection refused (os error 111)",
);
const NO_SUCH_HOST = fetchFailed(
  "error sending request for url (http://gateway.test/x): client error (Connect): dns error: failed to lookup address information: Name or service not known",
);
const REFUSED_IN_OLDER_RUNTIMES = new TypeError(
  "error sending request for url (http://gateway.test/x): error trying to connect: tcp connect error: Connection refused (os error 111)",
);
const CUT = fetchFailed(
  "error sending request from 127.0.0.1:4 for http://gateway.test/x (127.0.0.1:5): client error (SendRequest): connection closed before message completed",
);
const RESET = fetchFailed("Connection reset by peer (os error 104)");
const BODY_CUT = new TypeError("error reading a body from connection");

const HTML = "<html><body><h1>It works!</h1></body></html>";
/** Railway's edge, for a service that is not there. */
const EDGE = '{"status":"error","code":404,"message":"Application not found","request_id":"x"}';
const envelope = (status: number, message: string) =>
  JSON.stringify({ status, error: message, response: { message } });
const HUGE = JSON.stringify({ response: { message: "x".repeat(GATEWAY_LIMITS.pageBytes) } });

/** A fault, and what each kind of call makes of it. */
interface Fault {
  readonly what: string;
  readonly fake: () => FakeFetch;
  readonly send: string;
  readonly other: string;
}

const FAULTS: readonly Fault[] = [
  ...[REFUSED, NO_SUCH_HOST, REFUSED_IN_OLDER_RUNTIMES].map((error) => ({
    what: `no connection (${String((error.cause as Error ?? error).message).slice(-40)})`,
    fake: () => failing(error),
    send: "gateway_unreachable",
    other: "unreachable",
  })),
  ...[CUT, RESET, new Error("anything"), "not even an error", undefined].map((error) => ({
    what: `broken off (${error instanceof Error ? error.cause ?? error.message : error})`,
    fake: () => failing(error),
    send: "gateway_timeout",
    other: "unreachable",
  })),
  ...[
    { what: "a parked domain's page", status: 200, text: HTML, send: "gateway_error" },
    { what: "an empty answer", status: 200, text: "", send: "gateway_error" },
    { what: "a health check's JSON", status: 200, text: '{"ok":true}', send: "gateway_error" },
    { what: "a created something", status: 201, text: '{"id":7}', send: "gateway_error" },
    { what: "a redirect", status: 302, text: "", send: "gateway_error" },
    { what: "a redirect with JSON", status: 307, text: "{}", send: "gateway_error" },
    { what: "a huge body", status: 500, text: HUGE, send: "gateway_error" },
  ].map(({ what, status, text, send }) => ({
    what: `${what} (${status})`,
    fake: () => answering(status, text),
    send,
    other: "invalid",
  })),
  ...[502, 503, 504, 524].map((status) => ({
    what: `a proxy without its gateway (${status})`,
    fake: () => answering(status, HTML),
    send: "gateway_timeout",
    other: "unreachable",
  })),
  // Whoever stands in front did not let it through, or something behind it broke: then who knows.
  ...[
    { what: "broken JSON", status: 500, text: '{"status":', send: "gateway_error" },
    { what: "HTML", status: 500, text: HTML, send: "gateway_error" },
    { what: "nothing", status: 500, text: "", send: "gateway_error" },
    { what: "a page as a 404", status: 404, text: HTML, send: "gateway_unreachable" },
    { what: "a wrong address", status: 404, text: "{}", send: "gateway_unreachable" },
    { what: "a platform's edge", status: 404, text: EDGE, send: "gateway_unreachable" },
    { what: "a firewall's page", status: 401, text: HTML, send: "gateway_unreachable" },
    { what: "a firewall's page", status: 403, text: HTML, send: "gateway_unreachable" },
    {
      what: "a firewall's JSON",
      status: 403,
      text: '{"message":"x"}',
      send: "gateway_unreachable",
    },
    {
      what: "an edge's limit",
      status: 429,
      text: '{"message":"slow"}',
      send: "gateway_unreachable",
    },
  ].map(({ what, status, text, send }) => ({
    what: `${what} (${status})`,
    fake: () => answering(status, text),
    send,
    other: "unreachable",
  })),
  ...[401, 403].map((status) => ({
    what: `a refused key (${status})`,
    fake: () => answering(status, envelope(status, "Unauthorized")),
    send: "gateway_unauthorized",
    other: "unauthorized",
  })),
  {
    what: "a licence gate (503)",
    fake: () =>
      answering(503, '{"error":"service not activated","code":"LICENSE_REQUIRED","message":"x"}'),
    send: "gateway_unlicensed",
    other: "unlicensed",
  },
  {
    what: "half a body (400)",
    fake: () => breaking(400, '{"status":400,"response":{"mess', BODY_CUT),
    send: "gateway_timeout",
    other: "unreachable",
  },
];

for (const { what, fake, send, other } of FAULTS) {
  Deno.test(`${what}: a send is ${send}, any other call ${other}`, async () => {
    for (const { name, run } of SENDS) {
      assert.equal((await runCall(run, fake().fetch)).outcome, send, name);
    }
    for (const { name, run } of OTHER_CALLS) {
      assert.equal((await runCall(run, fake().fetch)).outcome, other, name);
    }
  });
}

for (const { name, limit, run } of EVERY_CALL) {
  Deno.test(`${name} gives up exactly at its limit, before and within the answer`, async () => {
    const limitMs = GATEWAY_LIMITS[limit];
    for (const { fetch } of [silent(), breaking(500, '{"status":500')]) {
      const clock = new VirtualClock();
      const before = clock.now().getTime();
      const { outcome, ms } = await runCall(run, fetch, { clock });
      assert.equal(outcome, limit === "send" ? "gateway_timeout" : "timeout");
      assert.equal(ms, limitMs);
      assert.equal(clock.now().getTime() - before, limitMs);
    }
  });
}

Deno.test("an answer one millisecond before the limit counts", async () => {
  const clock = new VirtualClock();
  const { fetch } = answering(201, '{"key":{"id":"3EB0"}}', { clock, ms: 69_999 });
  const outcome = await runCall(SENDS[0]!.run, fetch, { clock });
  assert.equal(outcome.outcome, "sent");
  assert.equal(outcome.ms, 69_999);
});

Deno.test("a status without an answer is not recorded, one with it is", async () => {
  const { fetch } = failing(REFUSED);
  assert.deepEqual(await runCall((gateway) => gateway.logout(), fetch), {
    outcome: "unreachable",
    ms: 0,
  });
  assert.deepEqual(await runCall((gateway) => gateway.logout(), answering(500, HTML).fetch), {
    outcome: "unreachable",
    ms: 0,
    httpStatus: 500,
  });
});

Deno.test("what is no known answer to a call is invalid, also with a 200", async () => {
  const bodies = ["", HTML, "{", "{}", "[1]", '"open"', "17", "true", '{"instance":"open"}'];
  for (const text of bodies) {
    for (const { name, run } of OTHER_CALLS) {
      const { outcome } = await runCall(run, answering(200, text).fetch);
      assert.equal(outcome, "invalid", `${name} ${text}`);
    }
  }
});

Deno.test("an endless answer is let go as soon as it is too large", async () => {
  const CHUNK = 500_000;
  let sent = 0;
  let cancelled = false;
  const { fetch } = fakeFetch(() => {
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += CHUNK;
        if (sent > 3 * GATEWAY_LIMITS.bodyBytes) controller.error(new Error("read on"));
        else controller.enqueue(new Uint8Array(CHUNK));
      },
      cancel() {
        cancelled = true;
      },
    }, { highWaterMark: 0 });
    return new Response(body, { status: 500 });
  });
  assert.equal((await runCall(SENDS[0]!.run, fetch)).outcome, "gateway_error");
  assert.ok(cancelled);
  assert.ok(sent <= GATEWAY_LIMITS.bodyBytes + CHUNK);
});

Deno.test("an answer that is waited for no longer is let go", async () => {
  let cancelled = false;
  const clock = new VirtualClock();
  const { fetch } = fakeFetch(async () => {
    await clock.sleep(GATEWAY_LIMITS.logout + 1);
    return new Response(
      new ReadableStream({
        cancel() {
          cancelled = true;
        },
      }),
    );
  });
  assert.equal((await runCall((gateway) => gateway.logout(), fetch, { clock })).outcome, "timeout");
  assert.equal(cancelled, false);
  await clock.advance(1);
  assert.equal(cancelled, true);
});

Deno.test("a wrong address is no word about the instance", () => {
  const answer = (message: string) =>
    readAnswer({
      kind: "answered",
      ms: 5,
      httpStatus: 404,
      body: { status: 404, error: "Not Found", response: { message: [message] } },
    });
  assert.partialDeepStrictEqual(answer("Cannot GET /instance/logout/x"), { outcome: "invalid" });
  assert.partialDeepStrictEqual(answer('The "x" instance does not exist'), {
    outcome: "not_found",
  });
});
