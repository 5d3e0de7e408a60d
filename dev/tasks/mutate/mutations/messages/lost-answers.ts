/**
 * Mistakes in telling what became of a message whose answer was lost.
 *
 * @module
 */

import type { Mutation } from "../../mutation.ts";

const MESSAGES = "supabase/migrations/20261126201100_messages.sql";

/** See {@linkcode Mutation}. */
export const LOST_ANSWER_MUTATIONS: readonly Mutation[] = [
  {
    name: "a lost answer is guessed among several messages",
    file: MESSAGES,
    edits: [["select case when count(*) = 1 then", "select case when count(*) > 0 then"]],
    tests: ["database/messages/lost-answers.test.ts"],
  },
  {
    name: "a lost answer is told by whatever was sent to that person",
    file: MESSAGES,
    edits: [[
      "    and ghost_repair.digest_content(m.message_type, m.content, m.caption) = p_report",
      "    and p_report.content_digest is not null and p_report.content_digest = p_report",
    ]],
    tests: ["database/messages/lost-answers.test.ts"],
  },
  {
    name: "a lost answer is told by what was sent before it was asked for",
    file: MESSAGES,
    edits: [["and m.sending_since <= p_report.received_at", "and true"], [
      "    and r.received_at >= p_message.sending_since\n",
      "",
    ]],
    tests: ["database/messages/lost-answers.test.ts"],
  },
  {
    name: "a lost answer is told by what is sent much later",
    file: MESSAGES,
    edits: [[
      "      > p_report.received_at - (select s.report_patience from ghost_repair.settings s)",
      "      > p_report.received_at - interval '1 day'",
    ], [
      "  > ghost_repair.now() - 2 * (select s.report_patience from ghost_repair.settings s);",
      "  > ghost_repair.now() - interval '1 day';",
    ]],
    tests: ["database/messages/lost-answers.test.ts"],
  },
  {
    name: "what is known not to have left is sent by a report",
    file: MESSAGES,
    edits: [
      [
        "where m.status = 'failed' and m.may_have_left and m.sending_since",
        "where m.status = 'failed' and m.sending_since",
      ],
      [
        "(m.status = 'sending' or (m.status = 'failed' and m.may_have_left))",
        "m.status in ('sending', 'failed')",
      ],
    ],
    tests: ["database/messages/lost-answers.test.ts"],
  },
  {
    name: "a reported message is given up on all the same",
    file: MESSAGES,
    edits: [[
      "where u.reported_id is not null limit",
      "where false and u.reported_id is not null limit",
    ]],
    tests: ["database/messages/lost-answers.test.ts"],
  },
  {
    name: "a report tells a message although it may mean another",
    file: MESSAGES,
    edits: [["    and ghost_repair.reported_message(r) = p_message.id\n", ""]],
    tests: ["database/messages/lost-answers.test.ts"],
  },
];
