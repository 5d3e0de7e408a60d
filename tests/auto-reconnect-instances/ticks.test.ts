import assert from "node:assert/strict";
import { EVOLUTION_KEY } from "../../dev/world/virtual-world.ts";
import { addMembers, eventKinds, instanceRow, reconnect, worldTest } from "../support/world.ts";

worldTest(
  "one instance's trouble does not stop the others, and the answer names nobody",
  async (world) => {
    const { control } = world.gateway;
    const members = await addMembers(world, 8);
    const [hangs, broken, elsewhere, unknown, badName, ...fine] = members.map((each) =>
      each.company
    );
    for (const { company } of members) control.removeDevice(company.instanceName);
    await world.clock.advance(1_000);
    control.fault("connect", "hang", { instance: hangs!.instanceName });
    control.fault("connect", "invalid-json", { instance: broken!.instanceName });
    await world.sql`update private.instance_credentials set api_url = 'not a url'
    where instance_id = ${elsewhere!.instanceId}`;
    await world.sql`update public.whatsapp_instances set instance_name = 'nobody'
    where id = ${unknown!.instanceId}`;
    await world.sql`update public.whatsapp_instances set instance_name = '..'
    where id = ${badName!.instanceId}`;

    const answer = await reconnect(world);
    assert.partialDeepStrictEqual(answer, { leased: 8, qr: 3, unknown: 3, not_found: 2 });
    for (const company of fine) {
      assert.equal((await instanceRow(world, company.instanceId))["status"], "awaiting_qr");
    }
    for (const company of [hangs, broken, elsewhere, unknown, badName]) {
      assert.equal((await instanceRow(world, company!.instanceId))["status"], "disconnected");
      assert.equal((await eventKinds(world, company!.instanceId)).length, 2);
    }

    const said = JSON.stringify(answer);
    for (const { company } of members) {
      const { code, base64 } = control.inspect(company.instanceName).qr;
      const secrets = [
        company.instanceName,
        company.instanceId,
        company.organizationId,
        company.phone,
        code ?? EVOLUTION_KEY,
        base64 ?? EVOLUTION_KEY,
      ];
      for (const secret of secrets) assert.ok(!said.includes(secret));
    }
    for (const [key, value] of Object.entries(answer)) {
      assert.ok(["number", "boolean"].includes(typeof value) || value === null, key);
    }
  },
);
