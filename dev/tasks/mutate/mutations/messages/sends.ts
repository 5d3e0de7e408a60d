/**
 * Mistakes in a send: the request's parts, what an answer means, what follows from it.
 *
 * @module
 */

import type { Mutation } from "../../mutation.ts";

const JUDGE = "supabase/functions/_shared/messages/judge-send.ts";
const SENDS = "supabase/functions/_shared/messages/send-messages.ts";
const PARTS = "supabase/functions/_shared/messages/message-parts.ts";
const MEDIA = "supabase/functions/_shared/messages/media-address.ts";
const SCHEMA = "supabase/functions/_shared/contracts/send-message.ts";

/** See {@linkcode Mutation}. */
export const SEND_MUTATIONS: readonly Mutation[] = [
  {
    name: "of the messages that wait in a conversation the last one is told first",
    file: "supabase/functions/_shared/messages/conversation-queue.ts",
    edits: [["one - other", "other - one"]],
    tests: ["shared/messages/conversation-queue.test.ts"],
  },
  {
    name: "one conversation's end wakes another's messages",
    file: "supabase/functions/_shared/messages/conversation-queue.ts",
    edits: [[
      "[...waiting.get(conversationId) ?? []]",
      "[...waiting.values()].flatMap((each) => [...each])",
    ]],
    tests: ["shared/messages/conversation-queue.test.ts"],
  },
  {
    name: "a send that took 60 s is sent again",
    file: JUDGE,
    edits: [["closed && answer.ms < NOTHING_WRITTEN_MS", "closed"]],
    tests: ["shared/messages/send-part.test.ts"],
  },
  {
    name: "an answer that nobody can read is said not to have left",
    file: JUDGE,
    edits: [["answer.unread === true", "false"]],
    tests: ["shared/messages/send-part.test.ts"],
  },
  {
    name: "a success without a message is said not to have left",
    file: "supabase/functions/_shared/gateway/send.ts",
    edits: [['    return exchange.kind === "answered" ||', "    return false &&"]],
    tests: ["shared/gateway/sent.test.ts"],
  },
  {
    name: "a server's error in foreign words is said not to have left",
    file: "supabase/functions/_shared/gateway/send.ts",
    edits: [["  return exchange.httpStatus >= 500 &&", "  return exchange.httpStatus >= 600 &&"]],
    tests: ["shared/gateway/sent.test.ts"],
  },
  {
    name: "Connection Closed after 6 s counts as nothing written",
    file: JUDGE,
    edits: [["      (closed && answer.ms >= NOTHING_WRITTEN_MS) ||\n", ""]],
    tests: ["shared/messages/send-part.test.ts"],
  },
  {
    name: "the end of a send is written once",
    file: "supabase/functions/_shared/messages/persist.ts",
    edits: [["if (!window.mayWrite()) return false;", "return false;"]],
    tests: ["evolution-api/send/interrupted.test.ts"],
  },
  {
    name: "a send begins that the invocation does not live to end",
    file: "supabase/functions/_shared/messages/send-window.ts",
    edits: [["within(INVOCATION_MS - GATEWAY_LIMITS.send - AROUND_A_SEND_MS)", "true"]],
    tests: ["evolution-api/send/message-order.test.ts"],
  },
  {
    name: "a 201 that took a minute is above suspicion",
    file: JUDGE,
    edits: [["suspicious: closed || slow", "suspicious: closed"]],
    tests: ["shared/messages/send-part.test.ts"],
  },
  {
    name: "a send of half a minute is suspicious",
    file: JUDGE,
    edits: [["SLOW_SEND_MS = 45_000", "SLOW_SEND_MS = 4_500"]],
    tests: ["shared/messages/send-part.test.ts"],
  },
  {
    name: "after a part that failed the next one is sent",
    file: SENDS,
    edits: [[
      "    if (failure === null) continue;",
      "    continue;",
    ]],
    tests: ["evolution-api/send/failures.test.ts"],
  },
  {
    name: "a gateway that lost the instance is above suspicion",
    file: SENDS,
    edits: [['outcome === "instance_not_found" || outcome === "gateway_error"', "false"]],
    tests: ["advance-ghost-repairs/ladder/suspicion.test.ts"],
  },
  {
    name: "the message's end is stored after the repair that its answer began",
    file: "supabase/functions/_shared/messages/send-messages.ts",
    edits: [[
      "  if (!undecided) await message.record(answer);\n  if (!verdict.suspicious) {\n",
      "  if (!verdict.suspicious) {\n    if (!undecided) await message.record(answer);\n",
    ], [
      "  if (!undecided) return failureOf(answer);",
      "  if (!undecided) {\n    await message.record(answer);\n    return failureOf(answer);\n  }",
    ]],
    tests: ["evolution-api/repair/slow-sends.test.ts"],
  },
  {
    name: "a repaired session's message is sent once more",
    file: "supabase/functions/_shared/messages/send-messages.ts",
    edits: [['  if (socket === "dead") return "connection_closed";\n', ""]],
    tests: ["evolution-api/repair/one-logout.test.ts"],
  },
  {
    name: "the parts of one request have new ids each time",
    file: PARTS,
    edits: [["at === 0 ? id : await derivedId(id, at)", "at === 0 ? id : crypto.randomUUID()"]],
    tests: ["shared/messages/message-parts.test.ts"],
  },
  {
    name: "a caption under a voice message is lost",
    file: PARTS,
    edits: [[
      'part.type === "audio" ? [part, textPart(caption)] : [{ ...part, caption }]',
      "[{ ...part, caption }]",
    ]],
    tests: ["shared/messages/message-parts.test.ts"],
  },
  {
    name: "a message beside a picture with a caption is lost",
    file: PARTS,
    edits: [[
      ": [textPart(message), ...withCaption(part, caption)]",
      ": withCaption(part, caption)",
    ]],
    tests: ["shared/messages/message-parts.test.ts"],
  },
  {
    name: "media of any size is taken",
    file: "supabase/functions/_shared/messages/read-base64.ts",
    edits: [["length * 3 / 4 - 2 > MAX_MEDIA_BYTES", "false"]],
    tests: ["shared/messages/message-parts.test.ts"],
  },
  {
    name: "the line behind a picture is its caption",
    file: "supabase/functions/_shared/messages/message-parts.ts",
    edits: [[
      'if (nextLine === undefined || sameLine.trim() !== "") return',
      "if (nextLine === undefined) return",
    ]],
    tests: ["shared/messages/message-parts.test.ts"],
  },
  {
    name: "the text before a picture is lost",
    file: "supabase/functions/_shared/messages/message-parts.ts",
    edits: [["textParts(message.slice(0, markers[0]?.index))", 'textParts("")']],
    tests: ["shared/messages/message-parts.test.ts"],
  },
  {
    name: "the gateway fetches what a public address redirects into the house",
    file: MEDIA,
    edits: [[
      "const refusal = await checkPublicAddress(url, effects);",
      "const refusal = hop > 0 ? null : await checkPublicAddress(url, effects);",
    ]],
    tests: ["shared/messages/send-part.test.ts"],
  },
  {
    name: "the gateway fetches files of any size",
    file: MEDIA,
    edits: [['response.ok && size > MAX_BYTES ? "too_large" : null', "null"]],
    tests: ["shared/messages/send-part.test.ts"],
  },
  {
    name: "media may be given twice, by address and as bytes",
    file: SCHEMA,
    edits: [[
      "(value.url === undefined) === (value.base64 === undefined)",
      "value.url === undefined && value.base64 === undefined",
    ]],
    tests: ["evolution-api/send/bad-input.test.ts"],
  },
  {
    name: "an empty message is sent",
    file: SCHEMA,
    edits: [['(value.message ?? "").trim() === ""', "value.message === undefined"]],
    tests: ["evolution-api/send/bad-input.test.ts"],
  },
];
