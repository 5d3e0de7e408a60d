import assert from "node:assert/strict";
import {
  beginStep,
  claimed,
  leaseRepairs,
  recordLogout,
  verify,
} from "../../support/repair-calls.ts";
import { only } from "../../support/database.ts";
import { instanceRow, worldTest } from "../../support/world.ts";

worldTest(
  "the ladder and a failed send do not both log a number out within two minutes",
  async ({ sql, clock, company: { instanceId } }) => {
    await sql`select public.suspect_session(${instanceId}, 'unconfirmed')`;
    const { token } = await claimed(sql, instanceId);
    const lease = await only(leaseRepairs(sql));
    assert.equal(await beginStep(sql, lease, "logout"), false);
    assert.equal(await recordLogout(sql, instanceId, token, { logout: "socket_dead" }), "marked");
    assert.equal(await beginStep(sql, lease, "logout"), false);

    // The send's logout was the repair's own: it has none left, however long it takes.
    await clock.advance(180_000);
    const later = await only(leaseRepairs(sql));
    assert.equal(await beginStep(sql, later, "restart"), true);
    assert.equal(await beginStep(sql, later, "logout"), false);
  },
);

worldTest(
  "with keep-pairing the ladder has the logout, and after it the limit holds for sends",
  async (world) => {
    const { sql, clock, company: { instanceId } } = world;
    const { token } = await claimed(sql, instanceId);
    assert.equal(await recordLogout(sql, instanceId, token, { logout: "not_called" }), "marked");
    await verify(sql, instanceId, token, { outcome: "not_invalidated" });
    const lease = await only(leaseRepairs(sql));
    assert.equal(await beginStep(sql, lease, "logout"), true);
    await sql`select ghost_repair.close_ghost_repair(${instanceId}, 'invalidated')`;
    await clock.advance(119_000);
    const asked = await only(sql`select * from public.claim_ghost_repair(${instanceId})`);
    assert.equal(asked["reason"], "recently_disconnected");
    assert.notEqual((await instanceRow(world))["last_disconnected_at"], null);
  },
);
