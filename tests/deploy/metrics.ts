import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import postgres from "postgres";
import { z } from "zod";
import { FAMILIES } from "../../supabase/functions/metrics/families.ts";
import { startDevStack } from "../support/dev-stack.ts";
import { foreignTest } from "./support/foreign-test.ts";
import { ROOT } from "./support/documents.ts";
import { prometheusMissing, promtool, startPrometheus } from "./support/prometheus.ts";

const skipped = await prometheusMissing();
const RULES = fileURLToPath(new URL("docs/alert-rules.yml", ROOT));
const DASHBOARD = new URL("docs/grafana-dashboard.json", ROOT);
const TOKEN = "a-metrics-token-of-the-test";

const dashboard = z.object({
  panels: z.array(z.object({
    title: z.string(),
    targets: z.array(z.object({ expr: z.string() })),
  })),
});

/** What a Prometheus should see of everything: numbers in every plight, and each end once more. */
const PLIGHT = `
  update ghost_repair.watched_numbers set next_look_at = ghost_repair.now() - interval '20 minutes';
  insert into public.whatsapp_instances
    (organization_id, instance_name, status, disconnected_since, reconnect_attempts_count)
  select o.id, 'plight-' || n, case when n < 3 then 'awaiting_qr' else 'disconnected' end,
    ghost_repair.now(), n from public.organizations o, generate_series(1, 5) n;
  insert into private.instance_credentials (instance_id, api_url, api_key, webhook_secret)
  select i.id, 'http://gateway.test', 'key', 'secret' from public.whatsapp_instances i
  where i.instance_name like 'plight-%';
  update private.gateways set last_webhook_at = ghost_repair.now() - interval '1 hour';
  insert into public.ghost_repairs (instance_id, organization_id, hearing)
  select i.id, i.organization_id, 'deaf' from public.whatsapp_instances i
  where i.instance_name not like 'plight-%';
  insert into public.messages (organization_id, conversation_id, whatsapp_instance_id, is_from_me,
    message_type, status, sending_since, created_at)
  select c.organization_id, c.id, c.whatsapp_instance_id, true, 'text', 'sending',
    ghost_repair.now() - interval '20 minutes', ghost_repair.now() from public.conversations c;
  insert into ghost_repair.beats (job, at)
  select j, ghost_repair.now() - interval '10 minutes'
  from unnest(array['sweep', 'due-functions', 'auto-reconnect-instances', 'prune']) j
  on conflict (job) do update set at = excluded.at;
  update ghost_repair.settings set alerts = false;
  select ghost_repair.pause();`;

const ENDS = `
  select ghost_repair.raise_total(t.name, t.labels::jsonb, t.times, t.seconds) from (values
    ('ghost_repair_sends_total', '{"end": "sent", "reason": "none"}', 3, null::float8),
    ('ghost_repair_sends_total', '{"end": "failed", "reason": "connection_closed"}', 2, null),
    ('ghost_repair_repairs_total', '{"kind": "watch", "outcome": "healed"}', 1, null),
    ('ghost_repair_connection_closed_total', '{}', 1, null),
    ('ghost_repair_false_alarms_total', '{}', 1, null),
    ('ghost_repair_logouts_total', '{"answer": "accepted"}', 1, null),
    ('ghost_repair_probes_total', '{"finding": "alive"}', 1, null),
    ('ghost_repair_restarts_asked_total', '{}', 1, null),
    ('ghost_repair_restarts_total', '{"outcome": "failed"}', 1, null),
    ('ghost_repair_canary_trials_total', '{"verdict": "hears"}', 1, null),
    ('ghost_repair_alerts_total', '{"channel": "slack", "end": "dropped"}', 1, null),
    ('ghost_repair_messages_recovered_total', '{}', 4, null),
    ('ghost_repair_messages_missing_total', '{}', 2, null),
    ('ghost_repair_detection_seconds', '{"by": "watch"}', 1, 3000),
    ('ghost_repair_away_seconds', '{"waited": "nobody"}', 1, 90),
    ('ghost_repair_away_seconds', '{"waited": "scan"}', 1, 900)) t (name, labels, times, seconds)`;

