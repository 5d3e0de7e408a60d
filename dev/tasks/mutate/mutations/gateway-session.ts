/**
 * Mistakes in what the gateway says of a session.
 *
 * @module
 */

import { mistakesIn, type Mutation } from "../mutation.ts";

const SESSION = "supabase/functions/_shared/gateway/session.ts";
const SETTINGS = "supabase/functions/_shared/gateway/settings.ts";
const NUMBER = "supabase/functions/_shared/gateway/own-number.ts";

/** See {@linkcode Mutation}. */
export const GATEWAY_SESSION_MUTATIONS: readonly Mutation[] = [
  ...mistakesIn(SESSION, "shared/gateway/session.test.ts", {
    "an answer about another number proves that ours lives": [[
      "number !== null && isSameNumber(number, ownNumber)",
      "number !== null",
    ]],
    "any 200 proves that the socket lives": [[
      'ended(alive ? "alive"',
      'ended(answer.httpStatus === 200 ? "alive"',
    ]],
    "another instance's row is read for ours": [[
      "z.safeParse(named, item).data?.name === instanceName",
      "z.safeParse(named, item).success",
    ]],
    "an empty registry is an answer that makes no sense": [[
      "  if (answer.body.length === 0)",
      "  if (answer.body.length < 0)",
    ]],
    "memory without a state is taken for closed": [[
      'instance.state ?? "missing"',
      'instance.state ?? "close"',
    ]],
  }),
  ...mistakesIn(SESSION, ["shared/gateway/session.test.ts", "shared/gateway/recordings.test.ts"], {
    "a logout that the dead socket could not do is taken for done": [[
      'ended("socket_dead", answer)',
      'ended("accepted", answer)',
    ]],
    "an error that comes as HTTP 200 counts as connected": [[
      '  if (z.safeParse(failed, body).success) return { kind: "refused" };\n',
      "",
    ]],
  }),
  ...mistakesIn(SETTINGS, "shared/gateway/session.test.ts", {}),
  ...mistakesIn(NUMBER, "shared/gateway/session.test.ts", {
    "a Brazilian number without its ninth digit is somebody else": [[
      '.replace(BRAZIL, "$1$2")',
      "",
    ]],
    "a group is taken for a person's number": [[
      '  if (server !== undefined && server !== "s.whatsapp.net" && server !== "c.us") return null;\n',
      "",
    ]],
  }),
  ...mistakesIn(
    "supabase/functions/_shared/gateway/existence.ts",
    "shared/gateway/session.test.ts",
    {
      "a wrong key is taken for a name that is taken": [[
        "messageElements(exchange.body).some((element) => /already in use\\W*$/i.test(element))",
        "true",
      ]],
      "a webhook that was stored with another address counts as set": [[
        "z.safeParse(webhook, answer.body).data?.url === url",
        "z.safeParse(webhook, answer.body).success",
      ]],
    },
  ),
];
