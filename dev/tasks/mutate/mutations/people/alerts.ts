/**
 * Mistakes in telling people of numbers that need them.
 *
 * @module
 */

import { mistakesIn, type Mutation } from "../../mutation.ts";

const SQL = "supabase/migrations/20261126200712_alert_channels.sql";
const DECIDE = "supabase/functions/send-alerts/decide.ts";
const POST = "supabase/functions/_shared/http/post.ts";

/** See {@linkcode Mutation}. */
export const ALERT_MUTATIONS: readonly Mutation[] = [
  ...mistakesIn(SQL, "database/people/alerts.test.ts", {
    "quiet hours over midnight are none": [[
      "else t.now >= p_channel.quiet_from or t.now < p_channel.quiet_until end",
      "else false end",
    ]],
    "quiet hours are in nobody's time zone": [[
      "at time zone p_channel.time_zone",
      "at time zone 'UTC'",
    ]],
    "another organization's living number lets everybody sleep": [[
      "\n      and (p_channel.organization_id is null or i.organization_id = p_channel.organization_id))",
      ")",
    ]],
    "somebody is woken for one number": [[
      "(not ghost_repair.is_quiet(c) or ghost_repair.is_everything_down(c))",
      "true",
    ]],
    "nobody is woken though everything is down": [[
      "(not ghost_repair.is_quiet(c) or ghost_repair.is_everything_down(c))",
      "not ghost_repair.is_quiet(c)",
    ]],
    "a digest follows the other": [["and m.numbers > 1\n", "and false\n"]],
    "a dead number writes of itself": [[
      "where t ->> 'instanceId' = i.id::text and t ->> 'kind' <> 'recovered')",
      "where false)",
    ], [
      "i.status = 'connected' and i.deleted_at is null\n    and not ghost",
      "i.deleted_at is null\n    and not ghost",
    ]],
    "a stranger's number writes": [[
      "where i.organization_id = p_organization_id and i.status",
      "where i.status",
    ]],
    "a number under repair writes": [["and not ghost_repair.has_open_repair(i.id)\n", ""]],
    "a number of the dead gateway writes though there is another": [[
      "order by k.api_url is not distinct from p_api_url, i.last_alive_at",
      "order by k.api_url is distinct from p_api_url, i.last_alive_at",
    ]],
    "two callers send one alert": [[
      "next_attempt_at = ghost_repair.now() + s.alert_send_time",
      "next_attempt_at = ghost_repair.now(), state = 'due'",
    ], ["      state = 'sending', attempts", "      attempts"]],
    "a webhook's secret of before signs for ever": [[
      "c.previous_valid_until > ghost_repair.now()",
      "c.previous_valid_until is not null",
    ]],
    "what a chat may have taken is sent again": [[
      "when p_outcome = 'unknown' and c.kind <> 'webhook' then 'unknown'",
      "when false then 'unknown'",
    ]],
    "an alert is tried for ever": [[
      "when m.attempts >= s.alert_attempts then",
      "when false then",
    ]],
    "an alert is tried again at once": [[
      "make_interval(mins => (2 ^ (m.attempts - 1))::int)\n  from private",
      "interval '0'\n  from private",
    ]],
    "an agent manages the channels": [[
      "when '' then 'organization_not_found' when 'agent' then 'forbidden' end",
      "when '' then 'organization_not_found' end",
    ]],
    "a channel's whole address is shown": [[
      "substring(p_channel.url from '^https?://([^/?#]+)')",
      "p_channel.url",
    ]],
    "a stranger lists an organization's channels": [[
      "select case when r.refusal is not null then",
      "select case when r.refusal = 'forbidden' then",
    ]],
    "a stranger manages a channel": [[
      "and ghost_repair.refuse_managing(p_user_id, c.organization_id) is null",
      "",
    ]],
    "a stranger sends trials": [[
      "if (ghost_repair.managed_channel(p_user_id, p_channel_id)).id is null then",
      "if false then",
    ]],
    "a stranger deletes a channel": [[
      "where c.id = (ghost_repair.managed_channel(p_user_id, p_channel_id)).id;",
      "where c.id = p_channel_id;",
    ]],
  }),
  ...mistakesIn(DECIDE, "send-alerts/decide.test.ts", {
    "an alert tells a phone number": [[
      "return withoutNumbers(name).replace",
      "return name.replace",
    ]],
    "a name may mention a whole channel": [["[\\s<>@*_~`|[\\]()#&]+", "[\\s]+"]],
    "a proxy that gave up waiting counts as a refusal": [[
      'status === 408 || status === 504 ? "unknown" : "refused"',
      '"refused"',
    ]],
  }),
  ...mistakesIn(POST, "send-alerts/channels.test.ts", {
    "a chat that does not answer is told again": [["error instanceof TimeLimitError ?", "false ?"]],
  }),
  ...mistakesIn(
    "supabase/migrations/20261127221000_alert_pauses.sql",
    "database/people/alerts.test.ts",
    {
      "who was told that it is back is told so again": [[
        "when p_kind = 'recovered' then w.kind <> 'recovered'",
        "when p_kind = 'recovered' then w.kind is not null",
      ]],
      "only who was told of this very disconnection is told that it is over": [[
        "a.channel_id = c.id\n    order",
        "a.channel_id = c.id and a.since = v_open.since\n    order",
      ]],
      "what a channel said last is said again at the end of its pause": [[
        "else (w.kind = p_kind and",
        "else (false and",
      ]],
      "what a channel said last on another day is no news": [[
        "        and w.created_at > ghost_repair.now() - v_settings.alert_cooldown\n",
        "",
      ]],
      "who hears of no end hears of no second beginning": [[
        "        and 'recovered' = any (c.events)) is",
        "        ) is",
      ]],
      "any other reason waits for the pause of the first": [[
        " and a.reason is not distinct from p_reason))",
        "))",
      ]],
      "what waits for its pause comes with the others": [[
        "and a.due_at <= v_until for update",
        "for update",
      ]],
      "what was not told is told besides what came after it": [[
        "  delete from ghost_repair.alerts a where a.instance_id = p_instance_id and a.message_id is null;\n",
        "",
      ]],
      "a chat whose sender died is on its way for ever": [[
        "c.kind <> 'webhook' and m.state = 'sending'",
        "false",
      ]],
      "who was not told of a death hears of the recovery": [[
        "when p_kind = 'recovered' then w.kind <> 'recovered'",
        "when p_kind = 'recovered' then w.kind is distinct from 'recovered'",
      ]],
      "a flapping number is told at every turn": [[
        "max(m.created_at) + v_settings.alert_cooldown",
        "max(m.created_at)",
      ]],
      "the same is told again and again": [[
        "if v_open.kind = p_kind and v_open.reason is not distinct from p_reason then",
        "if false then",
      ]],
      "an alert goes to every organization's channels": [[
        "(c.organization_id is null or c.organization_id = v_session.organization_id)",
        "true",
      ]],
      "a channel hears what it did not ask for": [["and p_kind = any (c.events)", ""]],
      "every number of a gateway is a message": [[
        "and a.due_at <= v_until for update skip locked) u);",
        "and a.due_at <= v_until limit 1 for update skip locked) u);",
      ]],
      "the switch of the alerts does nothing": [["if not v_settings.alerts or (", "if ("]],
    },
  ),
  ...mistakesIn(
    "supabase/migrations/20261127221000_alert_pauses.sql",
    "database/people/unwanted-alerts.test.ts",
    {
      "an outage is an alarm of what a person disconnected": [[
        "(v_session.manual_disconnect and p_kind <> 'recovered')",
        "false",
      ]],
    },
  ),
  ...mistakesIn(
    "supabase/migrations/20261127221200_unwanted_alerts.sql",
    "database/people/unwanted-alerts.test.ts",
    {
      "what was about to be told of a number is told after it was deleted": [[
        "a where a.instance_id = new.id and",
        "a where false and",
      ]],
      "an outage that went on while nobody wanted the number is told to nobody": [[
        "  perform ghost_repair.end_trouble(new.id);\n",
        "",
      ]],
    },
  ),
  ...mistakesIn(
    "supabase/migrations/20261127221300_silent_gateways.sql",
    "database/people/alerts.test.ts",
    {
      "a person's own disconnection is an alarm": [[
        "if new.kind = 'manual_disconnect' then",
        "if false then",
      ]],
    },
  ),
  ...mistakesIn(
    "supabase/migrations/20261127221400_own_alerts.sql",
    "database/people/own-alerts.test.ts",
    {
      "an alert by WhatsApp is a customer's message once it is compared": [[
        "  if ghost_repair.meet_own_alert(p_instance_id, p_whatsapp_message_id, p_message) then",
        "  if false then",
      ]],
      "an alert is known by its words alone": [[
        "a.whatsapp_message_id = p_whatsapp_message_id) then\n    return true;",
        "a.whatsapp_message_id = p_whatsapp_message_id) then\n    return false;",
      ]],
      "an alert whose answer is lost is a customer's message": [[
        "  update ghost_repair.own_alerts a set whatsapp_message_id = p_whatsapp_message_id\n  where a.id = (",
        "  update ghost_repair.own_alerts a set whatsapp_message_id = p_whatsapp_message_id\n  where false and a.id = (",
      ]],
      "what the person on call writes back in the same words is swallowed": [[
        "not coalesce((p_message ->> 'from_me')::boolean, true)",
        "false",
      ]],
      "the same words on another day are swallowed": [[
        "      and o.begun_at between v_sent_at - s.recover_own_within and v_sent_at + s.recover_margin\n",
        "",
      ]],
      "whatever leaves through a number after an alert is swallowed": [[
        "      and o.content_digest = ghost_repair.digest_content(\n        p_message ->> 'type', p_message ->> 'content', p_message ->> 'caption')\n",
        "",
      ]],
      "the same words are swallowed for as long as they are sent": [[
        "and o.whatsapp_message_id is null\n",
        "\n",
      ]],
      "another number's words are swallowed": [[
        "    where o.instance_id = p_instance_id and o.whatsapp",
        "    where o.whatsapp",
      ], [
        "    select from ghost_repair.own_alerts a where a.instance_id = p_instance_id) then",
        "    select from ghost_repair.own_alerts a) then",
      ]],
      "an alert leaves through a number that is deleted": [[
        "where i.instance_name = p_instance_name and i.deleted_at is null",
        "where i.instance_name = p_instance_name",
      ]],
      "a report that was faster than an alert's id waits for a send": [[
        "where a.id = p_id and e.instance_id = a.instance_id and",
        "where false and",
      ]],
    },
  ),
  ...mistakesIn("supabase/functions/send-alerts/channels.ts", "send-alerts/channels.test.ts", {
    "an alert that could not be written down leaves all the same": [[
      'if (begun === "not_written") return "unreachable";',
      "",
    ]],
  }),
  ...mistakesIn(
    "supabase/migrations/20261127223800_bounded_sweeps.sql",
    "database/people/own-alerts.test.ts",
    {
      "what alerts left is kept for ever": [[
        ",\n      -- No longer than what left can still be brought in.\n      ('ghost_repair.own_alerts', 'begun_at', 2 * v_settings.recover_at_most)\n",
        "\n",
      ]],
    },
  ),
];
