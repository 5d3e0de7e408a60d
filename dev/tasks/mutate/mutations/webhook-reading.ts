/**
 * Mistakes in reading the gateway's reports.
 *
 * @module
 */

import type { Mutation } from "../mutation.ts";

const EVENT = "supabase/functions/evolution-webhook/read-event.ts";
const CONNECTION = "supabase/functions/evolution-webhook/connection-events.ts";
const MESSAGES = "supabase/functions/evolution-webhook/message-events.ts";
const CONTENT = "supabase/functions/evolution-webhook/message-content.ts";
const TIME = "supabase/functions/evolution-webhook/event-time.ts";
const JID = "supabase/functions/evolution-webhook/remote-jid.ts";
const ADDRESS = "supabase/functions/evolution-webhook/instance-address.ts";

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
    file: EVENT,
    edits: [["    if (!(error instanceof z.ZodError)) throw error;\n", "    throw error;\n"]],
    tests: ["evolution-webhook/unit/read-event.test.ts"],
  },
  {
    name: "an unpaired device is not heard of",
    file: CONNECTION,
    edits: [['word === "closed" ? [closed', 'word === "removed" ? [closed']],
    tests: ["evolution-webhook/unit/read-samples.test.ts"],
  },
  {
    name: "the notice that no more QR codes come is malformed",
    file: CONNECTION,
    edits: [["  if (qrLimit.safeParse(data).success) return [];\n", ""]],
    tests: ["evolution-webhook/unit/read-samples.test.ts"],
  },
  {
    name: "a sender in a group gives the group a name",
    file: MESSAGES,
    edits: [["fromMe || isGroup(remoteJid) ? null", "fromMe ? null"]],
    tests: ["evolution-webhook/unit/read-event.test.ts"],
  },
  {
    name: "other people's acknowledgements count as ours",
    file: MESSAGES,
    edits: [["return ours && reached", "return reached"]],
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
    name: "WhatsApp's own encrypted address is shown as a picture",
    file: CONTENT,
    edits: [[
      "gatewayCopy.parse(outer.data).mediaUrl",
      "gatewayCopy.parse({ mediaUrl: anyObject.safeParse(inner[kind]).data?.url }).mediaUrl",
    ]],
    tests: ["evolution-webhook/unit/message-content.test.ts"],
  },
  {
    name: "one event from the future makes every later one look late",
    file: TIME,
    edits: [["ms >= FIRST_MS && ms <= now.getTime() + BELIEVED_AHEAD_MS", "ms >= FIRST_MS"]],
    tests: ["evolution-webhook/unit/event-time.test.ts"],
  },
  {
    name: "seconds are read as milliseconds",
    file: TIME,
    edits: [["secondsOf(value) * 1000", "secondsOf(value)"]],
    tests: ["evolution-webhook/unit/event-time.test.ts"],
  },
  {
    name: "one person is two conversations, by number and by hidden address",
    file: JID,
    edits: [[
      'remoteJid.endsWith("@lid") && remoteJidAlt?.endsWith',
      'remoteJid.endsWith("@hidden") && remoteJidAlt?.endsWith',
    ]],
    tests: ["evolution-webhook/unit/remote-jid.test.ts"],
  },
  {
    name: "each device of a person is a conversation",
    file: JID,
    edits: [["(?::\\d+)?@(", "@("]],
    tests: ["evolution-webhook/unit/remote-jid.test.ts"],
  },
  {
    name: "a webhook by events goes nowhere",
    file: ADDRESS,
    edits: [["(?:\\/|$)/i", "$/i"]],
    tests: ["evolution-webhook/unit/instance-address.test.ts"],
  },
];
