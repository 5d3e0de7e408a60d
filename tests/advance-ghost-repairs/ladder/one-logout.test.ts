import assert from "node:assert/strict";
import {
  beginStep,
  claim,
  claimed,
  leaseRepairs,
  pass,
  recordLogout,
  verify,
} from "../../support/repair-calls.ts";
import { only } from "../../support/database.ts";
import { quickTest } from "../../support/quick-test.ts";

quickTest(
  "with keep-pairing the ladder has the logout, and after it the limit holds for sends",
  async ({ sql, instanceId }) => {
    const { token } = await claimed(sql, instanceId);
    assert.equal(await recordLogout(sql, instanceId, token, { logout: "not_called" }), "marked");
    await verify(sql, instanceId, token, { outcome: "not_invalidated" });
    const lease = await only(leaseRepairs(sql));
    assert.equal(await beginStep(sql, lease, "logout"), true);
    await sql`select ghost_repair.close_ghost_repair(${instanceId}, 'invalidated')`;
    await pass(sql, 119);
    assert.equal((await claim(sql, instanceId)).reason, "recently_disconnected");
  },
);