foreignTest(
  "a real Prometheus takes the metrics, and every query of dashboard and rules says something",
  skipped,
  async () => {
    const rulesChecked = await promtool(["check", "rules", RULES]);
    assert.ok(rulesChecked.success, rulesChecked.said);

    const stack = await startDevStack({ METRICS_TOKEN: TOKEN });
    const sql = postgres(stack.databaseUrl, { max: 1, onnotice: () => {} });
    const path = "/functions/v1/metrics";
    let stopped = false;
    await sql.unsafe(PLIGHT).simple();
    const prometheus = await startPrometheus({
      target: new URL(stack.url).host,
      path,
      token: TOKEN,
      rules: RULES,
    });
    /** Each look waits in the database for a moment. */
    const until = async (what: string, expression: string, wanted: (value: number) => boolean) => {
      for (let look = 0; look < 120; look++) {
        const found = await prometheus.query(expression).catch(() => []);
        if (found.some(({ value }) => wanted(value))) return;
        await sql`select pg_sleep(0.5)`;
      }
      throw new Error(`${what}: ${expression} within a minute`);
    };
    try {
      const page = await fetch(`${stack.url}${path}`, {
        headers: { authorization: `Bearer ${TOKEN}` },
      });
      assert.equal(page.status, 200);
      const text = await page.text();
      const linted = await promtool(["check", "metrics"], text);
      assert.deepEqual(linted, { success: true, said: "" }, text);
      const refused = await fetch(`${stack.url}${path}`);
      assert.equal(refused.status, 401);
      await refused.body?.cancel();

      await until("it is scraped", "up", (value) => value === 1);
      await until("twice", "count_over_time(ghost_repair_paused[1m])", (value) => value >= 2);
      for (let round = 1; round <= 2; round++) {
        await sql.unsafe(ENDS);
        const sent = 'ghost_repair_sends_total{end="sent",reason="none"}';
        await until("what ended is seen", sent, (value) => value >= 3 * round);
      }
      await sql`select public.sweep()`;
      await sql`update ghost_repair.beats set at = at - interval '10 minutes'`;
      await until(
        "every kind of sample is there",
        `count(count by (__name__) ({__name__=~"ghost_repair_.*"}))`,
        (value) =>
          value ===
            Object.values(FAMILIES).reduce(
              (sum, { type }) => sum + (type === "histogram" ? 3 : 1),
              0,
            ),
      );

      const { panels } = dashboard.parse(JSON.parse(await Deno.readTextFile(DASHBOARD)));
      const rules = await prometheus.rules();
      assert.ok(panels.length > 20 && rules.length > 10);
      const queries = [
        ...panels.flatMap(({ title, targets }) =>
          targets.map(({ expr }) => ({
            of: title,
            query: expr.replaceAll("$gateway", ".*").replaceAll("$__range", "1h"),
          }))
        ),
        ...rules.filter(({ name }) => name !== "GhostRepairNotMeasured")
          .map(({ name, query }) => ({ of: name, query })),
      ];
      for (const { of, query } of queries) {
        const found = await prometheus.query(query);
        assert.ok(
          found.some(({ value }) => Number.isFinite(value)),
          `${of}: ${query}: ${JSON.stringify(found)}`,
        );
      }
      assert.deepEqual(rules.filter(({ health }) => health !== "ok"), []);

      stopped = true;
      await stack.stop();
      // The database went with the stack.
      for (let look = 0; look < 400; look++) {
        if ((await prometheus.query('up{job="ghost-repair"} == 0')).length > 0) return;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      assert.fail("a target that is gone was not noticed");
    } finally {
      await prometheus.stop();
      await sql.end({ timeout: 2 }).catch(() => {});
      if (!stopped) await stack.stop();
    }
  },
);
