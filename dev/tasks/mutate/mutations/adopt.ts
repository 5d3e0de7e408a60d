/**
 * Mistakes in adoption: what the `fetch` that watches sees, and what is written for a project's table.
 *
 * @module
 */

import { mistakesIn, type Mutation } from "../mutation.ts";

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
  ...mistakesIn(WATCH, WATCHED, {
    "the caller's own body is read instead of a copy": [["response.clone()", "response"]],
    "all of an error's body is read, however long": [[
      "return whole && await isConnectionClosed",
      "return await isConnectionClosed",
    ]],
    "a caller that gives up at once makes a number suspicious": [[
      "&& elapsed() >= PATIENCE_MS",
      "",
    ]],
    "a broken connection makes a number suspicious": [["isAborted(input, init) && ", ""]],
    "every failing send begins a repair of its own": [["if (repairing.has(number)) return;", ""]],
  }),
  ...mistakesIn(SEND, WATCHED, {
    "a send without a key is taken for one to a gateway": [[
      'if (apiKey === null || apiKey === "") return null;',
      "",
    ], [
      "apiKey, instanceName",
      'apiKey: apiKey ?? "", instanceName',
    ]],
    "the path before a send is not the gateway's": [["`${url.origin}${base}`", "url.origin"]],
    "the sent words are not looked at": [[
      "|| !TREACHEROUS.test(body)) return [];",
      "|| TREACHEROUS.test(body)) return [];",
    ]],
  }),
  ...mistakesIn(REPAIR, "adopt/repair-number.test.ts", {
    "a living socket whose caller gave up is repaired": [['probe.outcome !== "alive" && ', ""]],
    "a gateway that is away is taken for a silent socket": [[
      'if (suspect === "no_answer" && !await isSilent(gateway)) return;',
      "",
    ]],
    "a gateway is not remembered before an adopted number is claimed": [[
      "if (found.ladder) await prepareLadder(found.id, send, world);",
      "",
    ]],
  }),
  ...mistakesIn(SESSION, ADOPTED, {
    "a project's report of an open session is not counted": [[
      "n.connection_epoch + 1\n",
      "n.connection_epoch\n",
    ]],
    "a project's flag of an open session stays when it is dead": [[
      'const flagged = connectedFlag === null ? ""',
      'const flagged = true ? ""',
    ]],
  }),
  ...mistakesIn(ROW, "adopt/host-rows.test.ts", {
    "a project's flag of a pairing is not looked at": [["...isSet(row, host.pairingFlag),", ""]],
    "a project's flag of a disconnection by hand is not looked at": [[
      "either(isSet(row, host.manualFlag))",
      "either(isSet(row, null))",
    ]],
    "a deleted row is repaired": [[
      'alive: host.deletedAt === null ? ""',
      'alive: host.deletedAt !== undefined ? ""',
    ]],
  }),
  ...mistakesIn(SESSION, "adopt/host-rows.test.ts", {
    "of two numbers of one name any is repaired": [[
      "case when cardinality(v_found) = 1 then",
      "case when cardinality(v_found) > 0 then",
    ]],
  }),
  ...mistakesIn(DOOR, LADDERED, {
    "an adopted project's auto-reconnect connects what the ladder is at work on": [[
      "and ghost_repair.has_open_repair(n.id))",
      "and false)",
    ]],
    "anybody may call an adopted ladder": [["s.secret = p_secret", "true"]],
    "a webhook of an adopted number that never failed says nothing of its gateway": [[
      "where c.instance_id = v_id) then",
      "where true) then",
    ]],
    "an adopted ladder is called although nothing is due": [[
      "if v_scheduler.project_url is null or not (",
      "if v_scheduler.project_url is null or (false and (",
    ], [
      "from ghost_repair.due_gateway_versions)) then",
      "from ghost_repair.due_gateway_versions))) then",
    ]],
  }),
  ...mistakesIn(LADDER, LADDERED, {
    "three failing numbers of a hundred are an adopted project's outage": [[
      "return v_failing * 2 >= v_numbers;",
      "return true;",
    ]],
    "silence counts at an adopted gateway where another number is connected": [[
      "  return not exists (\n",
      "  return true or not exists (\n",
    ]],
    "a key that stands in the row is kept beside it": [[
      "case when ${row} is null then p_send",
      "case when true then p_send",
    ]],
    "an adopted number that waits for a scan stays the ladder's": [[
      '[isManual("new"), isPairing("new")].filter((each) => each !== "false")',
      "[] as string[]",
    ]],
  }),
  ...mistakesIn(FILTER, PLACES, {
    "a list for people loses the numbers that the ladder is at work on": [[
      "if (asks) queries.push",
      "queries.push",
    ]],
    "a list of the connected loses the numbers that the ladder is at work on": [[
      "(words.includes(disconnected) || isNone(rest.at(-1)))",
      "true",
    ]],
    "what reads one number is filtered, too": [[
      "SINGLE.has(method) || WRITES.has(method)",
      "WRITES.has(method)",
    ]],
  }),
  ...mistakesIn(LINE, PLACES, {
    "of two bodies the first is taken for the webhook's": [[
      "place === undefined || more.length > 0",
      "place === undefined",
    ]],
    "parts of a webhook without its number are reported": [[
      '["event", "instance", "data"].every(',
      '["event"].every(',
    ]],
  }),
  ...mistakesIn(KEY, PLACES, {
    "a key's table need not be joined with the numbers": [[
      "if (joined === null) {",
      "if (joined === undefined) {",
    ], [
      "const { from, to } = joined;",
      'const { from, to } = joined ?? { from: "id", to: "id" };',
    ]],
  }),
  ...mistakesIn("adopt/report-webhook.ts", "adopt/report-webhook.test.ts", {
    "every message of a gateway is one call to an adopted database": [[
      "monotonicMs() - last < EVERY_MS",
      "monotonicMs() - last < 0",
    ]],
    "what a database said of a webhook is logged": [[
      "(error as Error).name",
      "(error as Error).message",
    ]],
  }),
  ...mistakesIn("dev/tasks/adopt/host/find-words.ts", "adopt/find-host.test.ts", {
    "the gateway's words are taken for those of a project's column": [[
      "\n    .difference(GATEWAYS)",
      "",
    ]],
  }),
  ...mistakesIn("dev/tasks/adopt/find-senders.ts", "adopt/find-senders.test.ts", {
    "a client that a helper makes is overlooked": [[
      " || helper.otherClients.length > 0) {",
      ") {",
    ]],
    "a helper that fetches what it is given is overlooked": [["helper.fetchesGiven || ", ""]],
    "a fetch of a file's own is taken for the global one": [[
      "if (hasOwnFetch && !isWatched) {",
      "if (hasOwnFetch && isWatched) {",
    ]],
    "a file that a person leaves out is watched": [["namesSend && !except.has(path)", "namesSend"]],
  }),
  ...mistakesIn("dev/tasks/adopt/plan.ts", "adopt/plan.test.ts", {
    "a ladder goes with the next run that does not ask for it": [[
      "wanted || manifest?.ladder === true;",
      "wanted;",
    ]],
  }),
  ...mistakesIn("dev/tasks/adopt/project/read-functions.ts", PLACES, {
    "a name that the code composes is taken for a column": [[
      'return node["operator"] === "+" ? inner(node["left"]) + inner(node["right"]) : UNKNOWN;',
      'return inner(node["right"]);',
    ]],
  }),
  ...mistakesIn("dev/tasks/adopt/import-line.ts", "adopt/find-senders.test.ts", {
    "a file gets its import line twice": [["  if (isWatched) return text;\n", ""]],
  }),
  ...mistakesIn("dev/tasks/adopt/host/find-host.ts", "adopt/find-host.test.ts", {
    "of two tables that could hold the numbers one is taken": [[
      "if (second?.score === best.score) {",
      "if (second?.score === NaN) {",
    ]],
    "a table with a name and a status is taken for the numbers": [[
      "usable && !isGeneric ? score : 0",
      "usable ? score : 0",
    ]],
  }),
  ...mistakesIn("dev/tasks/adopt/undo.ts", "adopt/plan.test.ts", {
    "an undoing drops the data that was to stay": [[
      'dropData\n      ? "drop',
      'true\n      ? "drop',
    ]],
    "an undoing leaves the line in the webhook": [[
      "removeWebhookLine(removeImportLine(text))",
      "removeImportLine(text)",
    ]],
  }),
  ...mistakesIn("dev/tasks/adopt/stamped-name.ts", "adopt/plan.test.ts", {
    "a migration is earlier than the project's last one": [[
      "last === undefined || last < stamp ? stamp",
      "last !== null ? stamp",
    ]],
  }),
  ...mistakesIn("adopt/watch-sends.ts", "adopt/watch-sends.test.ts", {
    "a send that took a minute is taken for a healthy one": [[
      'if (ms > SLOW_SEND_MS) return "answered";',
      'if (ms > 100 * SLOW_SEND_MS) return "answered";',
    ]],
  }),
  ...mistakesIn("adopt/gateway-send.ts", "adopt/watch-sends.test.ts", {
    "whatever reads a send's path is watched": [[
      '  if (method.toUpperCase() !== "POST") return null;\n',
      "",
    ]],
  }),
  ...mistakesIn(
    "supabase/functions/_shared/runtime/platform-keys.ts",
    "adopt/repair-number.test.ts",
    {
      "a secret key of today is shown as a token": [[
        "    ? { apikey: key }\n",
        "    ? { apikey: key, Authorization: `Bearer ${key}` }\n",
      ]],
    },
  ),
  ...mistakesIn("dev/tasks/adopt/ladder/reconnect-filter.ts", "adopt/ladder-places.test.ts", {
    "a list of what is not connected keeps what the ladder is at work on": [[
      'method === "neq" || method === "not";',
      'method === "neq";',
    ]],
    "a view that hides the ids is filtered": [[
      "if (idColumn === undefined) {",
      "if (idColumn === null) {",
    ]],
  }),
  ...mistakesIn("dev/tasks/adopt/ladder/webhook-line.ts", "adopt/ladder-places.test.ts", {
    "who only subscribes to the event reports": [[' && parent?.type !== "ArrayExpression"', ""]],
  }),
  ...mistakesIn("dev/tasks/adopt/ladder/key-source.ts", "adopt/ladder-places.test.ts", {
    "a key's column need not be there": [[
      "if (!own.columns.has(column)) throw refused",
      "if (own.columns.size === 0) throw refused",
    ]],
  }),
];
