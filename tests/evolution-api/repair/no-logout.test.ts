import assert from "node:assert/strict";
import {
  addMembers,
  calls,
  events,
  instanceRow,
  sendToTheEnd,
  worldTest,
} from "../../support/world.ts";

worldTest(
  "a number disconnected by hand, or waiting for its QR, is never logged out",
  async (world) => {
    const [byHand, waiting] = await addMembers(world, 2);
    await world.sql`update public.whatsapp_instances
    set status = 'disconnected', manual_disconnect = true
    where id = ${byHand!.company.instanceId}`;
    await world.sql`update public.whatsapp_instances set status = 'awaiting_qr'
    where id = ${waiting!.company.instanceId}`;
    const cases = [
      { as: byHand!, reason: "manual_disconnect", status: "disconnected" },
      { as: waiting!, reason: "awaiting_qr", status: "awaiting_qr" },
    ];
    for (const { as, reason, status } of cases) {
      world.gateway.control.ghost(as.company.instanceName, "A2");
      const row = await sendToTheEnd(world, {}, { as });
      assert.deepEqual([row["status"], row["error_code"]], ["failed", "connection_closed"]);
      assert.equal(calls(world, "logout", as.company.instanceName), 0);
      assert.deepEqual([...await events(world, as.company.instanceId)], [
        { kind: "repair_skipped", detail: { reason } },
      ]);
      assert.equal((await instanceRow(world, as.company.instanceId))["status"], status);
    }
  },
);

worldTest(
  "a session that comes back during the logout is not marked disconnected",
  async (world) => {
    const { control } = world.gateway;
    control.ghost(world.company.instanceName, "A2");
    control.slow("logout", 5_000);
    control.fault("logout", {
      status: 500,
      body: { status: 500, error: "Error", response: { message: ["Error: Connection Closed"] } },
    });
    const sent = sendToTheEnd(world);
    await world.clock.advance(11_000);
    assert.equal(calls(world, "logout"), 1);
    control.restartProcess();
    const message = await sent;

    assert.equal(message["status"], "failed");
    const instance = await instanceRow(world);
    assert.deepEqual(
      [instance["status"], instance["disconnected_since"], instance["last_disconnected_at"]],
      ["connected", null, null],
    );
    assert.deepEqual((await events(world)).map((event) => event.kind), [
      "connection_closed",
      "connected",
      "logout",
      "verified",
    ]);
    assert.equal((await sendToTheEnd(world))["status"], "sent");
  },
);

/** A gateway's version when the message is sent and when its socket was probed, and the logouts. */
const CHANGES = [["2.3.7", "2.3.6", 0], ["2.3.6", "2.3.7", 1]] as const;

worldTest(
  "the version that counts is the one that answers right before the logout",
  async (world) => {
    const { control } = world.gateway;
    const members = await addMembers(world, CHANGES.length);
    for (const [at, [before, after, logouts]] of CHANGES.entries()) {
      const as = members[at]!;
      control.setVersion(before);
      await world.clock.advance(60_000);
      await world.tick();
      control.ghost(as.company.instanceName, "A2");
      const sent = sendToTheEnd(world, {}, { as });
      await world.clock.advance(4_000);
      // An upgrade, and what the database knows of it is of before.
      control.setVersion(after);
      await world.clock.until(sent);
      assert.equal(
        calls(world, "logout", as.company.instanceName),
        logouts,
        `${before} → ${after}`,
      );
    }
  },
);
