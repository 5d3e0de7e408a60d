/**
 * Mistakes in adoption: what the `fetch` that watches sees, and what is written for a project's table.
 *
 * @module
 */

import type { Mutation } from "../mutation.ts";

const WATCH = "adopt/watch-sends.ts";
const SEND = "adopt/gateway-send.ts";
const REPAIR = "adopt/repair-number.ts";
const SESSION = "dev/tasks/adopt/host/host-session.ts";
const WATCHED = ["adopt/watch-sends.test.ts"];
const ADOPTED = ["adopt/adopted.test.ts"];

/** See {@linkcode Mutation}. */
export const ADOPT_MUTATIONS: readonly Mutation[] = [
  {
    name: "the caller's own body is read instead of a copy",
    file: WATCH,
    edits: [["response.clone()", "response"]],
    tests: WATCHED,
  },
  {
    name: "all of an error's body is read, however long",
    file: WATCH,
    edits: [["return whole && await isConnectionClosed", "return await isConnectionClosed"]],
    tests: WATCHED,
  },
  {
    name: "a caller that gives up at once makes a number suspicious",
    file: WATCH,
    edits: [["&& elapsed() >= PATIENCE_MS", ""]],
    tests: WATCHED,
  },
  {
    name: "a broken connection makes a number suspicious",
    file: WATCH,
    edits: [["isAborted(input, init) && ", ""]],
    tests: WATCHED,
  },
  {
    name: "every failing send begins a repair of its own",
    file: WATCH,
    edits: [["if (repairing.has(number)) return;", ""]],
    tests: WATCHED,
  },
  {
    name: "a send without a key is taken for one to a gateway",
    file: SEND,
    edits: [['if (apiKey === null || apiKey === "") return null;', ""], [
      "apiKey, instanceName",
      'apiKey: apiKey ?? "", instanceName',
    ]],
    tests: WATCHED,
  },
  {
    name: "the path before a send is not the gateway's",
    file: SEND,
    edits: [["`${url.origin}${base}`", "url.origin"]],
    tests: WATCHED,
  },
  {
    name: "the sent words are not looked at",
    file: SEND,
    edits: [["|| !TREACHEROUS.test(body)) return [];", "|| TREACHEROUS.test(body)) return [];"]],
    tests: WATCHED,
  },
  {
    name: "a living socket whose caller gave up is repaired",
    file: REPAIR,
    edits: [['probe.outcome !== "alive" && ', ""]],
    tests: ["adopt/repair-number.test.ts"],
  },
  {
    name: "a gateway that is away is taken for a silent socket",
    file: REPAIR,
    edits: [['if (suspect === "no_answer" && !await isSilent(gateway)) return;', ""]],
    tests: ["adopt/repair-number.test.ts"],
  },
  {
    name: "a project's report of an open session is not counted",
    file: SESSION,
    edits: [["n.connection_epoch + 1\n", "n.connection_epoch\n"]],
    tests: ADOPTED,
  },
  {
    name: "a project's flag of an open session stays when it is dead",
    file: SESSION,
    edits: [['const flagged = connectedFlag === null ? ""', 'const flagged = true ? ""']],
    tests: ADOPTED,
  },
  {
    name: "a project's flag of a pairing is not looked at",
    file: SESSION,
    edits: [["...host.pairingFlag === null", "...host.pairingFlag !== undefined"]],
    tests: ["adopt/host-rows.test.ts"],
  },
  {
    name: "a project's flag of a disconnection by hand is not looked at",
    file: SESSION,
    edits: [[
      "const manual = host.manualFlag === null",
      "const manual = host.manualFlag !== undefined",
    ]],
    tests: ["adopt/host-rows.test.ts"],
  },
  {
    name: "of two numbers of one name any is repaired",
    file: SESSION,
    edits: [["case when cardinality(v_found) = 1 then", "case when cardinality(v_found) > 0 then"]],
    tests: ["adopt/host-rows.test.ts"],
  },
  {
    name: "a deleted row is repaired",
    file: SESSION,
    edits: [[
      'const alive = host.deletedAt === null ? ""',
      'const alive = host.deletedAt !== undefined ? ""',
    ]],
    tests: ["adopt/host-rows.test.ts"],
  },
];
