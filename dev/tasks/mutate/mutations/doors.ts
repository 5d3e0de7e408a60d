/**
 * Mistakes at the doors: who is let in, what may be called on somebody's word, what is said.
 *
 * @module
 */

import { mistakesIn, type Mutation } from "../mutation.ts";

const AUTH = "supabase/functions/_shared/http/auth.ts";
const RECONNECT = "supabase/functions/auto-reconnect-instances/handler.ts";
const LADDER = "supabase/functions/advance-ghost-repairs/handler.ts";
const RELEASE = "supabase/functions/release-held-messages/handler.ts";
const SENDER = "supabase/functions/evolution-webhook/verify-sender.ts";
const ADDRESS = "supabase/functions/_shared/runtime/public-address.ts";
const LANGUAGE = "supabase/functions/_shared/http/language.ts";
const HTTP = "supabase/functions/_shared/http/serve.ts";
const ERRORS = "supabase/functions/_shared/http/errors.ts";
const LOG = "supabase/functions/_shared/runtime/log.ts";
const LOG_BUDGET = "supabase/functions/_shared/runtime/log-budget.ts";
const AUTHENTICATOR = "supabase/functions/evolution-api/authenticator.ts";
const ANNOUNCED_BYTES = "supabase/functions/_shared/http/announced-bytes.ts";
const READ_REQUEST = "supabase/functions/_shared/http/read-request.ts";

/** See {@linkcode Mutation}. */
export const DOOR_MUTATIONS: readonly Mutation[] = [
  ...mistakesIn(LOG_BUDGET, "shared/runtime/log-budget.test.ts", {}),
  ...mistakesIn(AUTHENTICATOR, "evolution-api/authenticator.test.ts", {
    "a token of another audience signs a user in": [[
      'role: z.literal("authenticated")',
      "role: z.string()",
    ]],
  }),
  ...mistakesIn(AUTHENTICATOR, "security/people.test.ts", {
    "an auth server that is away signs people out": [[
      '        if (isUnavailable(error)) return { outcome: "unavailable" };\n',
      "",
    ]],
  }),
  ...mistakesIn(AUTH, "security/people.test.ts", {
    "where no secret is configured everybody plays the scheduler": [[
      "if (!matches.includes(true)) throw",
      "if (matches.includes(false)) throw",
    ]],
  }),
  ...mistakesIn(RECONNECT, "auto-reconnect-instances/handler.test.ts", {}),
  ...mistakesIn(LADDER, "security/people.test.ts", {}),
  ...mistakesIn(RELEASE, "security/people.test.ts", {}),
  ...mistakesIn(SENDER, "evolution-webhook/unit/verify-sender.test.ts", {
    "a webhook is believed for a year after it was signed": [[
      "exp - iat > LIFETIME_S",
      "exp < iat",
    ]],
    "a webhook is believed whatever it is signed with": [[
      "  const shown = verdicts[place];",
      "  const shown = verdicts[place] || true;",
    ]],
    "a webhook that is tried again after its token's end is refused for good": [[
      "clockTolerance: RETRIES_S + CLOCK_TOLERANCE_S",
      "clockTolerance: CLOCK_TOLERANCE_S",
    ]],
    "a webhook may be signed in the future": [[
      "iat <= now.getTime() / 1000 + CLOCK_TOLERANCE_S ? iat : false",
      "iat",
    ]],
    "a static token makes a bad bearer good": [[
      "const byBearer = credentials.authorization !== null;",
      "const byBearer = credentials.token === null;",
    ]],
    "a number without a static token accepts an empty one": [[
      'equalSecrets(given ?? "", expected ?? "no token configured")',
      'equalSecrets(given ?? "", expected ?? "")',
    ], ['return same && expected !== null && expected !== "";', "return same;"]],
  }),
  ...mistakesIn(AUTH, "shared/http/headers.test.ts", {
    "a secret's beginning opens the door": [["given.length ^ expected.length", "0"]],
  }),
  ...mistakesIn(ADDRESS, "shared/runtime/public-address.test.ts", {
    "one public address makes a name's private ones good": [[
      "addresses.every(isPublic)",
      "addresses.some(isPublic)",
    ]],
    "a private address inside an IPv6 one is public": [[
      "ipaddr.process(text)",
      "ipaddr.parse(text)",
    ], [
      'address.range() === "unicast" &&\n    (',
      'address.range() === "ipv4Mapped" || address.range() === "unicast" &&\n    (',
    ]],
    "plain http is called on somebody's word": [[
      '  if (url.protocol !== "https:") return "not_https";\n',
      "",
    ]],
  }),
  ...mistakesIn(LANGUAGE, "shared/http/headers.test.ts", {
    "the language that is wanted least is taken": [[
      "b.quality - a.quality",
      "a.quality - b.quality",
    ]],
  }),
  ...mistakesIn("supabase/functions/_shared/http/validation.ts", "shared/http/validation.test.ts", {
    "a NUL in a message fails at every write": [[
      'text.replaceAll("\\u0000", "").toWellFormed()',
      "text.toWellFormed()",
    ]],
  }),
  ...mistakesIn(HTTP, "shared/http/serve.test.ts", {
    "a database that lacks a function is a caller's mistake in the log": [[
      'error === thrown ? "info" : "error"',
      '"info"',
    ]],
  }),
  ...mistakesIn("console/data/api.ts", "console/api.test.ts", {
    "the page asks as a stranger while its token is renewed": [[
      "const init = { method:",
      'token = "";\n    const init = { method:',
    ]],
  }),
  ...mistakesIn("console/data/next-action.ts", "console/next-action.test.ts", {
    "the page promises a restart that does not help": [[
      'restart ? "nextOperator" : "nextPerson"',
      '"nextOperator"',
    ]],
  }),
  ...mistakesIn(ANNOUNCED_BYTES, "evolution-api/large-bodies.test.ts", {
    "a body of any size is read": [["announced > limit", "false"]],
  }),
  ...mistakesIn(READ_REQUEST, "evolution-api/large-bodies.test.ts", {
    "a body of any size is read where its length is not announced": [[
      "limit: limits.body",
      "limit: Infinity",
    ]],
  }),
  ...mistakesIn(HTTP, "evolution-webhook/unit/handler.test.ts", {
    "a database that does not answer is said to be our mistake": [[
      "thrown instanceof DatabaseError",
      "false",
    ]],
  }),
  ...mistakesIn(ERRORS, "evolution-api/send/bad-input.test.ts", {
    "a person is told of an error in the other language": [[
      "detail === undefined ? known[language] : `${known[language]} ${detail}`",
      'known[language === "pt" ? "en" : "pt"]',
    ]],
  }),
  ...mistakesIn(LOG, "auto-reconnect-instances/handler.test.ts", {
    "an error's own words, which may hold a key, are logged": [[
      'typeof code === "string" && code !== "" ? `${error.name}:${code}` : error.name',
      "error.message",
    ]],
  }),
  ...mistakesIn(
    "supabase/functions/_shared/http/serve-scheduled.ts",
    "shared/http/serve-scheduled.test.ts",
    {
      "anybody may play the scheduler": [["    requireCronSecret(request, cronSecrets);\n", ""]],
    },
  ),
  ...mistakesIn("supabase/functions/_shared/runtime/log.ts", "shared/runtime/log.test.ts", {
    "many lines of little weight take the place of an error's": [[
      "debug: 40, info: 60",
      "debug: 95, info: 95",
    ]],
    "lines that were left out are never told": [["      if (leftOut > 0) {", "      if (false) {"]],
  }),
];
