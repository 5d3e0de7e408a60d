import assert from "node:assert/strict";
import { isLong } from "../../dev/tasks/security/counts.ts";
import { serverTest } from "../support/server.ts";
import { daysTest, spoiledDay } from "./faults/days.ts";

daysTest("A2");
daysTest("B1");

/** Where a function may die with a repair in its hands; the short form has one of each death. */
const DEATHS = [
  ["gateway:instance/logout", "killed-after"],
  ["sql:record_ghost_logout", "killed-before"],
  ["sql:claim_ghost_repair", "killed-after"],
  ["gateway:chat/fetchBusinessProfile", "killed-after"],
  ["gateway:instance/logout", "killed-before"],
  ["sql:record_ghost_logout", "killed-after"],
] as const;

for (const [point, kind] of isLong ? DEATHS : DEATHS.slice(0, 2)) {
  const died = `a repair whose function died (${kind} ${point})`;
  serverTest(`${died} is taken up, though nobody sends again`, async () => {
    const plan = { ghost: "A2", quiet: true, faults: [{ point, kind, nth: 1 }] } as const;
    assert.deepEqual(await spoiledDay(plan), []);
  });
}

serverTest(
  "what the gateway delivered is never failed once its reports have come, who sent it or not",
  async () => {
    const faults = [{ point: "gateway:message/sendText", kind: "killed-after", nth: 1 }] as const;
    assert.deepEqual(await spoiledDay({ ghost: "H1", faults }), []);
  },
);
