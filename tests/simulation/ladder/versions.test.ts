import assert from "node:assert/strict";
import { POLICIES, type Policy } from "../../../dev/tasks/shared/kinds.ts";
import { playCase } from "../../../dev/tasks/ghosts/play-case.ts";
import { closeServerAfterAll, onGround, testServer } from "../../support/server.ts";

closeServerAfterAll();

/** How a zombie ends, which is where versions differ: {@linkcode POLICIES} in their order. */
const ENDS = {
  // A logout would make the number deaf: none is made.
  "2.3.6": ["needs_operator kept", "needs_operator kept"],
  // A logout would keep the next pairing from finishing: none is made.
  "2.4.0-rc2": ["needs_operator kept", "needs_operator kept"],
} as const;

for (const [version, ends] of Object.entries(ENDS)) {
  Deno.test({
    name: `a zombie on ${version} ends as that version lets it, with both policies`,
    sanitizeOps: false,
    sanitizeResources: false,
  }, async () => {
    const play = async (policy: Policy) => {
      const server = await testServer();
      const simulator = { version: version as keyof typeof ENDS, licensed: true };
      const report = await onGround((ground) =>
        playCase(server, "A2", policy, { ground, simulator })
      );
      assert.ok(report.sends && !report.flapped, JSON.stringify(report));
      assert.ok(report.calls.connect <= 1 && report.calls.logout <= 1);
      return `${report.end} ${report.pairingKept ? "kept" : "lost"}`;
    };
    const ended: string[] = [];
    for (const policy of POLICIES) ended.push(await play(policy));
    assert.deepEqual(ended, ends);
  });
}
