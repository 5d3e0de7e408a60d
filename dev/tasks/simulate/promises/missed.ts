/**
 * The promise that nothing is missed: what customers wrote and the gateway has is here, once, whatever
 * kind of ghost the number was, under whatever policy, and whether it was paired anew.
 *
 * @module
 */

import { canaryIds } from "./hearing.ts";
import type { Scene } from "../scene.ts";

/** From a cure until everything that the gateway has is here, in ms. */
const RECOVERS_MS = 15 * 60_000;
const MINUTE = 60_000;

/**
 * Which messages of customers are at the gateway and not here, or here twice, of the numbers that are
 * connected. What was written before a number first was belongs to nobody here; and while webhooks did
 * not leave, only what canaries have found out is looked for.
 *
 * @returns As violations.
 */
export async function missingMessages(scene: Scene): Promise<readonly string[]> {
  const { world, companies, mute, deafUntil } = scene;
  const { control } = world.gateway;
  const canaries = canaryIds(scene);
  const known = companies.filter(({ instanceName }) => control.instances().includes(instanceName));
  const messages = known.flatMap(({ instanceId, instanceName }) =>
    control.fromCustomers(instanceName).filter(({ id }) => !canaries.has(id)).map((
      { id, seconds },
    ) => ({ instanceId, id, seconds }))
  );
  const now = world.clock.monotonicMs();
  const mutes = mute.map(({ instanceId, name, from }) => ({
    instanceId,
    from: from.toISOString(),
    until: new Date(world.clock.now().getTime() + (deafUntil.get(name) ?? now) - now).toISOString(),
  }));
  const rows = await world.sql<{ what: string }[]>`
    select 'missed: ' || i.instance_name || ' has at the gateway, and here ' || count(m.id)
      || ' times: ' || g.id as what
    from jsonb_to_recordset(${world.sql.json(messages)})
      g ("instanceId" uuid, id text, seconds bigint)
    join public.whatsapp_instances i on i.id = g."instanceId" and i.status = 'connected'
      and i.deleted_at is null
    join ghost_repair.hearing h on h.instance_id = i.id
      and h.heard_since < to_timestamp(g.seconds)
      and not exists (
        select from jsonb_to_recordset(${world.sql.json(mutes)})
          u ("instanceId" uuid, "from" timestamptz, until timestamptz)
        where u."instanceId" = i.id and to_timestamp(g.seconds + 1) between u."from" and u.until
          and not exists (
            select from public.instance_events e where e.instance_id = i.id and e.kind = 'hearing'
              and e.detail ->> 'verdict' = 'webhook_mute' and e.created_at > to_timestamp(g.seconds)
              and e.created_at < u.until))
    left join public.messages m
      on m.whatsapp_instance_id = i.id and m.whatsapp_message_id = g.id
    group by i.instance_name, g.id having count(m.id) <> 1`;
  return rows.map(({ what }) => what);
}

/** Waits until nothing is missed and nothing is being compared, as long as is promised. */
export async function endGaps(scene: Scene): Promise<void> {
  for (let waited = 0; waited < RECOVERS_MS; waited += MINUTE) {
    const [left] = await scene.world.sql`select count(*)::int as n from public.message_gaps g
      join public.whatsapp_instances i on i.id = g.instance_id and i.deleted_at is null
      where g.state = 'due' and g.due_at <= ghost_repair.now() + interval '1 minute'`;
    if (left?.["n"] === 0 && (await missingMessages(scene)).length === 0) return;
    await scene.pass(MINUTE);
  }
}
