/**
 * Mistakes in whose a message's file is, where it comes from, and how it leaves.
 *
 * @module
 */

import type { Mutation } from "../../mutation.ts";

const FIND = "supabase/migrations/20261127225000_find_media.sql";
const GET = "supabase/functions/evolution-api/actions/get-media.ts";
const FILE = "supabase/functions/_shared/gateway/file.ts";
const EXCHANGE = "supabase/functions/_shared/gateway/exchange.ts";
const ANSWER = "supabase/functions/evolution-api/large-answer.ts";
const found = ["database/messages/find-media.test.ts"];
const asked = ["evolution-api/actions/get-media.test.ts"];
const read = ["shared/gateway/file.test.ts"];
const answered = ["evolution-api/large-answer.test.ts"];

/** See {@linkcode Mutation}. */
export const FILE_MUTATIONS: readonly Mutation[] = [
  {
    name: "anybody gets the file of a message",
    file: FIND,
    edits: [[" and o.user_id = p_user_id\n", "\n"]],
    tests: found,
  },
  {
    name: "the file of an erased customer is handed out",
    file: FIND,
    edits: [[" and c.remote_jid <> 'erased'", ""]],
    tests: found,
  },
  {
    name: "a file that its sender deleted is fetched",
    file: FIND,
    edits: [["  elsif v_message.deleted_at is not null then\n", "  elsif false then\n"]],
    tests: found,
  },
  {
    name: "an address that has expired is all there is of a file",
    file: FIND,
    edits: [[" and not p_as_bytes then", " then"]],
    tests: found,
  },
  {
    name: "the gateway of a deleted number is asked for a file",
    file: FIND,
    edits: [[
      "    or ghost_repair.is_deleted(v_message.whatsapp_instance_id) then\n",
      "    or false then\n",
    ]],
    tests: found,
  },
  {
    name: "a gateway loads any file into its memory",
    file: GET,
    edits: [["if (sentAt !== null) await", "if (false) await"]],
    tests: asked,
  },
  {
    name: "what a gateway calls base64 is handed on unread",
    file: GET,
    edits: [["base64: readFile(answer.base64)", "base64: answer.base64"]],
    tests: asked,
  },
  {
    name: "a file without room is a gateway that is away",
    file: GET,
    edits: [["  if (noRoom !== undefined) throw noRoom;\n", ""]],
    tests: ["evolution-api/actions/get-media-room.test.ts"],
  },
  {
    name: "a file without room is a database that is away",
    file: GET,
    edits: [["throw noRoom ?? error;", "throw error;"]],
    tests: ["evolution-api/actions/get-media-room.test.ts"],
  },
  {
    name: "a file that nobody can have again is worth another try",
    file: FILE,
    edits: [['if (isSaid(EXPIRED)) return ended("expired", answer);\n', ""]],
    tests: read,
  },
  {
    name: "a session that is not open is a file that cannot be had",
    file: FILE,
    edits: [["if (isConnectionClosed(answer.body) || isSaid(NOT_LOADED))", "if (false)"]],
    tests: read,
  },
  {
    name: "a file of more than four GB is a small one",
    file: FILE,
    edits: [["said.high * 2 ** 32 + (said.low >>> 0)", "said.low"]],
    tests: read,
  },
  {
    name: "a gateway's file is read without room for it",
    file: EXCHANGE,
    edits: [["signal, large: file };", "signal };"]],
    tests: read,
  },
  {
    name: "what a gateway says beside a file has no limit",
    file: EXCHANGE,
    edits: [["if (reader.restBytes > bodyBytes) throw", "if (false) throw"]],
    tests: read,
  },
  {
    name: "a file's room is given back before it has left",
    file: ANSWER,
    edits: [["  room.holdFor(left);\n", ""]],
    tests: answered,
  },
  {
    name: "who never fetches a file keeps its room for ever",
    file: ANSWER,
    edits: [["const LEAVING_MS = 60_000;", "const LEAVING_MS = 600_000;"]],
    tests: answered,
  },
];
