/**
 * Mistakes in reading the gateway's reports.
 *
 * @module
 */

import { mistakesIn, type Mutation } from "../mutation.ts";

const EVENT = "supabase/functions/evolution-webhook/read-event.ts";
const MESSAGES = "supabase/functions/evolution-webhook/message-events.ts";
const CONTENT = "supabase/functions/_shared/messages/message-content.ts";
const RECEIVED = "supabase/functions/_shared/messages/received-message.ts";
const EVENT_FIELDS = "supabase/functions/_shared/messages/event-fields.ts";
const SLIM_BODY = "supabase/functions/evolution-webhook/slim-body.ts";
const WEBHOOK = "supabase/migrations/20261126201200_webhook.sql";
const KNOWN_SENDERS = "supabase/functions/evolution-webhook/known-senders.ts";
const SENDER = "supabase/functions/evolution-webhook/sender.ts";
const CONNECTING_STORMS = "supabase/functions/evolution-webhook/connecting-storms.ts";

/** See {@linkcode Mutation}. */
export const WEBHOOK_READING_MUTATIONS: readonly Mutation[] = [
  ...mistakesIn(EVENT, "evolution-webhook/unit/read-samples.test.ts", {
    "events with upper-case names are unknown": [[
      'parsed.data.event.toLowerCase().replaceAll("_", ".")',
      "parsed.data.event",
    ]],
    "an unpaired device is not heard of": [[
      'word !== "closed") return',
      'word !== "removed") return',
    ]],
    "the notice that no more QR codes come is malformed": [[
      "  if (z.safeParse(qrLimit, data).success) return asks();\n",
      "",
    ]],
    "our own send is stored a second time": [[
      '["send.message", readSent]',
      '["send.message", readUpsert]',
    ]],
  }),
  ...mistakesIn(EVENT, "evolution-webhook/unit/read-event.test.ts", {}),
  ...mistakesIn(RECEIVED, "evolution-webhook/unit/read-event.test.ts", {
    "a sender in a group gives the group a name": [[
      "fromMe || isGroup(chat.remoteJid) ? null",
      "fromMe ? null",
    ]],
    "one person is two conversations, by number and by hidden address": [[
      "const others = isHidden(remoteJid) ?",
      "const others = false ?",
    ]],
    "each device of a person is a conversation": [["(?::\\d+)?@(", "@("]],
  }),
  ...mistakesIn(MESSAGES, "evolution-webhook/unit/read-event.test.ts", {}),
  ...mistakesIn(CONTENT, "evolution-webhook/unit/message-content.test.ts", {
    "a reaction is a message": [['  "reactionMessage",\n', ""]],
    "a picture that is to be seen once is of an unknown kind": [['  "viewOnceMessageV2",\n', ""]],
  }),
  ...mistakesIn(EVENT_FIELDS, "evolution-webhook/unit/event-fields.test.ts", {
    "a message from the future stays at the end for ever": [[
      "ms >= FIRST_MS && ms <= now.getTime() + BELIEVED_AHEAD_MS",
      "ms >= FIRST_MS",
    ]],
    "seconds are read as milliseconds": [["secondsOf(value) * 1000", "secondsOf(value)"]],
  }),
  ...mistakesIn(MESSAGES, "evolution-webhook/unit/read-event.test.ts", {}),
  ...mistakesIn(SLIM_BODY, "evolution-webhook/unit/slim-body.test.ts", {}),
  ...mistakesIn(WEBHOOK, "database/numbers/apply-webhook.test.ts", {
    "a webhook that asks for nothing was not delivered": [[
      "  elsif v_count = 0 then\n    perform ghost_repair.webhook_delivered(p_instance_id);",
      "  elsif v_count = 0 then\n    null;",
    ]],
  }),
  ...mistakesIn(KNOWN_SENDERS, "evolution-webhook/unit/known-senders.test.ts", {}),
  ...mistakesIn(SENDER, "evolution-webhook/unit/known-senders.test.ts", {}),
  ...mistakesIn(CONNECTING_STORMS, "evolution-webhook/unit/known-senders.test.ts", {}),
  ...mistakesIn(SENDER, "evolution-webhook/unit/handler.test.ts", {
    "a webhook by events goes nowhere": [["(?:\\/|$)/i", "$/i"]],
  }),
  ...mistakesIn(
    "supabase/functions/evolution-webhook/read-event.ts",
    "evolution-webhook/unit/read-event.test.ts",
    {
      "what can never be understood is our own fault, and comes again": [[
        "    if (!(error instanceof MalformedError)) throw error;\n    return",
        "    throw error;\n    return",
      ]],
      "other people's acknowledgements count as ours": [["return ours && status", "return status"]],
      "one bad item loses its whole list": [[
        "if (!(error instanceof MalformedError)) throw error;\n      refused",
        "throw error;\n      refused",
      ]],
    },
  ),
  ...mistakesIn(
    "supabase/functions/evolution-webhook/read-body.ts",
    "evolution-webhook/unit/read-body.test.ts",
    {
      "a caption is lost with the picture that is too large": [[
        "        if (length > longest) from = end;\n",
        "",
      ], ["if (length > longest) held = [];", ""]],
    },
  ),
  ...mistakesIn(
    "supabase/functions/evolution-webhook/sender.ts",
    "evolution-webhook/unit/sender.test.ts",
    {
      "keys are remembered for an hour": [["REMEMBERED_MS = 60_000", "REMEMBERED_MS = 3_600_000"]],
      "a key of after a rotation is refused until the old one is forgotten": [[
        "if (verdict.trusted) return { verdict, readNow: false };",
        "return { verdict, readNow: false };",
      ]],
      "a history is written by a key that may have ended": [[
        "=> readNow ? verdict",
        "=> true ? verdict",
      ]],
    },
  ),
  ...mistakesIn(
    "supabase/functions/evolution-webhook/connecting-storms.ts",
    "evolution-webhook/unit/sender.test.ts",
    {
      "a `connecting` that somebody counts is let pass": [[
        'if (result === "ignored") ignored.set',
        "if (true) ignored.set",
      ]],
      "a close among many `connecting` is let pass": [[
        ' && change.state === "connecting" &&',
        " &&",
      ]],
    },
  ),
];
