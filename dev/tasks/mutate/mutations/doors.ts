/**
 * Mistakes at the doors: who is let in, what may be called on somebody's word, what is said.
 *
 * @module
 */

import type { Mutation } from "../mutation.ts";

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

/** See {@linkcode Mutation}. */
export const DOOR_MUTATIONS: readonly Mutation[] = [
  {
    name: "many lines of little weight take the place of an error's",
    file: LOG_BUDGET,
    edits: [["debug: 40, info: 60", "debug: 95, info: 95"]],
    tests: ["shared/runtime/log-budget.test.ts"],
  },
  {
    name: "lines that were left out are never told",
    file: LOG_BUDGET,
    edits: [["      if (leftOut > 0) {", "      if (false) {"]],
    tests: ["shared/runtime/log-budget.test.ts"],
  },
  {
    name: "a token of another audience signs a user in",
    file: "supabase/functions/evolution-api/authenticator.ts",
    edits: [['role: z.literal("authenticated")', "role: z.string()"]],
    tests: ["evolution-api/authenticator.test.ts"],
  },
  {
    name: "an auth server that is away signs people out",
    file: "supabase/functions/evolution-api/authenticator.ts",
    edits: [['        if (isUnavailable(error)) return { outcome: "unavailable" };\n', ""]],
    tests: ["security/people.test.ts"],
  },
  {
    name: "where no secret is configured everybody plays the scheduler",
    file: AUTH,
    edits: [["if (!matches.includes(true)) throw", "if (matches.includes(false)) throw"]],
    tests: ["security/people.test.ts"],
  },
  {
    name: "anybody may play the scheduler",
    file: RECONNECT,
    edits: [["    requireCronSecret(request, effects.cronSecrets);\n", ""]],
    tests: ["auto-reconnect-instances/handler.test.ts"],
  },
  {
    name: "anybody may advance the ladder",
    file: LADDER,
    edits: [["    requireCronSecret(request, effects.cronSecrets);\n", ""]],
    tests: ["security/people.test.ts"],
  },
  {
    name: "anybody may release what is held",
    file: RELEASE,
    edits: [["    requireCronSecret(request, effects.cronSecrets);\n", ""]],
    tests: ["security/people.test.ts"],
  },
  {
    name: "a webhook is believed for a year after it was signed",
    file: SENDER,
    edits: [["exp - iat > LIFETIME_S", "exp < iat"]],
    tests: ["evolution-webhook/unit/verify-sender.test.ts"],
  },
  {
    name: "a webhook is believed whatever it is signed with",
    file: SENDER,
    edits: [[
      "  const shown = verdicts[place];",
      "  const shown = verdicts[place] || true;",
    ]],
    tests: ["evolution-webhook/unit/verify-sender.test.ts"],
  },
  {
    name: "a webhook that is tried again after its token's end is refused for good",
    file: SENDER,
    edits: [["clockTolerance: RETRIES_S + CLOCK_TOLERANCE_S", "clockTolerance: CLOCK_TOLERANCE_S"]],
    tests: ["evolution-webhook/unit/verify-sender.test.ts"],
  },
  {
    name: "a webhook may be signed in the future",
    file: SENDER,
    edits: [["iat <= now.getTime() / 1000 + CLOCK_TOLERANCE_S ? iat : false", "iat"]],
    tests: ["evolution-webhook/unit/verify-sender.test.ts"],
  },
  {
    name: "a static token makes a bad bearer good",
    file: SENDER,
    edits: [[
      "const byBearer = credentials.authorization !== null;",
      "const byBearer = credentials.token === null;",
    ]],
    tests: ["evolution-webhook/unit/verify-sender.test.ts"],
  },
  {
    name: "a number without a static token accepts an empty one",
    file: SENDER,
    edits: [[
      'equalSecrets(given ?? "", expected ?? "no token configured")',
      'equalSecrets(given ?? "", expected ?? "")',
    ], ['return same && expected !== null && expected !== "";', "return same;"]],
    tests: ["evolution-webhook/unit/verify-sender.test.ts"],
  },
  {
    name: "a secret's beginning opens the door",
    file: AUTH,
    edits: [["given.length ^ expected.length", "0"]],
    tests: ["shared/http/headers.test.ts"],
  },
  {
    name: "one public address makes a name's private ones good",
    file: ADDRESS,
    edits: [["addresses.every(isPublic)", "addresses.some(isPublic)"]],
    tests: ["shared/runtime/public-address.test.ts"],
  },
  {
    name: "a private address inside an IPv6 one is public",
    file: ADDRESS,
    edits: [["ipaddr.process(text)", "ipaddr.parse(text)"], [
      'address.range() === "unicast" &&\n    (',
      'address.range() === "ipv4Mapped" || address.range() === "unicast" &&\n    (',
    ]],
    tests: ["shared/runtime/public-address.test.ts"],
  },
  {
    name: "plain http is called on somebody's word",
    file: ADDRESS,
    edits: [['  if (url.protocol !== "https:") return "not_https";\n', ""]],
    tests: ["shared/runtime/public-address.test.ts"],
  },
  {
    name: "the language that is wanted least is taken",
    file: LANGUAGE,
    edits: [["b.quality - a.quality", "a.quality - b.quality"]],
    tests: ["shared/http/headers.test.ts"],
  },
  {
    name: "a NUL in a message fails at every write",
    file: "supabase/functions/_shared/http/validation.ts",
    edits: [['text.replaceAll("\\u0000", "").toWellFormed()', "text.toWellFormed()"]],
    tests: ["shared/http/validation.test.ts"],
  },
  {
    name: "a database that lacks a function is a caller's mistake in the log",
    file: "supabase/functions/_shared/http/serve.ts",
    edits: [['error === thrown ? "info" : "error"', '"info"']],
    tests: ["shared/http/serve.test.ts"],
  },
  {
    name: "the page asks as a stranger while its token is renewed",
    file: "console/data/api.ts",
    edits: [["const init = { method:", 'token = "";\n    const init = { method:']],
    tests: ["console/api.test.ts"],
  },
  {
    name: "the page promises a restart that does not help",
    file: "console/data/next-action.ts",
    edits: [['restart ? "nextOperator" : "nextPerson"', '"nextOperator"']],
    tests: ["console/next-action.test.ts"],
  },
  {
    name: "a body of any size is read",
    file: "supabase/functions/_shared/http/announced-bytes.ts",
    edits: [["announced > limit", "false"]],
    tests: ["evolution-api/large-bodies.test.ts"],
  },
  {
    name: "a body of any size is read where its length is not announced",
    file: "supabase/functions/_shared/http/read-request.ts",
    edits: [["limit: limits.body", "limit: Infinity"]],
    tests: ["evolution-api/large-bodies.test.ts"],
  },
  {
    name: "a database that does not answer is said to be our mistake",
    file: HTTP,
    edits: [["thrown instanceof DatabaseError", "false"]],
    tests: ["evolution-webhook/unit/handler.test.ts"],
  },
  {
    name: "a person is told of an error in the other language",
    file: ERRORS,
    edits: [[
      "detail === undefined ? known[language] : `${known[language]} ${detail}`",
      'known[language === "pt" ? "en" : "pt"]',
    ]],
    tests: ["evolution-api/send/bad-input.test.ts"],
  },
  {
    name: "an error's own words, which may hold a key, are logged",
    file: LOG,
    edits: [[
      'typeof code === "string" && code !== "" ? `${error.name}:${code}` : error.name',
      "error.message",
    ]],
    tests: ["auto-reconnect-instances/handler.test.ts"],
  },
];
