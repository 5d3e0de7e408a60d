/**
 * Mistakes in how large media goes through memory.
 *
 * @module
 */

import type { Mutation } from "../../mutation.ts";

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

/** See {@linkcode Mutation}. */
export const LARGE_MEDIA_MUTATIONS: readonly Mutation[] = [
  {
    name: "media stays a string",
    file: JSON_READER,
    edits: [["bytes > LARGE_TEXT_BYTES", "bytes > Infinity"]],
    tests: reader,
  },
  {
    name: "an escaped quote ends a text",
    file: JSON_READER,
    edits: [['this.#escape = "letter";', ""]],
    tests: reader,
  },
  {
    name: "a large text that is no JSON is taken",
    file: JSON_READER,
    edits: [['if (!ESCAPABLE.has(byte)) throw new SyntaxError("no escape");', ""]],
    tests: reader,
  },
  {
    name: "a large text without an end is taken",
    file: JSON_READER,
    edits: [["if (this.#inText) throw", "if (false) throw"]],
    tests: reader,
  },
  {
    name: "what stands before a large text is lost where a chunk ends",
    file: JSON_READER,
    edits: [["this.#textAt = this.#parts.length;", "this.#textAt = this.#parts.length - 1;"]],
    tests: reader,
  },
  {
    name: "a small body goes before a large one for ever",
    file: BUDGET,
    edits: [["if (waiting.length === 0 && bytes <= free)", "if (bytes <= free)"]],
    tests: budget,
  },
  {
    name: "more bytes are held than there are",
    file: BUDGET,
    edits: [["waiting.length === 0 && bytes <= free", "true"]],
    tests: budget,
  },
  {
    name: "who stood behind one that gave up waits on",
    file: BUDGET,
    edits: [["      giveBack(0);\n", ""]],
    tests: budget,
  },
  {
    name: "work does not hold its memory",
    file: BUDGET,
    edits: [["holders++;\n      work.then(release, release);", ""]],
    tests: budget,
  },
  {
    name: "bytes of another alphabet are base64",
    file: BASE64,
    edits: [["ALPHABET[code] !== 1 || padding > 0", "false"]],
    tests: bytes,
  },
  {
    name: "base64 that a client escaped is refused",
    file: BASE64,
    edits: [['escape[1] === "u" ? 6 : 2', "2"]],
    tests: bytes,
  },
  {
    name: "three signs of padding are base64",
    file: BASE64,
    edits: [["isBase64 && padding <= 2", "isBase64"]],
    tests: bytes,
  },
  {
    name: "beside media there is anything",
    file: REQUEST,
    edits: [["if (reader.restBytes > limits.rest)", "if (false)"]],
    tests: bodies,
  },
  {
    name: "a long text that is no media is never counted",
    file: REQUEST,
    edits: [["if (rest > maxRest)", "if (false)"]],
    tests: bodies,
  },
  {
    name: "a large body is read while it waits",
    file: REQUEST,
    edits: [["if (isAnnounced) await admit();", ""]],
    tests: bodies,
  },
  {
    name: "a body of which one does not know how large it is needs no room",
    file: `${RUNTIME}/limited-body.ts`,
    edits: [["        await large!.admit();\n", ""]],
    tests: bodies,
  },
  {
    name: "a body that does not arrive keeps others waiting",
    file: MEMORY,
    edits: [["clock.sleep(ARRIVAL_MS, arrived.signal).then(late, () => {});", "void late;"]],
    tests: memory,
  },
  {
    name: "media gives its room away before it has left",
    file: MEMORY,
    edits: [["share?.holdFor(work);", ""]],
    tests: memory,
  },
  {
    name: "a text takes a file's room",
    file: MEMORY,
    edits: [["share?.shrinkTo(", "void ("]],
    tests: memory,
  },
  {
    name: "media goes to the database as a string",
    file: `${RUNTIME}/database.ts`,
    edits: [["onceOnlyBody(writeJson(init.body, sent))", "init.body"]],
    tests: ["shared/runtime/large-calls.test.ts"],
  },
  {
    name: "a message whose media has no room is taken for the last",
    file: "supabase/functions/release-held-messages/decide.ts",
    edits: [['last === "no_room" || ', ""]],
    tests: ["release-held-messages/decide.test.ts"],
  },
];
