import assert from "node:assert/strict";
import {
  createOperatorInbox,
  type OperatorInbox,
} from "../../../dev/tasks/ghosts/operator-inbox.ts";
import type { VirtualWorld, WorldOptions } from "../../../dev/world/virtual-world.ts";
import { minutes, openRepair, repairRow, setPolicy } from "../../support/ladder.ts";
import { eventKinds, instanceRow, worldTest } from "../../support/world.ts";

function around(inbox: OperatorInbox, environment: WorldOptions["environment"] = {}): WorldOptions {
  return {
    environment: { operatorHook: inbox.hook, ...environment },
    aroundGateway: inbox.aroundGateway,
  };
}

async function toOperator(world: VirtualWorld): Promise<void> {
  await setPolicy(world, "logout-first");
  world.gateway.control.ghost(world.company.instanceName, "A2");
  await openRepair(world);
  await minutes(world, 2);
  assert.equal((await repairRow(world)).state, "needs_operator");
}

async function notice(world: VirtualWorld) {
  const [row] = await world.sql`
    select attempts, last_outcome, sent_at is not null as sent from ghost_repair.operator_notices`;
  return row;
}

async function verify({ headers, body }: OperatorInbox["calls"][number]): Promise<boolean> {
  const [version, mac] = headers.get("webhook-signature")!.split(",");
  const decode = (text: string) => Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  const key = await crypto.subtle.importKey(
    "raw",
    decode("b3BlcmF0b3ItaG9vay1zZWNyZXQtMDAwMQ=="),
    { name: "HMAC", hash: "SHA-256" },
    false,
    ["verify"],
  );
  const signed = `${headers.get("webhook-id")}.${headers.get("webhook-timestamp")}.${body}`;
  const text = new TextEncoder().encode(signed);
  return version === "v1" && await crypto.subtle.verify("HMAC", key, decode(mac!), text);
}

const told = createOperatorInbox();
worldTest(
  "the operator is told once, signed, without number or key, and the number heals when the process is restarted",
  async (world) => {
    const { company } = world;
    await toOperator(world);
    assert.equal(told.calls.length, 1);
    const [call] = told.calls as [OperatorInbox["calls"][number]];
    assert.ok(await verify(call));
    const { data } = JSON.parse(call.body);
    assert.deepEqual(
      [data.instanceId, data.reason, data.tried],
      [company.instanceId, "steps_used_up", ["logout", "restart"]],
    );
    assert.match(data.message.en, /^"Atendimento" has been without WhatsApp since 20/);
    for (const secret of [company.phone, "evolution-global-key", company.webhookSecret]) {
      assert.ok(!call.body.includes(secret));
    }

    await minutes(world, 11);
    assert.equal(told.calls.length, 1);
    assert.deepEqual(await notice(world), { attempts: 1, last_outcome: "accepted", sent: true });
    assert.equal((await eventKinds(world)).filter((kind) => kind === "needs_operator").length, 1);

    // Not even the webhook tells: the probe, every five minutes, does.
    world.gateway.control.webhooks({ drop: true });
    world.gateway.control.restartProcess();
    await minutes(world, 6);
    assert.equal((await instanceRow(world))["status"], "connected");
    assert.equal((await repairRow(world)).outcome, "healed");
  },
  around(told),
);

const broken = createOperatorInbox((nth) =>
  nth === 1
    ? new Response("broken", { status: 500 })
    : nth === 2
    ? new Promise<never>(() => {})
    : nth === 3
    ? new Response(null, { status: 302, headers: { location: "https://operator.test/elsewhere" } })
    : new Response("ok")
);
worldTest(
  "a hook that fails is called again with growing pauses and the same id, until it accepts",
  async (world) => {
    await toOperator(world);
    const attempts: number[] = [];
    for (let minute = 0; minute < 10; minute++) {
      attempts.push(broken.calls.length);
      await minutes(world, 1);
    }
    // After one minute, two more, four more.
    assert.deepEqual(attempts, [1, 2, 2, 3, 3, 3, 3, 4, 4, 4]);
    assert.equal(broken.calls.length, 4);
    const ids = broken.calls.map(({ headers }) => headers.get("webhook-id"));
    assert.equal(new Set(ids).size, 1);
    assert.deepEqual(await Promise.all(broken.calls.map(verify)), [true, true, true, true]);
    assert.deepEqual(await notice(world), { attempts: 4, last_outcome: "accepted", sent: true });
  },
  around(broken),
);

const late = createOperatorInbox(() => new Response("broken", { status: 500 }));
worldTest("a number that lives again is no news for an operator", async (world) => {
  await toOperator(world);
  world.gateway.control.restartProcess();
  await world.clock.advance(1_000);
  const before = late.calls.length;
  await minutes(world, 1);
  assert.equal((await repairRow(world)).outcome, "healed");
  const after = late.calls.length;
  assert.ok(after <= before + 1);
  await minutes(world, 10);
  assert.equal(late.calls.length, after);
}, around(late));

const inside = createOperatorInbox();
worldTest(
  "a hook inside the house is not called",
  async (world) => {
    await toOperator(world);
    assert.equal(inside.calls.length, 0);
    assert.deepEqual(await notice(world), {
      attempts: 1,
      last_outcome: "address_refused",
      sent: false,
    });
  },
  around(inside, {
    allowPrivateAddresses: false,
    operatorHook: { ...inside.hook, url: "https://127.0.0.1/hook" },
  }),
);
