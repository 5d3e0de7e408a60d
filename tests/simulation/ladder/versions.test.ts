import assert from "node:assert/strict";
import { type PlayedKind, POLICIES, type Policy } from "../../../dev/tasks/shared/kinds.ts";
import { playCase } from "../../../dev/tasks/ghosts/play-case.ts";
import { closeServerAfterAll, onGround, testServer } from "../../support/server.ts";

closeServerAfterAll();

/** `logout-first`, then `keep-pairing`: the end, and whether the pairing is kept. */
const ENDS = {
  // A logout of a dead socket answers 200 and does nothing: the registry tells.
  "2.3.6": {
    A1: ["awaiting_qr lost", "healed kept"],
    A2: ["needs_operator kept", "needs_operator kept"],
    E: ["awaiting_qr lost", "awaiting_qr lost"],
  },
  // A logout of a dead socket closes the registry and deletes the pairing.
  "2.4.0-rc2": {
    A1: ["awaiting_qr lost", "healed kept"],
    A2: ["awaiting_qr lost", "awaiting_qr lost"],
    E: ["awaiting_qr lost", "awaiting_qr lost"],
  },
} as const;

for (const [version, kinds] of Object.entries(ENDS)) {
  for (const [kind, ends] of Object.entries(kinds)) {
    Deno.test({
      name: `${kind} on ${version} ends as that version lets it, with both policies`,
      sanitizeOps: false,
      sanitizeResources: false,
    }, async () => {
      const play = async (policy: Policy) => {
        const server = await testServer();
        const report = await onGround((ground) =>
          playCase(server, kind as PlayedKind, policy, {
            ground,
            simulator: { version: version as keyof typeof ENDS, licensed: true },
          })
        );
        assert.ok(report.sends && !report.flapped, JSON.stringify(report));
        assert.ok(report.calls.connect <= 1 && report.calls.logout <= 1);
        return `${report.end} ${report.pairingKept ? "kept" : "lost"}`;
      };
      assert.deepEqual(await Promise.all(POLICIES.map(play)), ends);
    });
  }
}
