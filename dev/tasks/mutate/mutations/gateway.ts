/**
 * Mistakes in what the gateway's answers are taken for, and in asking it.
 *
 * @module
 */

import { mistakesIn, type Mutation } from "../mutation.ts";

const ANSWER = "supabase/functions/_shared/gateway/answer.ts";
const SEND = "supabase/functions/_shared/gateway/send.ts";
const WEBHOOK_EVENTS = "supabase/functions/_shared/gateway/webhook-events.ts";
const EXCHANGE = "supabase/functions/_shared/gateway/exchange.ts";
const LIMITED_BODY = "supabase/functions/_shared/runtime/limited-body.ts";

/** See {@linkcode Mutation}. */
export const GATEWAY_MUTATIONS: readonly Mutation[] = [
  ...mistakesIn(ANSWER, "shared/gateway/faults.test.ts", {
    "a gateway without its licence is taken for one that refuses": [[
      "if (httpStatus === 503 && isUnlicensed(exchange.body)) return",
      "if (false) return",
    ]],
    "a proxy's 502 is taken for the gateway's word": [[
      '  if (isProxyAnswer(exchange) || isForeignError(exchange)) return fault("unreachable");\n',
      "",
    ]],
    "a wrong address is taken for an instance that is gone": [[
      'isInstanceMissing(exchange.body) ? "not_found" : "invalid"',
      '"not_found"',
    ]],
    "a wrong key is taken for a gateway that is away": [[
      'return fault("unauthorized")',
      'return fault("unreachable")',
    ]],
    "a firewall's page is the gateway's word": [[
      "isProxyAnswer(exchange) || isForeignError(exchange)",
      "isProxyAnswer(exchange)",
    ]],
  }),
  ...mistakesIn(WEBHOOK_EVENTS, "shared/gateway/requests.test.ts", {
    "a gateway that cannot sign is given the key that signs": [[
      "return abilities(found).signature.is",
      'return "jwt"',
    ]],
    "an old gateway is asked for events that it refuses": [[
      "!refused.includes(event)",
      "true || refused.includes(event)",
    ]],
  }),
  ...mistakesIn(ANSWER, "shared/gateway/connection-closed.test.ts", {
    "the user's own words count as a dead socket": [[
      "ENDS_WITH_PHRASE.test(element) && !echoed.some((words) => element.includes(words))",
      "ENDS_WITH_PHRASE.test(element)",
    ]],
    "the phrase anywhere in an error counts as a dead socket": [[
      "(?:^|[^\\p{L}\\p{N}])Connection Closed$/u",
      "Connection Closed/u",
    ]],
  }),
  ...mistakesIn(SEND, "shared/gateway/sent.test.ts", {
    "a 201 that cannot be read is taken for a failure": [[
      'exchange.kind !== "unanswered" && isSuccess',
      'exchange.kind === "answered" && isSuccess',
    ]],
    "the quoted message's id is taken for the new one": [[
      '/^\\s*\\{"key":\\{(?:[^{}]*"id":"([^"\\\\]+)")?/',
      '/(?:"id":"([^"\\\\]+)")/',
    ]],
    "a page of HTML is a sent message": [["return head && {", "return {"], [
      "head[1] ?? null",
      "head?.[1] ?? null",
    ]],
  }),
  ...mistakesIn(SEND, "shared/gateway/faults.test.ts", {
    "a send without an answer is taken for one that never left": [[
      'exchange.why === "never_sent" ? "gateway_unreachable" : "gateway_timeout"',
      '"gateway_unreachable"',
    ]],
  }),
  ...mistakesIn(SEND, [
    "shared/gateway/sent.test.ts",
    "shared/gateway/recordings.test.ts",
    "shared/gateway/faults.test.ts",
  ], {
    "an exception of the gateway is taken for the user's mistake": [[
      "elements.length > 0 && !elements.some((text) => NOT_A_COMPLAINT.test(text))",
      "elements.length > 0",
    ]],
  }),
  ...mistakesIn(SEND, "shared/gateway/recordings.test.ts", {
    "a contact without WhatsApp is told of as an invalid message": [[
      "exists: z.literal(false)",
      "absent: z.literal(true)",
    ]],
  }),
  ...mistakesIn(EXCHANGE, "shared/gateway/faults.test.ts", {
    "a connection that was cut counts as never made": [[
      "  /dns error/i,\n",
      "  /dns error/i,\n  /connection closed/i,\n",
    ]],
    "a cause inside a cause is not looked at": [["depth < 4 &&", "depth < 1 &&"]],
  }),
  ...mistakesIn(EXCHANGE, "shared/gateway/requests.test.ts", {
    "an instance's name reaches another endpoint": [[
      "    return encodeURIComponent(name);",
      "    return encodeURI(name);",
    ]],
    "an instance called .. reaches another endpoint": [[
      'name === "" || name === "." || name === ".."',
      'name === ""',
    ]],
  }),
  ...mistakesIn(EXCHANGE, "shared/gateway/one-request.test.ts", {
    "the key follows a redirect to another address": [['redirect: "manual"', 'redirect: "follow"']],
    "the runtime sends a message twice when the connection breaks": [[
      "{ body: onceOnlyBody(bodyPieces(request.body)) }",
      "{ body: JSON.stringify(request.body) }",
    ]],
  }),
  ...mistakesIn(LIMITED_BODY, "shared/gateway/faults.test.ts", {
    "an answer without an end fills the memory": [[
      "      if (left < 0) {\n",
      "      if (false) {\n",
    ]],
  }),
];
