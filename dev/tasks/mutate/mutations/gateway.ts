/**
 * Mistakes in what the gateway's answers are taken for, and in asking it.
 *
 * @module
 */

import type { Mutation } from "../mutation.ts";

const ANSWER = "supabase/functions/_shared/gateway/answer.ts";
const SEND = "supabase/functions/_shared/gateway/send.ts";

/** See {@linkcode Mutation}. */
export const GATEWAY_MUTATIONS: readonly Mutation[] = [
  {
    name: "a gateway without its licence is taken for one that refuses",
    file: ANSWER,
    edits: [["if (httpStatus === 503 && isUnlicensed(exchange.body)) return", "if (false) return"]],
    tests: ["shared/gateway/faults.test.ts"],
  },
  {
    name: "a gateway that cannot sign is given the key that signs",
    file: "supabase/functions/_shared/gateway/webhook-events.ts",
    edits: [["return abilities(found).signature.is", 'return "jwt"']],
    tests: ["shared/gateway/requests.test.ts"],
  },
  {
    name: "an old gateway is asked for events that it refuses",
    file: "supabase/functions/_shared/gateway/webhook-events.ts",
    edits: [["!refused.includes(event)", "true || refused.includes(event)"]],
    tests: ["shared/gateway/requests.test.ts"],
  },
  {
    name: "the user's own words count as a dead socket",
    file: ANSWER,
    edits: [[
      "ENDS_WITH_PHRASE.test(element) && !echoed.some((words) => element.includes(words))",
      "ENDS_WITH_PHRASE.test(element)",
    ]],
    tests: ["shared/gateway/connection-closed.test.ts"],
  },
  {
    name: "the phrase anywhere in an error counts as a dead socket",
    file: ANSWER,
    edits: [["(?:^|[^\\p{L}\\p{N}])Connection Closed$/u", "Connection Closed/u"]],
    tests: ["shared/gateway/connection-closed.test.ts"],
  },
  {
    name: "a proxy's 502 is taken for the gateway's word",
    file: ANSWER,
    edits: [[
      '  if (isProxyAnswer(exchange) || isForeignError(exchange)) return fault("unreachable");\n',
      "",
    ]],
    tests: ["shared/gateway/faults.test.ts"],
  },
  {
    name: "a wrong address is taken for an instance that is gone",
    file: ANSWER,
    edits: [['isInstanceMissing(exchange.body) ? "not_found" : "invalid"', '"not_found"']],
    tests: ["shared/gateway/faults.test.ts"],
  },
  {
    name: "a wrong key is taken for a gateway that is away",
    file: ANSWER,
    edits: [['return fault("unauthorized")', 'return fault("unreachable")']],
    tests: ["shared/gateway/faults.test.ts"],
  },
  {
    name: "a 201 that cannot be read is taken for a failure",
    file: SEND,
    edits: [[
      'exchange.kind !== "unanswered" && isSuccess',
      'exchange.kind === "answered" && isSuccess',
    ]],
    tests: ["shared/gateway/sent.test.ts"],
  },
  {
    name: "a send without an answer is taken for one that never left",
    file: SEND,
    edits: [[
      'exchange.why === "never_sent" ? "gateway_unreachable" : "gateway_timeout"',
      '"gateway_unreachable"',
    ]],
    tests: ["shared/gateway/faults.test.ts"],
  },
  {
    name: "an exception of the gateway is taken for the user's mistake",
    file: SEND,
    edits: [[
      "elements.length > 0 && !elements.some((text) => NOT_A_COMPLAINT.test(text))",
      "elements.length > 0",
    ]],
    tests: [
      "shared/gateway/sent.test.ts",
      "shared/gateway/recordings.test.ts",
      "shared/gateway/faults.test.ts",
    ],
  },
  {
    name: "a contact without WhatsApp is told of as an invalid message",
    file: SEND,
    edits: [["exists: z.literal(false)", "absent: z.literal(true)"]],
    tests: ["shared/gateway/recordings.test.ts"],
  },
  {
    name: "the quoted message's id is taken for the new one",
    file: SEND,
    edits: [[
      '/^\\s*\\{"key":\\{(?:[^{}]*"id":"([^"\\\\]+)")?/',
      '/(?:"id":"([^"\\\\]+)")/',
    ]],
    tests: ["shared/gateway/sent.test.ts"],
  },
  {
    name: "a connection that was cut counts as never made",
    file: "supabase/functions/_shared/gateway/exchange.ts",
    edits: [["  /dns error/i,\n", "  /dns error/i,\n  /connection closed/i,\n"]],
    tests: ["shared/gateway/faults.test.ts"],
  },
  {
    name: "a cause inside a cause is not looked at",
    file: "supabase/functions/_shared/gateway/exchange.ts",
    edits: [["depth < 4 &&", "depth < 1 &&"]],
    tests: ["shared/gateway/faults.test.ts"],
  },
  {
    name: "an instance's name reaches another endpoint",
    file: "supabase/functions/_shared/gateway/exchange.ts",
    edits: [["    return encodeURIComponent(name);", "    return encodeURI(name);"]],
    tests: ["shared/gateway/requests.test.ts"],
  },
  {
    name: "an instance called .. reaches another endpoint",
    file: "supabase/functions/_shared/gateway/exchange.ts",
    edits: [['name === "" || name === "." || name === ".."', 'name === ""']],
    tests: ["shared/gateway/requests.test.ts"],
  },
  {
    name: "the key follows a redirect to another address",
    file: "supabase/functions/_shared/gateway/exchange.ts",
    edits: [['redirect: "manual"', 'redirect: "follow"']],
    tests: ["shared/gateway/one-request.test.ts"],
  },
  {
    name: "the runtime sends a message twice when the connection breaks",
    file: "supabase/functions/_shared/gateway/exchange.ts",
    edits: [["{ body: onceOnlyBody(request.body) }", "{ body: JSON.stringify(request.body) }"]],
    tests: ["shared/gateway/one-request.test.ts"],
  },
  {
    name: "an answer without an end fills the memory",
    file: "supabase/functions/_shared/runtime/limited-body.ts",
    edits: [["      if (left < 0) {\n", "      if (false) {\n"]],
    tests: ["shared/gateway/faults.test.ts"],
  },
  {
    name: "a page of HTML is a sent message",
    file: "supabase/functions/_shared/gateway/send.ts",
    edits: [["return head && {", "return {"], ["head[1] ?? null", "head?.[1] ?? null"]],
    tests: ["shared/gateway/sent.test.ts"],
  },
  {
    name: "a firewall's page is the gateway's word",
    file: "supabase/functions/_shared/gateway/answer.ts",
    edits: [["isProxyAnswer(exchange) || isForeignError(exchange)", "isProxyAnswer(exchange)"]],
    tests: ["shared/gateway/faults.test.ts"],
  },
];
