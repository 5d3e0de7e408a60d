import assert from "node:assert/strict";
import fc from "fast-check";
import {
  isConnectionClosed,
  messageElements,
} from "../../../supabase/functions/_shared/gateway/answer.ts";
import { classifySend } from "../../../supabase/functions/_shared/gateway/send.ts";
import * as session from "../../../supabase/functions/_shared/gateway/session.ts";
import * as settings from "../../../supabase/functions/_shared/gateway/existence.ts";
import type { Exchange } from "../../../supabase/functions/_shared/gateway/exchange.ts";

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

const CLASSIFIERS: Readonly<Record<string, (exchange: Exchange) => { outcome: string }>> = {
  probe: (exchange) => session.classifyProbe(exchange, "5511910000002"),
  logout: session.classifyLogout,
  registry: (exchange) => session.classifyRegistry(exchange, "c-open", "KEY"),
  memory: (exchange) => session.classifyMemory(exchange, "c-open"),
  connect: session.classifyConnect,
  restart: session.classifyRestart,
  webhook: settings.classifyWebhook,
  setWebhook: (exchange) => settings.classifySetWebhook(exchange, "http://x/"),
  create: (exchange) => settings.classifyCreate(exchange, "c-open"),
  remove: settings.classifyRemove,
};

/** Outcomes that change something; only a 2xx may be one. */
const GOOD =
  /^(?:sent|alive|accepted|open|close|connecting|missing|qr|configured|none|set|created)$/;

function check(property: fc.IProperty<[Exchange, string[]]>): void {
  console.log(`fast-check seed ${SEED}`);
  fc.assert(property, { seed: SEED, numRuns: 1_000 });
}

Deno.test("any answer to any call has an outcome, its time and its status", () => {
  check(fc.property(anyExchange, words, (exchange, sentWords) => {
    const status = exchange.kind === "unanswered" ? undefined : exchange.httpStatus;
    const outcomes: { outcome: string; ms: number; httpStatus?: number }[] = [
      classifySend(exchange, sentWords),
      ...Object.values(CLASSIFIERS).map((classify) => classify(exchange) as never),
    ];
    for (const { outcome, ms, httpStatus } of outcomes) {
      assert.equal(typeof outcome, "string");
      assert.equal(ms, exchange.ms);
      assert.equal(httpStatus, status);
    }
  }));
});

Deno.test("good news needs a 2xx, and a send that is sent the key of a message", () => {
  check(fc.property(anyExchange, words, (exchange, sentWords) => {
    const success = exchange.kind !== "unanswered" &&
      exchange.httpStatus >= 200 && exchange.httpStatus < 300;
    const send = classifySend(exchange, sentWords).outcome;
    if (send === "sent") assert.ok(success && holdsKey(exchange));
    for (const [name, classify] of Object.entries(CLASSIFIERS)) {
      const { outcome } = classify(exchange);
      if (!success) assert.ok(!GOOD.test(outcome), `${name}: ${outcome}`);
    }
  }));
});

function holdsKey(exchange: Exchange): boolean {
  if (exchange.kind === "unreadable") return exchange.start.trimStart().startsWith('{"key":{');
  const { key } = (exchange as { body: { key?: { id?: unknown } } }).body;
  return typeof key?.id === "string" && key.id !== "";
}

Deno.test("Connection Closed is said only where a message says it", () => {
  check(fc.property(anyExchange, words, (exchange, sentWords) => {
    const body = exchange.kind === "answered" ? exchange.body : null;
    const said = messageElements(body).some((text) =>
      /(?:Connection Closed|Timed Out|1006|'(?:find|attrs)'\))\s*$/.test(text)
    );
    assert.ok(said || !isConnectionClosed(body, sentWords));
    assert.ok(said || classifySend(exchange, sentWords).outcome !== "connection_closed");
  }));
});
