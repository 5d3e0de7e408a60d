/**
 * Mistakes in a send: the request's parts, what an answer means, what follows from it.
 *
 * @module
 */

import { mistakesIn, type Mutation } from "../../mutation.ts";

const JUDGE = "supabase/functions/_shared/messages/judge-send.ts";
const SENDS = "supabase/functions/_shared/messages/send-messages.ts";
const PARTS = "supabase/functions/_shared/messages/message-parts.ts";
const MEDIA = "supabase/functions/_shared/messages/media-address.ts";
const SCHEMA = "supabase/functions/_shared/contracts/send-message.ts";
const CONVERSATION_QUEUE = "supabase/functions/_shared/messages/conversation-queue.ts";
const PERSIST = "supabase/functions/_shared/messages/persist.ts";
const SEND_WINDOW = "supabase/functions/_shared/messages/send-window.ts";
const READ_BASE64 = "supabase/functions/_shared/messages/read-base64.ts";

/** See {@linkcode Mutation}. */
export const SEND_MUTATIONS: readonly Mutation[] = [
  ...mistakesIn(CONVERSATION_QUEUE, "shared/messages/conversation-queue.test.ts", {
    "of the messages that wait in a conversation the last one is told first": [[
      "one - other",
      "other - one",
    ]],
    "one conversation's end wakes another's messages": [[
      "[...waiting.get(conversationId) ?? []]",
      "[...waiting.values()].flatMap((each) => [...each])",
    ]],
  }),
  ...mistakesIn(JUDGE, "shared/messages/send-part.test.ts", {}),
  ...mistakesIn("supabase/functions/_shared/gateway/send.ts", "shared/gateway/sent.test.ts", {
    "a success without a message is said not to have left": [[
      '    return exchange.kind === "answered" ||',
      "    return false &&",
    ]],
    "a server's error in foreign words is said not to have left": [[
      "  return exchange.httpStatus >= 500 &&",
      "  return exchange.httpStatus >= 600 &&",
    ]],
    "a send that took 60 s is sent again": [["closed && answer.ms < NOTHING_WRITTEN_MS", "closed"]],
    "an answer that nobody can read is said not to have left": [[
      "answer.unread === true",
      "false",
    ]],
    "Connection Closed after 6 s counts as nothing written": [[
      "      (closed && answer.ms >= NOTHING_WRITTEN_MS) ||\n",
      "",
    ]],
    "a 201 that took a minute is above suspicion": [[
      "suspicious: closed || slow",
      "suspicious: closed",
    ]],
  }),
  ...mistakesIn(JUDGE, "shared/messages/send-part.test.ts", {}),
  ...mistakesIn(PERSIST, "evolution-api/send/interrupted.test.ts", {}),
  ...mistakesIn(SEND_WINDOW, "evolution-api/send/message-order.test.ts", {
    "a send begins that the invocation does not live to end": [[
      "within(INVOCATION_MS - GATEWAY_LIMITS.send - AROUND_A_SEND_MS)",
      "true",
    ]],
  }),
  ...mistakesIn(JUDGE, "shared/messages/send-part.test.ts", {}),
  ...mistakesIn(SENDS, "evolution-api/send/failures.test.ts", {
    "after a part that failed the next one is sent": [[
      "    if (failure === null) continue;",
      "    continue;",
    ]],
  }),
  ...mistakesIn(SENDS, "advance-ghost-repairs/ladder/suspicion.test.ts", {
    "a gateway that lost the instance is above suspicion": [[
      'outcome === "instance_not_found" || outcome === "gateway_error"',
      "false",
    ]],
  }),
  ...mistakesIn(SENDS, "evolution-api/repair/slow-sends.test.ts", {
    "the message's end is stored after the repair that its answer began": [[
      "  if (!undecided) await message.record(answer);\n  if (!verdict.suspicious) {\n",
      "  if (!verdict.suspicious) {\n    if (!undecided) await message.record(answer);\n",
    ], [
      "  if (!undecided) return failureOf(answer);",
      "  if (!undecided) {\n    await message.record(answer);\n    return failureOf(answer);\n  }",
    ]],
  }),
  ...mistakesIn(PARTS, "shared/messages/message-parts.test.ts", {
    "the parts of one request have new ids each time": [[
      "at === 0 ? id : await derivedId(id, at)",
      "at === 0 ? id : crypto.randomUUID()",
    ]],
    "a caption under a voice message is lost": [[
      'part.type === "audio" ? [part, textPart(caption)] : [{ ...part, caption }]',
      "[{ ...part, caption }]",
    ]],
    "a message beside a picture with a caption is lost": [[
      ": [textPart(message), ...withCaption(part, caption)]",
      ": withCaption(part, caption)",
    ]],
    "the line behind a picture is its caption": [[
      'if (nextLine === undefined || sameLine.trim() !== "") return',
      "if (nextLine === undefined) return",
    ]],
    "the text before a picture is lost": [[
      "textParts(message.slice(0, markers[0]?.index))",
      'textParts("")',
    ]],
  }),
  ...mistakesIn(READ_BASE64, "shared/messages/message-parts.test.ts", {
    "media of any size is taken": [["length * 3 / 4 - 2 > MAX_MEDIA_BYTES", "false"]],
  }),
  ...mistakesIn(MEDIA, "shared/messages/send-part.test.ts", {
    "the gateway fetches what a public address redirects into the house": [[
      "const refusal = await checkPublicAddress(url, effects);",
      "const refusal = hop > 0 ? null : await checkPublicAddress(url, effects);",
    ]],
    "the gateway fetches files of any size": [[
      'response.ok && size > MAX_BYTES ? "too_large" : null',
      "null",
    ]],
  }),
  ...mistakesIn(SCHEMA, "evolution-api/send/bad-input.test.ts", {
    "media may be given twice, by address and as bytes": [[
      "(value.url === undefined) === (value.base64 === undefined)",
      "value.url === undefined && value.base64 === undefined",
    ]],
    "an empty message is sent": [[
      '(value.message ?? "").trim() === ""',
      "value.message === undefined",
    ]],
  }),
  ...mistakesIn(
    "supabase/functions/_shared/messages/sentences.ts",
    "evolution-api/repair/refused-claims.test.ts",
    {
      "a message whose number waits for its scan says that the reconnection has begun": [[
        '  const unbegun = code === "connection_closed" &&',
        '  const unbegun = false && code === "connection_closed" &&',
      ]],
    },
  ),
  ...mistakesIn(
    "supabase/functions/_shared/messages/send-messages.ts",
    "evolution-api/repair/refused-claims.test.ts",
    {
      "parts after a refused claim say that the reconnection has begun": [[
        "await end.failUntried(failure);",
        "await end.failUntried({ code: failure.code });",
      ]],
    },
  ),
  ...mistakesIn(
    "supabase/functions/evolution-api/connection-closed.ts",
    "evolution-api/connection-closed.test.ts",
    {
      "a refused claim's reason is not told to the message": [[
        "effects.failMessage(reason));",
        "effects.failMessage());",
      ]],
    },
  ),
  ...mistakesIn(
    "supabase/functions/_shared/messages/send-messages.ts",
    "evolution-api/repair/blip.test.ts",
    {
      "a message whose connection is back says that the reconnection has begun": [[
        'await failClosed("alive", judgeSend(second));',
        "await failClosed(undefined, judgeSend(second));",
      ]],
    },
  ),
  ...mistakesIn("console/words/message-words.ts", "console/message-words.test.ts", {
    "the page says of each closed connection that the reconnection has begun": [[
      "{ code, why: whyOf(said) }",
      "{ code }",
    ]],
  }),
  ...mistakesIn(
    "supabase/functions/_shared/messages/send-messages.ts",
    "evolution-api/repair/one-logout.test.ts",
    {
      "a repaired session's message is sent once more": [[
        '  if (socket === "dead") return closed;\n',
        "",
      ]],
    },
  ),
  ...mistakesIn(
    "supabase/functions/_shared/messages/send-window.ts",
    "evolution-api/send/interrupted.test.ts",
    {
      "the end of a send is written once": [[
        "if (!window.mayWrite()) return false;",
        "return false;",
      ]],
    },
  ),
  ...mistakesIn("supabase/functions/_shared/gateway/outcomes.ts", "shared/gateway/sent.test.ts", {
    "a send of half a minute is suspicious": [["SLOW_SEND_MS = 45_000", "SLOW_SEND_MS = 4_500"]],
  }),
];
