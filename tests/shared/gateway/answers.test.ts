import assert from "node:assert/strict";
import fc from "fast-check";
import {
  isConnectionClosed,
  messageElements,
} from "../../../supabase/functions/_shared/gateway/answer.ts";
import { classifySend } from "../../../supabase/functions/_shared/gateway/send.ts";
import * as session from "../../../supabase/functions/_shared/gateway/session.ts";
import * as settings from "../../../supabase/functions/_shared/gateway/settings.ts";
import type { Exchange } from "../../../supabase/functions/_shared/gateway/exchange.ts";
import { VirtualClock } from "../../../dev/world/virtual-clock.ts";
import {
  instanceIn,
  readRecording,
  RECORDED_CALLS,
  type Recording,
} from "../../support/recordings.ts";
import { EVERY_CALL, runCall } from "./every-call.ts";
import { answering } from "./fake-fetch.ts";
import { EXPECTED, NOT_OURS } from "./recorded-outcomes.ts";

const recordings = RECORDED_CALLS.map((name) => [name, readRecording(name)] as const);

/** Which of our calls a recorded request is. */
const CALLS: Readonly<Record<string, string>> = {
  "message/sendText": "sendText",
  "message/sendMedia": "sendMedia",
  "message/sendWhatsAppAudio": "sendAudio",
  "instance/logout": "logout",
  "instance/fetchInstances": "registry",
  "instance/connectionState": "memory",
  "instance/connect": "connect",
  "instance/restart": "restart",
  "webhook/find": "webhook",
  "webhook/set": "setWebhook",
  "instance/create": "create",
  "instance/delete": "remove",
};

function callOf({ request }: Recording) {
  const endpoint = request.path.split("?")[0]!.split("/").slice(1, 3).join("/");
  return EVERY_CALL.find(({ name }) => name === CALLS[endpoint]);
}

/** The client of the instance that the recording is about. */
function instanceOf({ request, response }: Recording): string {
  const created = response.body as { instance?: { instanceName?: string } } | null;
  return instanceIn(request.path) ?? created?.instance?.instanceName ?? "c-open";
}

Deno.test("every recorded call of an endpoint of ours is in one row, and no row is without one", () => {
  for (const [name, recording] of recordings) {
    const rows = EXPECTED.filter(([pattern]) => pattern.test(name));
    const ours = callOf(recording) !== undefined && !NOT_OURS.test(name);
    assert.equal(rows.length, ours ? 1 : 0, `${name}: in ${rows.length} rows`);
  }
  for (const [pattern] of EXPECTED) {
    assert.ok(recordings.some(([name]) => pattern.test(name)), `unused: ${pattern}`);
  }
  assert.ok(recordings.length > 140);
});

for (const [pattern, expected, parts] of EXPECTED) {
  Deno.test(`recorded ${pattern.source} is ${expected}`, async () => {
    for (const [name, recording] of recordings.filter(([name]) => pattern.test(name))) {
      const { status, body, ms } = recording.response;
      const clock = new VirtualClock();
      const { fetch } = answering(status, JSON.stringify(body), { clock, ms });
      const options = { clock, instanceName: instanceOf(recording) };
      const outcome = await runCall(callOf(recording)!.run, fetch, options);
      const seen = { ...outcome, ms: outcome.ms, httpStatus: outcome.httpStatus };
      assert.deepEqual(
        seen,
        { ...seen, outcome: expected, ...parts, ms, httpStatus: status },
        name,
      );
    }
  });
}

const SEED = Number(Deno.env.get("FC_SEED") ?? 20261122);

/** JSON that often has the gateway's field names and words in odd places. */
const json: fc.Arbitrary<unknown> = fc.letrec((again) => ({
  leaf: fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.constantFrom("Connection Closed", "Error: Connection Closed", "open", "SUCCESS", "c-open"),
  ),
  value: fc.oneof(
    { depthSize: "small" },
    again("leaf"),
    fc.array(again("value"), { maxLength: 3 }),
    fc.dictionary(
      fc.constantFrom(
        ...["status", "error", "response", "message", "output", "payload", "key", "id", "instance"],
        ...["state", "name", "connectionStatus", "ownerJid", "code", "base64", "count", "qrcode"],
        ...["url", "events", "enabled", "exists", "isBusiness", "jid", "hash", "__proto__"],
      ),
      again("value"),
      { maxKeys: 5 },
    ),
  ),
})).value;

const ms = fc.nat();
const httpStatus = fc.oneof(fc.integer({ min: 0, max: 999 }), fc.constantFrom(200, 201, 400, 500));

const anyExchange: fc.Arbitrary<Exchange> = fc.oneof(
  fc.record({ kind: fc.constant("answered" as const), ms, httpStatus, body: json }),
  fc.record({
    kind: fc.constant("unreadable" as const),
    ms,
    httpStatus,
    why: fc.constantFrom("not_json" as const, "too_large", "cut", "timeout"),
    start: fc.string(),
  }),
  fc.record({
    kind: fc.constant("unanswered" as const),
    ms,
    why: fc.constantFrom("no_such_address" as const, "never_sent", "cut", "timeout"),
  }),
);

const words = fc.array(fc.oneof(fc.string(), fc.constant("Connection Closed")), { maxLength: 2 });

type Judged = { readonly outcome: string; readonly ms: number; readonly httpStatus?: number };

const CLASSIFIERS: readonly ((exchange: Exchange) => Judged)[] = [
  (exchange) => session.classifyProbe(exchange, "5511910000002"),
  session.classifyLogout,
  (exchange) => session.classifyRegistry(exchange, "c-open"),
  (exchange) => session.classifyMemory(exchange, "c-open"),
  session.classifyConnect,
  session.classifyRestart,
  settings.classifyWebhook,
  (exchange) => settings.classifySetWebhook(exchange, "http://x/"),
  (exchange) => settings.classifyCreate(exchange, "c-open"),
  settings.classifyRemove,
];

/** Outcomes that change something; only a 2xx may be one. */
const GOOD =
  /^(?:sent|alive|accepted|open|close|connecting|missing|qr|configured|none|set|created)$/;

Deno.test(`any answer has an outcome, its time and its status; good news needs a 2xx (seed ${SEED})`, () => {
  const property = fc.property(anyExchange, words, (exchange, sentWords) => {
    const status = exchange.kind === "unanswered" ? undefined : exchange.httpStatus;
    const success = status !== undefined && status >= 200 && status < 300;
    const send: Judged = classifySend(exchange, sentWords);
    assert.equal(send.outcome === "sent", success);
    for (const judged of [send, ...CLASSIFIERS.map((classify) => classify(exchange))]) {
      assert.deepEqual([judged.ms, judged.httpStatus], [exchange.ms, status]);
      assert.ok(success || !GOOD.test(judged.outcome), judged.outcome);
    }
    // Connection Closed is said only where a message says it.
    const body = exchange.kind === "answered" ? exchange.body : null;
    const said = messageElements(body).some((text) => /Connection Closed\s*$/.test(text));
    assert.ok(said || !isConnectionClosed(body, sentWords));
    assert.ok(said || send.outcome !== "connection_closed");
  });
  fc.assert(property, { seed: SEED, numRuns: 3_000 });
});
