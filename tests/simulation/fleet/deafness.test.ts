import assert from "node:assert/strict";
import type { DeafKind } from "../../../dev/evolution/model/deaf-kinds.ts";
import { fleetTest, type SmallFleet } from "./fleet-test.ts";

const HOUR = 3_600_000;

/** Of ten busy numbers some go deaf at nine in the morning, where they are. */
const deafened = (...kinds: readonly DeafKind[]): SmallFleet => ({
  numbers: 10,
  hours: 17.5,
  habit: "busy",
  happenings: kinds.map((deafness, number) => {
    return { at: 12 * HOUR, kind: "deafness", number, deafness, forMs: 5 * HOUR };
  }),
});

const UNWATCHED = "update ghost_repair.settings set watch_interval = null";

fleetTest(
  "in a fleet that wants canaries deafness is known soon after a habit is broken, and no other",
  deafened("F2a", "F6", "F5"),
  (report) => {
    assert.deepEqual(report.violations, []);
    assert.equal(report.falseRepairs, 0);
    assert.deepEqual(report.deafnesses.map(({ kind, verdict }) => [kind, verdict]), [
      ["F2a", "deaf"],
      ["F6", "deaf"],
      ["F5", "webhook_mute"],
    ]);
    for (const { kind, foundAfterMs } of report.deafnesses) {
      assert.ok(foundAfterMs !== null && foundAfterMs <= 1_200_000, `${kind}: ${foundAfterMs} ms`);
    }
  },
  [UNWATCHED],
);

fleetTest(
  "where nobody looks at habits deafness is missed, and that is seen",
  deafened("F6"),
  ({ violations, deafnesses }) => {
    assert.equal(deafnesses[0]?.foundAfterMs, null);
    assert.ok(violations.some((violation) => /missed: deaf/.test(violation)), violations.join());
  },
  [UNWATCHED, "update ghost_repair.hearing set habit_check_at = 'infinity'"],
);
