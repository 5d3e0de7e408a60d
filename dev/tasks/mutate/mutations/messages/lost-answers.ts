/**
 * Mistakes in telling what became of a message whose answer was lost.
 *
 * @module
 */

import { mistakesIn, type Mutation } from "../../mutation.ts";

const MESSAGES = "supabase/migrations/20261126201100_messages.sql";

/** See {@linkcode Mutation}. */
export const LOST_ANSWER_MUTATIONS: readonly Mutation[] = [
  ...mistakesIn(MESSAGES, "database/messages/lost-answers.test.ts", {
    "a lost answer is guessed among several messages": [[
      "select case when count(*) = 1 then",
      "select case when count(*) > 0 then",
    ]],
    "a lost answer is told by whatever was sent to that person": [[
      "    and ghost_repair.digest_content(m.message_type, m.content, m.caption) = p_report",
      "    and p_report.content_digest is not null and p_report.content_digest = p_report",
    ]],
    "a lost answer is told by what was sent before it was asked for": [[
      "and m.sending_since <= p_report.received_at",
      "and true",
    ], [
      "    and r.received_at >= p_message.sending_since\n",
      "",
    ]],
    "a lost answer is told by what is sent much later": [[
      "      > p_report.received_at - (select s.report_patience from ghost_repair.settings s)",
      "      > p_report.received_at - interval '1 day'",
    ], [
      "  > ghost_repair.now() - 2 * (select s.report_patience from ghost_repair.settings s);",
      "  > ghost_repair.now() - interval '1 day';",
    ]],
    "what is known not to have left is sent by a report": [
      [
        "where m.status = 'failed' and m.may_have_left and m.sending_since",
        "where m.status = 'failed' and m.sending_since",
      ],
      [
        "(m.status = 'sending' or (m.status = 'failed' and m.may_have_left))",
        "m.status in ('sending', 'failed')",
      ],
    ],
    "a reported message is given up on all the same": [[
      "where u.reported_id is not null limit",
      "where false and u.reported_id is not null limit",
    ]],
    "a report tells a message although it may mean another": [[
      "    and ghost_repair.reported_message(r) = p_message.id\n",
      "",
    ]],
  }),
];
