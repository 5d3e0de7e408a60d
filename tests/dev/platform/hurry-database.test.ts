import assert from "node:assert/strict";
import { hurryDatabase } from "../../../dev/platform/hurry-database.ts";
import { companyTest } from "../../support/database.ts";
import { claim, recordLogout, verify } from "../../support/repair-calls.ts";

companyTest(
  "in a hurry the next step and the next logout come sooner; what happened stays",
  async (db) => {
    const { sql, instanceId } = db;
    const { token } = await claim(sql, instanceId);
    await recordLogout(sql, instanceId, String(token), { logout: "socket_dead" });
    await verify(sql, instanceId, String(token), { outcome: "not_invalidated" });
    const read = async () => {
      const [row] = await sql<Record<string, Date>[]>`
      select i.last_disconnected_at, r.next_step_at, c.claimed_at, i.disconnected_since,
        i.updated_at, e.created_at
      from public.whatsapp_instances i
      join public.ghost_repairs r on r.instance_id = i.id
      join ghost_repair.claims c on c.instance_id = i.id
      join public.instance_events e on e.instance_id = i.id and e.kind = 'verified'
      where i.id = ${instanceId}`;
      return row!;
    };
    const before = await read();
    await hurryDatabase(sql, 9_000);
    const after = await read();
    const moved = Object.keys(before).map((name) => [
      name,
      before[name]!.getTime() - after[name]!.getTime(),
    ]);
    assert.deepEqual(Object.fromEntries(moved), {
      last_disconnected_at: 9_000,
      next_step_at: 9_000,
      claimed_at: 9_000,
      disconnected_since: 0,
      updated_at: 0,
      created_at: 0,
    });
  },
);
