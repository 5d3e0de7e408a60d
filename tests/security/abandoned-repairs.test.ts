import assert from "node:assert/strict";
import { count } from "../../dev/tasks/security/counts.ts";
import { inspect } from "./faults/invariants.ts";
import { live } from "./faults/story.ts";

/** Where a function may die with a repair in its hands. */
const DEATHS = [
  ["sql:claim_ghost_repair", "killed-after"],
  ["gateway:chat/fetchBusinessProfile", "killed-after"],
  ["gateway:instance/logout", "killed-before"],
  ["gateway:instance/logout", "killed-after"],
  ["sql:record_ghost_logout", "killed-before"],
  ["sql:record_ghost_logout", "killed-after"],
] as const;

for (const [point, kind] of DEATHS) {
  Deno.test({
    name: `a repair whose function died (${kind} ${point}) is taken up, though nobody sends again`,
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => {
      const ended = await live({
        ghost: "A2",
        quiet: true,
        faults: [{ point, kind, nth: 1 }],
      });
      try {
        assert.equal(ended.interruptions.struck, 1);
        const { lost, doubled, other } = await inspect(ended);
        count("faults");
        count("fault runs");
        assert.deepEqual([...lost, ...doubled, ...other], []);
      } finally {
        await ended.house.world.close();
      }
    },
  });
}
