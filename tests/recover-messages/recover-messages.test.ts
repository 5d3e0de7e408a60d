import assert from "node:assert/strict";
import { minutes } from "../support/ladder.ts";
import type { VirtualWorld } from "../../dev/world/virtual-world.ts";
import { clientOf } from "../support/actions.ts";
import { calls, events, instanceRow, worldTest } from "../support/world.ts";

const CUSTOMER = "5511977776666";

/** A customer writes. @returns WhatsApp's id. */
function write({ gateway, company }: VirtualWorld, text: string, more = {}): string {
  const message = { from: CUSTOMER, text, pushName: "Cliente", ...more };
  return gateway.control.inbound(company.instanceName, message).id;
}

/** What is here of a message: when it was brought in, and its text. */
async function find({ sql }: VirtualWorld, id: string) {
  return [
    ...await sql<{ content: string; recovered: boolean; in_place: boolean }[]>`
      select m.content, m.recovered_at is not null as recovered, m.created_at = m.sent_at as in_place
      from public.messages m where m.whatsapp_message_id = ${id}`,
  ];
}

/** Logged out; a customer writes; the phone scans. @returns What was written in between. */
async function logoutAndScan(world: VirtualWorld): Promise<string> {
  const { instanceId, instanceName } = world.company;
  const { control } = world.gateway;
  write(world, "before");
  await world.clock.advance(1_000);
  control.removeDevice(instanceName);
  await world.clock.advance(120_000);
  const missed = write(world, "between logout and scan");
  await world.clock.advance(120_000);
  const { qr } = await clientOf(world).getQrCode({ instanceId });
  control.scan(instanceName, { code: qr!.code! });
  await world.clock.advance(10_000);
  assert.equal((await instanceRow(world))["status"], "connected");
  return missed;
}

const HERE = { content: "between logout and scan", recovered: true, in_place: true };

worldTest(
  "what a customer wrote between logout and scan is here with the scan, once",
  async (world) => {
    const { control } = world.gateway;
    const old = write(world, "an old secret", { secondsAgo: 86_400 });
    const missed = await logoutAndScan(world);
    assert.deepEqual(await find(world, missed), [HERE]);
    assert.deepEqual(await find(world, old), [], "the phone's history is not ours");
    assert.ok(
      control.inspect(world.company.instanceName).webhooksSent.some(({ event, data }) =>
        event === "messages.set" && JSON.stringify(data).includes(old)
      ),
    );
    await world.clock.advance(60_000);
    await world.tick();
    assert.deepEqual(await find(world, missed), [HERE]);
    assert.partialDeepStrictEqual((await events(world)).at(-1), {
      kind: "messages_recovered",
      detail: { messages: 1, reason: "away" },
    });
  },
);

worldTest("a webhook without the history loses nothing: the gateway is compared", async (world) => {
  world.gateway.control.webhooks({ drop: ["messages.set"] });
  const missed = await logoutAndScan(world);
  assert.deepEqual(await find(world, missed), []);
  await world.clock.advance(60_000);
  await world.tick();
  assert.deepEqual(await find(world, missed), [HERE]);
  const asked = calls(world, "findMessages");
  // A second run finds nothing to do.
  await world.clock.advance(60_000);
  await world.tick();
  assert.equal(calls(world, "findMessages"), asked);
});

worldTest(
  "what was written while our functions were away is here after they are back",
  async (world) => {
    const { control } = world.gateway;
    const changed = write(world, "before");
    const withdrawn = write(world, "said too much");
    await world.clock.advance(1_000);
    control.webhooks({ drop: true });
    const lost = write(world, "never delivered");
    const phone = write(world, "from the phone", { fromMe: true });
    const { instanceName } = world.company;
    control.change(instanceName, changed, { text: "as it is now" });
    control.change(instanceName, withdrawn, "deleted");
    await world.clock.advance(15 * 60_000);
    control.webhooks({});
    write(world, "after");
    await world.clock.advance(1_000);
    await minutes(world, 3);
    assert.deepEqual((await find(world, lost)).map(({ content }) => content), ["never delivered"]);
    assert.deepEqual((await find(world, phone)).map(({ content }) => content), ["from the phone"]);
    assert.deepEqual((await find(world, changed)).map(({ content }) => content), ["as it is now"]);
    assert.deepEqual((await find(world, withdrawn)).map(({ content }) => content), [null]);
  },
);
