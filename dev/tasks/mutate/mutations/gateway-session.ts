/**
 * Mistakes in what the gateway says of a session.
 *
 * @module
 */

import type { Mutation } from "../mutation.ts";

const SESSION = "supabase/functions/_shared/gateway/session.ts";
const SETTINGS = "supabase/functions/_shared/gateway/settings.ts";
const NUMBER = "supabase/functions/_shared/gateway/own-number.ts";

/** See {@linkcode Mutation}. */
export const GATEWAY_SESSION_MUTATIONS: readonly Mutation[] = [
  {
    name: "an answer about another number proves that ours lives",
    file: SESSION,
    edits: [["number !== null && isSameNumber(number, ownNumber)", "number !== null"]],
    tests: ["shared/gateway/session.test.ts"],
  },
  {
    name: "any 200 proves that the socket lives",
    file: "supabase/functions/_shared/gateway/session.ts",
    edits: [['ended(alive ? "alive"', 'ended(answer.httpStatus === 200 ? "alive"']],
    tests: ["shared/gateway/session.test.ts"],
  },
  {
    name: "another instance's row is read for ours",
    file: "supabase/functions/_shared/gateway/session.ts",
    edits: [[
      "z.safeParse(named, item).data?.name === instanceName",
      "z.safeParse(named, item).success",
    ]],
    tests: ["shared/gateway/session.test.ts"],
  },
  {
    name: "an empty registry is an answer that makes no sense",
    file: SESSION,
    edits: [["  if (answer.body.length === 0)", "  if (answer.body.length < 0)"]],
    tests: ["shared/gateway/session.test.ts"],
  },
  {
    name: "memory without a state is taken for closed",
    file: SESSION,
    edits: [['instance.state ?? "missing"', 'instance.state ?? "close"']],
    tests: ["shared/gateway/session.test.ts"],
  },
  {
    name: "a logout that the dead socket could not do is taken for done",
    file: "supabase/functions/_shared/gateway/session.ts",
    edits: [['ended("socket_dead", answer)', 'ended("accepted", answer)']],
    tests: ["shared/gateway/session.test.ts", "shared/gateway/recordings.test.ts"],
  },
  {
    name: "a wrong key is taken for a name that is taken",
    file: SETTINGS,
    edits: [[
      "messageElements(exchange.body).some((element) => /already in use\\W*$/i.test(element))",
      "true",
    ]],
    tests: ["shared/gateway/session.test.ts"],
  },
  {
    name: "a webhook that was stored with another address counts as set",
    file: "supabase/functions/_shared/gateway/settings.ts",
    edits: [[
      "z.safeParse(webhook, answer.body).data?.url === url",
      "z.safeParse(webhook, answer.body).success",
    ]],
    tests: ["shared/gateway/session.test.ts"],
  },
  {
    name: "an error that comes as HTTP 200 counts as connected",
    file: "supabase/functions/_shared/gateway/session.ts",
    edits: [['  if (z.safeParse(failed, body).success) return { kind: "refused" };\n', ""]],
    tests: ["shared/gateway/session.test.ts", "shared/gateway/recordings.test.ts"],
  },
  {
    name: "a Brazilian number without its ninth digit is somebody else",
    file: NUMBER,
    edits: [['.replace(BRAZIL, "$1$2")', ""]],
    tests: ["shared/gateway/session.test.ts"],
  },
  {
    name: "a group is taken for a person's number",
    file: NUMBER,
    edits: [[
      '  if (server !== undefined && server !== "s.whatsapp.net" && server !== "c.us") return null;\n',
      "",
    ]],
    tests: ["shared/gateway/session.test.ts"],
  },
];
