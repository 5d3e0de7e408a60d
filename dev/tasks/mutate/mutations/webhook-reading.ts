/**
 * Mistakes in reading the gateway's reports.
 *
 * @module
 */

import type { Mutation } from "../mutation.ts";

const EVENT = "supabase/functions/evolution-webhook/read-event.ts";
const MESSAGES = "supabase/functions/evolution-webhook/message-events.ts";
const CONTENT = "supabase/functions/_shared/messages/message-content.ts";
const RECEIVED = "supabase/functions/_shared/messages/received-message.ts";

/** See {@linkcode Mutation}. */
export const WEBHOOK_READING_MUTATIONS: readonly Mutation[] = [
  {
    name: "events with upper-case names are unknown",
    file: EVENT,
    edits: [['parsed.data.event.toLowerCase().replaceAll("_", ".")', "parsed.data.event"]],
    tests: ["evolution-webhook/unit/read-samples.test.ts"],
  },
  {
    name: "what can never be understood is our own fault, and comes again",
    file: "supabase/functions/evolution-webhook/read-event.ts",
    edits: [["    if (!(error instanceof MalformedError)) throw error;\n", "    throw error;\n"]],
    tests: ["evolution-webhook/unit/read-event.test.ts"],
  },
  {
    name: "an unpaired device is not heard of",
    file: "supabase/functions/evolution-webhook/read-event.ts",
    edits: [['word !== "closed") return', 'word !== "removed") return']],
    tests: ["evolution-webhook/unit/read-samples.test.ts"],
  },
  {
    name: "the notice that no more QR codes come is malformed",
    file: "supabase/functions/evolution-webhook/read-event.ts",
    edits: [["  if (z.safeParse(qrLimit, data).success) return asks();\n", ""]],
    tests: ["evolution-webhook/unit/read-samples.test.ts"],
  },
  {
    name: "a sender in a group gives the group a name",
    file: RECEIVED,
    edits: [["fromMe || isGroup(chat.remoteJid) ? null", "fromMe ? null"]],
    tests: ["evolution-webhook/unit/read-event.test.ts"],
  },
  {
    name: "other people's acknowledgements count as ours",
    file: MESSAGES,
    edits: [["return ours && status", "return status"]],
    tests: ["evolution-webhook/unit/read-event.test.ts"],
  },
  {
    name: "our own send is stored a second time",
    file: EVENT,
    edits: [['["send.message", readSent]', '["send.message", readUpsert]']],
    tests: ["evolution-webhook/unit/read-samples.test.ts"],
  },
  {
    name: "a reaction is a message",
    file: CONTENT,
    edits: [['  "reactionMessage",\n', ""]],
    tests: ["evolution-webhook/unit/message-content.test.ts"],
  },
  {
    name: "a picture that is to be seen once is of an unknown kind",
    file: CONTENT,
    edits: [['  "viewOnceMessageV2",\n', ""]],
    tests: ["evolution-webhook/unit/message-content.test.ts"],
  },
  {
    name: "a message from the future stays at the end for ever",
    file: "supabase/functions/_shared/messages/event-fields.ts",
    edits: [["ms >= FIRST_MS && ms <= now.getTime() + BELIEVED_AHEAD_MS", "ms >= FIRST_MS"]],
    tests: ["evolution-webhook/unit/event-fields.test.ts"],
  },
  {
    name: "one bad item loses its whole list",
    file: MESSAGES,
    edits: [["if (!(error instanceof MalformedError)) throw error;", "throw error;"]],
    tests: ["evolution-webhook/unit/read-event.test.ts"],
  },
  {
    name: "a caption is lost with the picture that is too large",
    file: "supabase/functions/evolution-webhook/slim-body.ts",
    edits: [["        if (length > longest) from = end;\n", ""], [
      "if (length > longest) held = [];",
      "",
    ]],
    tests: ["evolution-webhook/unit/slim-body.test.ts"],
  },
  {
    name: "a webhook that asks for nothing was not delivered",
    file: "supabase/migrations/20261126201200_webhook.sql",
    edits: [[
      "  elsif v_count = 0 then\n    perform ghost_repair.webhook_delivered(p_instance_id);",
      "  elsif v_count = 0 then\n    null;",
    ]],
    tests: ["database/numbers/apply-webhook.test.ts"],
  },
  {
    name: "keys are remembered for an hour",
    file: "supabase/functions/evolution-webhook/known-senders.ts",
    edits: [["REMEMBERED_MS = 60_000", "REMEMBERED_MS = 3_600_000"]],
    tests: ["evolution-webhook/unit/known-senders.test.ts"],
  },
  {
    name: "a key of after a rotation is refused until the old one is forgotten",
    file: "supabase/functions/evolution-webhook/known-senders.ts",
    edits: [[
      "if (verdict.trusted) return { verdict, readNow: false };",
      "return { verdict, readNow: false };",
    ]],
    tests: ["evolution-webhook/unit/known-senders.test.ts"],
  },
  {
    name: "a history is written by a key that may have ended",
    file: "supabase/functions/evolution-webhook/sender.ts",
    edits: [["=> readNow ? verdict", "=> true ? verdict"]],
    tests: ["evolution-webhook/unit/known-senders.test.ts"],
  },
  {
    name: "a `connecting` that somebody counts is let pass",
    file: "supabase/functions/evolution-webhook/connecting-storms.ts",
    edits: [['if (result === "ignored") ignored.set', "if (true) ignored.set"]],
    tests: ["evolution-webhook/unit/known-senders.test.ts"],
  },
  {
    name: "a close among many `connecting` is let pass",
    file: "supabase/functions/evolution-webhook/connecting-storms.ts",
    edits: [[' && change.state === "connecting" &&', " &&"]],
    tests: ["evolution-webhook/unit/known-senders.test.ts"],
  },
  {
    name: "seconds are read as milliseconds",
    file: "supabase/functions/_shared/messages/event-fields.ts",
    edits: [["secondsOf(value) * 1000", "secondsOf(value)"]],
    tests: ["evolution-webhook/unit/event-fields.test.ts"],
  },
  {
    name: "one person is two conversations, by number and by hidden address",
    file: RECEIVED,
    edits: [["const others = isHidden(remoteJid) ?", "const others = false ?"]],
    tests: ["evolution-webhook/unit/read-event.test.ts"],
  },
  {
    name: "each device of a person is a conversation",
    file: RECEIVED,
    edits: [["(?::\\d+)?@(", "@("]],
    tests: ["evolution-webhook/unit/read-event.test.ts"],
  },
  {
    name: "a webhook by events goes nowhere",
    file: "supabase/functions/evolution-webhook/sender.ts",
    edits: [["(?:\\/|$)/i", "$/i"]],
    tests: ["evolution-webhook/unit/handler.test.ts"],
  },
];
