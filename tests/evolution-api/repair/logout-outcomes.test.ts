import assert from "node:assert/strict";
import { type Fault } from "../../../dev/evolution/routes/gate.ts";
import {
  addMembers,
  beginSend,
  calls,
  events,
  instanceRow,
  messageRow,
  registryReads,
  worldTest,
} from "../../support/world.ts";

const envelope = (status: number, message: unknown): Fault => ({
  status,
  body: { status, error: "Error", response: { message } },
});

/** What a logout answers, and what the event calls it. The registry stays `open` in all of them. */
const ANSWERS: readonly { readonly fault: Fault; readonly outcome: string }[] = [
  {
    fault: { status: 200, body: { status: "SUCCESS", error: false, response: { message: "ok" } } },
    outcome: "accepted",
  },
  { fault: envelope(400, ['The "x" instance is not connected']), outcome: "not_connected" },
  { fault: envelope(401, "Unauthorized"), outcome: "unauthorized" },
  { fault: envelope(404, ['The "x" instance does not exist']), outcome: "not_found" },
  { fault: envelope(500, ["Error: Connection Closed"]), outcome: "socket_dead" },
  { fault: "hang", outcome: "timeout" },
  { fault: "cut", outcome: "unreachable" },
  { fault: "invalid-json", outcome: "invalid" },
];

worldTest(
  "whatever a logout answers, the row is disconnected and the registry read",
  async (world) => {
    const { control } = world.gateway;
    const members = await addMembers(world, ANSWERS.length);
    // With as many that are well it is no outage.
    await addMembers(world, ANSWERS.length);
    for (const [index, { company }] of members.entries()) {
      const { fault } = ANSWERS[index]!;
      control.ghost(company.instanceName, "A2");
      control.fault("logout", fault, { instance: company.instanceName });
    }

    const answers = await world.clock.until(
      Promise.all(members.map((as) => beginSend(world, {}, { as }))),
    );
    await world.settle();

    for (const [index, { company }] of members.entries()) {
      const { outcome } = ANSWERS[index]!;
      const told = await events(world, company.instanceId);
      const logout = told.find((event) => event.kind === "logout");
      const verified = told.find((event) => event.kind === "verified");
      assert.equal(logout?.detail["logout"], outcome);
      assert.partialDeepStrictEqual(verified?.detail["verified"], {
        outcome: "not_invalidated",
        registry: "open",
      });
      const row = await instanceRow(world, company.instanceId);
      assert.equal(row["status"], "disconnected", outcome);
      assert.notEqual(row["last_disconnected_at"], null);
      const message = await messageRow(world, answers[index]!.body["messageId"]);
      assert.deepEqual([message["status"], message["error_code"]], ["failed", "connection_closed"]);
      assert.equal(calls(world, "logout", company.instanceName), 1);
    }
    assert.equal(registryReads(world), ANSWERS.length);
    assert.deepEqual(world.logs.filter((line) => line.includes('"level":"error"')), []);
  },
);
