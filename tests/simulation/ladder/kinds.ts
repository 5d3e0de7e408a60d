/**
 * What each kind of ghost must come to, beyond the row of docs/ghosts.md.
 *
 * @module
 */

import assert from "node:assert/strict";
import { PLAYED_KINDS, type PlayedKind, type Policy } from "../../../dev/tasks/ghosts/kinds.ts";
import { DOCUMENT } from "../../../dev/tasks/ghosts/play-all.ts";
import { type CaseReport, playCase } from "../../../dev/tasks/ghosts/play-case.ts";
import { differences, findRow, readRows, toRow } from "../../../dev/tasks/ghosts/table.ts";
import { closeServerAfterAll, onGround, testServer } from "../../support/server.ts";

/** One tick, and the 20 seconds that a look and a call take. */
const TICK_MINUTES = 1 + 20 / 60;

/** Between two probes after a person was told. */
const PROBE_MINUTES = 5;

type Expectation = (report: CaseReport) => void;

const healed: Expectation = ({ end, help, pairingKept, minutes }) => {
  assert.deepEqual([end, help, pairingKept], ["healed", "nothing", true]);
  assert.ok(minutes < 3);
};
const connectedOnce: Expectation = (report) => {
  healed(report);
  assert.equal(report.calls.connect, 1);
};
const scanned: Expectation = ({ end, help, pairingKept, minutes }) => {
  assert.deepEqual([end, help, pairingKept], ["awaiting_qr", "scan", false]);
  assert.ok(minutes < 3);
};
const operator: Expectation = (report) => {
  assert.deepEqual([report.end, report.help], ["needs_operator", "process restart"]);
  assert.ok(report.minutes < 6);
  assert.ok(report.minutesAfterHelp! <= PROBE_MINUTES);
};
const alone: Expectation = ({ help, pairingKept }) =>
  assert.deepEqual([help, pairingKept], ["nothing", true]);
const waited: Expectation = ({ end, help, minutesAfterHelp, pairingKept }) => {
  assert.deepEqual([end, help, pairingKept], ["healed", "WhatsApp back", true]);
  assert.ok(minutesAfterHelp! <= TICK_MINUTES);
};

/** With `logout-first`, with `keep-pairing`. */
const EXPECTED: Readonly<Record<PlayedKind, readonly [Expectation, Expectation]>> = {
  A1: [scanned, healed],
  A2: [operator, operator],
  A2b: [alone, alone],
  B1: [waited, waited],
  B2: [waited, waited],
  B3: [scanned, waited],
  B4: [waited, waited],
  C1: [connectedOnce, connectedOnce],
  C3: [operator, operator],
  C4: [scanned, scanned],
  D: [scanned, scanned],
  E: [scanned, scanned],
  H1: [connectedOnce, connectedOnce],
  H2: [operator, operator],
};

/** Registers the tests of a policy, one for each kind. */
export function kindTests(policy: Policy): void {
  closeServerAfterAll();
  for (const kind of PLAYED_KINDS) {
    // The server outlives the test, so what it holds open is not a leak of the test's.
    Deno.test({
      name: `${kind} with ${policy} comes to what docs/ghosts.md says`,
      sanitizeOps: false,
      sanitizeResources: false,
    }, async () => {
      const server = await testServer();
      const report = await onGround((ground) => playCase(server, kind, policy, { ground }));
      EXPECTED[kind][policy === "logout-first" ? 0 : 1](report);
      always(report);
      await assertDocumented(report);
    });
  }
}

function always(report: CaseReport): void {
  const { calls, policy, kind } = report;
  assert.ok(report.sends, "a message is delivered in the end");
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
