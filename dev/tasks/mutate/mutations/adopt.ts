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
const ROW = "dev/tasks/adopt/host/host-sql.ts";
const LADDER = "dev/tasks/adopt/host/host-ladder.ts";
const DOOR = "dev/tasks/adopt/host/ladder-door.ts";
const FILTER = "dev/tasks/adopt/ladder/reconnect-filter.ts";
const LINE = "dev/tasks/adopt/ladder/webhook-line.ts";
const KEY = "dev/tasks/adopt/ladder/key-source.ts";
const LADDERED = ["adopt/ladder.test.ts"];
const PLACES = ["adopt/ladder-places.test.ts"];
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
    file: ROW,
    edits: [["...isSet(row, host.pairingFlag),", ""]],
    tests: ["adopt/host-rows.test.ts"],
  },
  {
    name: "a project's flag of a disconnection by hand is not looked at",
    file: ROW,
    edits: [["either(isSet(row, host.manualFlag))", "either(isSet(row, null))"]],
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
    file: ROW,
    edits: [['alive: host.deletedAt === null ? ""', 'alive: host.deletedAt !== undefined ? ""']],
    tests: ["adopt/host-rows.test.ts"],
  },
  {
    name: "a gateway is not remembered before an adopted number is claimed",
    file: REPAIR,
    edits: [["if (found.ladder) await prepareLadder(found.id, send, world);", ""]],
    tests: ["adopt/repair-number.test.ts"],
  },
  {
    name: "an adopted project's auto-reconnect connects what the ladder is at work on",
    file: DOOR,
    edits: [["and ghost_repair.has_open_repair(n.id))", "and false)"]],
    tests: LADDERED,
  },
  {
    name: "anybody may call an adopted ladder",
    file: DOOR,
    edits: [["s.secret = p_secret", "true"]],
    tests: LADDERED,
  },
  {
    name: "three failing numbers of a hundred are an adopted project's outage",
    file: LADDER,
    edits: [["return v_failing * 2 >= v_numbers;", "return true;"]],
    tests: LADDERED,
  },
  {
    name: "silence counts at an adopted gateway where another number is connected",
    file: LADDER,
    edits: [["  return not exists (\n", "  return true or not exists (\n"]],
    tests: LADDERED,
  },
  {
    name: "a key that stands in the row is kept beside it",
    file: LADDER,
    edits: [["case when ${row} is null then p_send", "case when true then p_send"]],
    tests: LADDERED,
  },
  {
    name: "an adopted number that waits for a scan stays the ladder's",
    file: LADDER,
    edits: [[
      '[isManual("new"), isPairing("new")].filter((each) => each !== "false")',
      "[] as string[]",
    ]],
    tests: LADDERED,
  },
  {
    name: "a webhook of an adopted number that never failed says nothing of its gateway",
    file: DOOR,
    edits: [["where c.instance_id = v_id) then", "where true) then"]],
    tests: LADDERED,
  },
  {
    name: "an adopted ladder is called although nothing is due",
    file: DOOR,
    edits: [[
      "if v_scheduler.project_url is null or not (",
      "if v_scheduler.project_url is null or (false and (",
    ], [
      "from ghost_repair.due_gateway_versions)) then",
      "from ghost_repair.due_gateway_versions))) then",
    ]],
    tests: LADDERED,
  },
  {
    name: "a list for people loses the numbers that the ladder is at work on",
    file: FILTER,
    edits: [["if (asks) queries.push", "queries.push"]],
    tests: PLACES,
  },
  {
    name: "a list of the connected loses the numbers that the ladder is at work on",
    file: FILTER,
    edits: [["(words.includes(disconnected) || isNone(rest.at(-1)))", "true"]],
    tests: PLACES,
  },
  {
    name: "what reads one number is filtered, too",
    file: FILTER,
    edits: [["SINGLE.has(method) || WRITES.has(method)", "WRITES.has(method)"]],
    tests: PLACES,
  },
  {
    name: "of two bodies the first is taken for the webhook's",
    file: LINE,
    edits: [["place === undefined || more.length > 0", "place === undefined"]],
    tests: PLACES,
  },
  {
    name: "parts of a webhook without its number are reported",
    file: LINE,
    edits: [['["event", "instance", "data"].every(', '["event"].every(']],
    tests: PLACES,
  },
  {
    name: "a key's table need not be joined with the numbers",
    file: KEY,
    edits: [["if (joined === null) {", "if (joined === undefined) {"], [
      "const { from, to } = joined;",
      'const { from, to } = joined ?? { from: "id", to: "id" };',
    ]],
    tests: PLACES,
  },
  {
    name: "every message of a gateway is one call to an adopted database",
    file: "adopt/report-webhook.ts",
    edits: [["monotonicMs() - last < EVERY_MS", "monotonicMs() - last < 0"]],
    tests: ["adopt/report-webhook.test.ts"],
  },
  {
    name: "the gateway's words are taken for those of a project's column",
    file: "dev/tasks/adopt/host/find-words.ts",
    edits: [["\n    .difference(GATEWAYS)", ""]],
    tests: ["adopt/find-host.test.ts"],
  },
  {
    name: "a client that a helper makes is overlooked",
    file: "dev/tasks/adopt/find-senders.ts",
    edits: [[" || helper.otherClients.length > 0) {", ") {"]],
    tests: ["adopt/find-senders.test.ts"],
  },
  {
    name: "a ladder goes with the next run that does not ask for it",
    file: "dev/tasks/adopt/plan.ts",
    edits: [["wanted || manifest?.ladder === true;", "wanted;"]],
    tests: ["adopt/plan.test.ts"],
  },
  {
    name: "a name that the code composes is taken for a column",
    file: "dev/tasks/adopt/project/read-functions.ts",
    edits: [[
      'return node["operator"] === "+" ? inner(node["left"]) + inner(node["right"]) : UNKNOWN;',
      'return inner(node["right"]);',
    ]],
    tests: PLACES,
  },
];
