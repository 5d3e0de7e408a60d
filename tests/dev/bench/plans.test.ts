import assert from "node:assert/strict";
import { examine, planFaults } from "../../../dev/tasks/bench/plans/examine.ts";
import { createFilled } from "../../../dev/tasks/bench/plans/fill.ts";
import { HOT_PATHS } from "../../../dev/tasks/bench/plans/hot-paths.ts";
import { serverTest } from "../../support/server.ts";

// Large enough for the planner to prefer an index wherever there is one.
const SIZE = { instances: 4_000, messages: 20_000 };

serverTest(
  "no hot path reads a whole table, and one whose index is gone is found",
  async (server) => {
    const database = `plans_${crypto.randomUUID().replaceAll("-", "")}`;
    const sql = await createFilled(server, database, SIZE);
    const url = `${server.adminUrl}/${database}`;
    try {
      const examined = await examine(url);
      assert.deepEqual(planFaults(examined), []);
      assert.equal(examined.length, HOT_PATHS.length);
      // Each of them was seen at work: where no plan is reported, no scan can be.
      const idle = examined.filter(({ scans }) => scans === 0).map(({ path }) => path.name);
      assert.deepEqual(idle, []);

      await sql`
        drop index public.messages_sending, public.messages_pending, public.messages_waiting`;
      const sweep = HOT_PATHS.filter(({ name }) => name === "sweep");
      const faults = planFaults(await examine(url, sweep));
      assert.match(faults.join(), /^sweep reads all of messages: /);
    } finally {
      await sql.end({ timeout: 2 });
      await server.dropDatabase(database);
    }
  },
);
