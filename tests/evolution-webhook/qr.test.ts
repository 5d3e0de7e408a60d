import assert from "node:assert/strict";
import type { VirtualWorld } from "../../dev/world/virtual-world.ts";
import { databaseContent } from "../support/database-content.ts";
import { events, instanceRow, reconnect, worldTest } from "../support/world.ts";

async function storedQr(world: VirtualWorld): Promise<string | undefined> {
  const [row] = await world.sql<{ code: string }[]>`select code from private.instance_qr_codes`;
  return row?.code;
}

worldTest("a QR waits for its scan where only the functions can read it", async (world) => {
  const { control } = world.gateway;
  const name = world.company.instanceName;
  control.removeDevice(name);
  await world.clock.advance(1_000);
  await reconnect(world);
  const row = await instanceRow(world);
  assert.equal(row["status"], "awaiting_qr");
  assert.notEqual(row["disconnected_since"], null);
  const { code, base64 } = control.inspect(name).qr;
  assert.equal(await storedQr(world), code);
  for (const [table, rows] of Object.entries(await databaseContent(world))) {
    if (table === "private.instance_qr_codes") continue;
    assert.ok(!rows.includes(code!), table);
    assert.ok(!rows.includes(base64!.slice(-40)), table);
  }

  await world.clock.advance(26_000);
  const renewed = control.inspect(name).qr.code;
  assert.notEqual(renewed, code);
  assert.equal(await storedQr(world), renewed);
  const kinds = (await events(world)).map((event) => event.kind);
  assert.deepEqual(kinds, ["webhook_close", "qr_required"]);

  control.scan(name);
  await world.clock.advance(1_000);
  assert.equal((await instanceRow(world))["status"], "connected");
  assert.equal(await storedQr(world), undefined);
});
