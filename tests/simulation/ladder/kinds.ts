/**
 * What each kind of ghost must come to: the row of docs/ghosts.md, and what holds for all of them.
 *
 * @module
 */

import assert from "node:assert/strict";
import { PLAYED_KINDS, type Policy } from "../../../dev/tasks/shared/kinds.ts";
import type { CaseReport } from "../../../dev/tasks/ghosts/case-report.ts";
import { playCase } from "../../../dev/tasks/ghosts/play-case.ts";
import {
  differences,
  DOCUMENT,
  findRow,
  readRows,
  toRow,
} from "../../../dev/tasks/ghosts/table.ts";
import { onGround, serverTest } from "../../support/server.ts";

/** From the help that a number needs to its cure, in minutes: the ladder is not slower than this. */
const AFTER_HELP = {
  nothing: 0,
  scan: 1,
  // One tick, and the 20 seconds that a look and a call take.
  "WhatsApp back": 1 + 20 / 60,
  // Between two probes after a person was told.
  "process restart": 5,
  "scan, process restart": 1,
};

/** Registers the tests of a policy, one for each kind. */
export function kindTests(policy: Policy): void {
  for (const kind of PLAYED_KINDS) {
    serverTest(`${kind} with ${policy} comes to what docs/ghosts.md says`, async (server) => {
      const report = await onGround((ground) => playCase(server, kind, policy, { ground }));
      assertKept(report);
      await assertDocumented(report);
    });
  }
}

/** What holds for every kind, whatever the document says. */
function assertKept(report: CaseReport): void {
  const { calls, policy, kind, help, minutesAfterHelp } = report;
  assert.notEqual(report.end, "unfinished");
  assert.ok((minutesAfterHelp ?? 0) <= AFTER_HELP[help], `${minutesAfterHelp} minutes`);
  assert.ok(report.sends, "a message is delivered in the end");
  assert.equal(report.missed, 0, "what a customer wrote meanwhile is here, once");
  assert.ok(report.hears, "what a customer writes in the end comes in");
  assert.equal(report.flapped, false);
  assert.equal(report.notices, report.end === "needs_operator" ? 1 : 0);
  assert.equal(calls.deleteOrCreate, 0);
  assert.ok(calls.connect <= 1 && calls.restart <= 1 && calls.logout <= 1, JSON.stringify(calls));
  if (policy === "keep-pairing" && /^B/.test(kind)) assert.equal(calls.logout, 0);
}

async function assertDocumented(report: CaseReport): Promise<void> {
  const written = readRows(await Deno.readTextFile(DOCUMENT));
  const played = toRow(report);
  const row = findRow(written, played);
  assert.deepEqual(differences(row === null ? [] : [row], [played]), []);
}
