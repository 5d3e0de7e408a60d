/**
 * Mistakes in how large media goes through memory.
 *
 * @module
 */

import { mistakesIn, type Mutation } from "../../mutation.ts";

const RUNTIME = "supabase/functions/_shared/runtime";
const JSON_READER = `${RUNTIME}/large-json.ts`;
const BUDGET = `${RUNTIME}/byte-budget.ts`;
const BASE64 = "supabase/functions/_shared/messages/read-base64.ts";
const REQUEST = "supabase/functions/_shared/http/read-request.ts";
const MEMORY = "supabase/functions/evolution-api/media-memory.ts";
const reader = ["shared/runtime/large-json.test.ts"];
const budget = ["shared/runtime/byte-budget.test.ts"];
const bytes = ["shared/messages/read-base64.test.ts"];
const bodies = ["evolution-api/large-bodies.test.ts"];
const memory = ["evolution-api/media-memory.test.ts"];
const DECIDE = "supabase/functions/release-held-messages/decide.ts";

/** See {@linkcode Mutation}. */
export const LARGE_MEDIA_MUTATIONS: readonly Mutation[] = [
  ...mistakesIn(JSON_READER, reader, {
    "media stays a string": [["bytes > LARGE_TEXT_BYTES", "bytes > Infinity"]],
    "an escaped quote ends a text": [['this.#escape = "letter";', ""]],
    "a large text that is no JSON is taken": [[
      'if (!ESCAPABLE.has(byte)) throw new SyntaxError("no escape");',
      "",
    ]],
    "a large text without an end is taken": [["if (this.#inText) throw", "if (false) throw"]],
    "what stands before a large text is lost where a chunk ends": [[
      "this.#textAt = this.#parts.length;",
      "this.#textAt = this.#parts.length - 1;",
    ]],
  }),
  ...mistakesIn(BUDGET, budget, {
    "a small body goes before a large one for ever": [[
      "if (waiting.length === 0 && bytes <= free)",
      "if (bytes <= free)",
    ]],
    "more bytes are held than there are": [["waiting.length === 0 && bytes <= free", "true"]],
    "who stood behind one that gave up waits on": [["      giveBack(0);\n", ""]],
    "work does not hold its memory": [["holders++;\n      work.then(release, release);", ""]],
  }),
  ...mistakesIn(BASE64, bytes, {
    "bytes of another alphabet are base64": [["ALPHABET[code] !== 1 || padding > 0", "false"]],
    "base64 that a client escaped is refused": [['escape[1] === "u" ? 6 : 2', "2"]],
    "three signs of padding are base64": [["isBase64 && padding <= 2", "isBase64"]],
  }),
  ...mistakesIn(REQUEST, bodies, {
    "beside media there is anything": [["if (reader.restBytes > limits.rest)", "if (false)"]],
    "a long text that is no media is never counted": [["if (rest > maxRest)", "if (false)"]],
    "a large body is read while it waits": [["if (isAnnounced) await admit();", ""]],
  }),
  ...mistakesIn(`${RUNTIME}/limited-body.ts`, bodies, {
    "a body of which one does not know how large it is needs no room": [[
      "        await large!.admit();\n",
      "",
    ]],
  }),
  ...mistakesIn(MEMORY, memory, {
    "a body that does not arrive keeps others waiting": [[
      "clock.sleep(ARRIVAL_MS, arrived.signal).then(late, () => {});",
      "void late;",
    ]],
    "media gives its room away before it has left": [["share?.holdFor(work);", ""]],
    "a text takes a file's room": [["share?.shrinkTo(", "void ("]],
  }),
  ...mistakesIn(`${RUNTIME}/database.ts`, "shared/runtime/large-calls.test.ts", {
    "media goes to the database as a string": [[
      "onceOnlyBody(writeJson(init.body, sent))",
      "init.body",
    ]],
  }),
  ...mistakesIn(DECIDE, "release-held-messages/decide.test.ts", {
    "a message whose media has no room is taken for the last": [['last === "no_room" || ', ""]],
  }),
];
