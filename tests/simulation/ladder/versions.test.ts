import assert from "node:assert/strict";
import { POLICIES, type Policy } from "../../../dev/tasks/shared/kinds.ts";
import { playCase } from "../../../dev/tasks/ghosts/play-case.ts";
import { DOCUMENT, findRow, rowsOfVersion, toRow } from "../../../dev/tasks/ghosts/table.ts";
import { onGround, serverTest } from "../../support/server.ts";

/** Kinds whose ends tell the versions apart: `task ghosts --gateway all` plays the others. */
const PLAYED = [
  // Signed by a token of its own; a logout there costs no hearing. No help but a scan, and WhatsApp's.
  ["2.2.3", "A1", POLICIES],
  ["2.2.3", "B1", POLICIES],
  ["2.2.3", "H1", POLICIES],
  ["2.2.3", "D", POLICIES],
  // A logout would make the number deaf: none is made.
  ["2.3.6", "A2", ["logout-first"]],
  // Somebody else made one: the number is heard of once its process was restarted.
  ["2.3.6", "E", ["keep-pairing"]],
  // A logout would keep the next pairing from finishing: none is made.
  ["2.4.0-rc2", "A2", ["logout-first"]],
  // Somebody else made one: a connect follows the scan.
  ["2.4.0-rc2", "E", ["keep-pairing"]],
] as const;

for (const [version, kind, policies] of PLAYED) {
  serverTest(`${kind} on ${version} ends as docs/ghosts.md says, and hears`, async (server) => {
    const written = rowsOfVersion(await Deno.readTextFile(DOCUMENT), version);
    const play = async (policy: Policy) => {
      const simulator = { version, licensed: true };
      const report = await onGround((ground) =>
        playCase(server, kind, policy, { ground, simulator })
      );
      const { sends, hears, missed, flapped } = report;
      assert.ok(sends && hears && missed === 0 && !flapped, JSON.stringify(report));
      assert.deepEqual(toRow(report), findRow(written, toRow(report)));
    };
    for (const policy of policies) await play(policy);
  });
}

serverTest("A2 on 2.2.3 is cured by its gateway's agent, without a person", async (server) => {
  const simulator = { version: "2.2.3" } as const;
  const report = await onGround((ground) =>
    playCase(server, "A2", "keep-pairing", { ground, simulator, agent: true })
  );
  assert.partialDeepStrictEqual(report, {
    ...{ end: "healed", help: "nothing", processRestarts: 1, pairingKept: true },
    ...{ sends: true, hears: true, missed: 0 },
  });
});
