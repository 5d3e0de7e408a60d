import assert from "node:assert/strict";
import { endGaps } from "../../dev/tasks/simulate/promises/missed.ts";
import { Guards } from "../../dev/tasks/simulate/promises/guards.ts";
import { Hearing } from "../../dev/tasks/simulate/promises/hearing.ts";
import { perform } from "../../dev/tasks/simulate/perform.ts";
import { planOf } from "../../dev/tasks/simulate/plan.ts";
import { wrongOrder, wrongRows } from "../../dev/tasks/simulate/promises/safety.ts";
import { Scene } from "../../dev/tasks/simulate/scene.ts";
import { checkSettled } from "../../dev/tasks/simulate/promises/settled.ts";
import { serverTest } from "../support/server.ts";

/** A scene in which two messages of one conversation were sent and received. */
function promiseTest(name: string, body: (scene: Scene) => Promise<void>): void {
  serverTest(name, async (server) => {
    const plan = { ...planOf(1), policies: ["keep-pairing"] as const, version: "2.3.7" as const };
    const scene = await Scene.open(server, plan);
    await perform(scene, { kind: "send two", company: 0, message: 1, apartMs: 0, thenMs: 0 });
    await scene.pass(30_000);
    await checkSettled(scene);
    const wrong = [...await wrongRows(scene.world.sql), ...await wrongOrder(scene)];
    assert.deepEqual([...scene.violations, ...wrong], []);
    await body(scene);
    await scene.close();
  });
}

promiseTest("what a customer has and what the rows say are compared", async (scene) => {
  const { sql } = scene.world;
  await sql`update public.messages set status = 'failed', error_code = 'connection_closed',
    sending_since = null where is_from_me and organization_id = ${
    scene.companies[0]!.organizationId
  }`;
  await checkSettled(scene);
  assert.equal(scene.violations.length, 2);
  assert.match(scene.violations[0]!, /^received and failed: "message no\. 1;".*its answer came/);
  scene.violations.length = 0;
  await sql`update public.messages set error_code = 'rejected_by_whatsapp' where status = 'failed'`;
  await checkSettled(scene);
  assert.match(scene.violations[0]!, /^refused by nobody/);
  await sql`update public.messages set error_code = 'interrupted' where status = 'failed'
    and organization_id = ${scene.companies[0]!.organizationId}`;
  assert.equal((await wrongRows(sql)).filter((what) => what.startsWith("ended untried")).length, 2);
});

promiseTest("two messages that left in another order are noticed", async (scene) => {
  const texts = ["message no. 1;", "message no. 500001;"];
  await scene.world.sql`update public.messages m set content = case m.content
      when ${texts[0]!} then ${texts[1]!} else ${texts[0]!} end
    where m.content = any (${texts})`;
  assert.deepEqual(await wrongOrder(scene), [
    `out of order: "${texts[0]}" left before "${texts[1]}"`,
  ]);
});

promiseTest("a webhook that was taken and not stored is noticed", async (scene) => {
  const taken = { kind: "inbound with a bad one", company: 0, message: 2, bad: 1 } as const;
  await perform(scene, { ...taken, thenMs: 0 });
  await scene.pass(5_000);
  await checkSettled(scene);
  assert.deepEqual(scene.violations, []);
  await scene.world.sql`delete from public.messages where whatsapp_message_id = '3A2X0'`;
  await checkSettled(scene);
  assert.deepEqual(scene.violations, ["lost inbound: 2 of 3 beside a bad one are stored"]);
});

promiseTest("a message that the gateway has and that is not here is noticed", async (scene) => {
  const { control } = scene.world.gateway;
  const [company] = scene.companies;
  const { instanceName } = company!;
  const setRecovery = (on: boolean) =>
    scene.world.sql`update ghost_repair.settings set recover_messages = ${on}`;
  const logoutAndScan = async () => {
    control.removeDevice(instanceName);
    await scene.pass(120_000);
    await perform(scene, { kind: "scan", company: 0, thenMs: 0 });
    await endGaps(scene);
    await checkSettled(scene);
    return scene.violations.splice(0);
  };
  assert.deepEqual(await logoutAndScan(), []);
  await setRecovery(false);
  const [broken, ...more] = await logoutAndScan();
  assert.match(broken!, /^missed: .* has at the gateway, and here 0 times: 3A/);
  assert.deepEqual(more, []);
  await setRecovery(true);
  await scene.world.sql`update ghost_repair.hearing set next_check_at = ghost_repair.now()
    where instance_id = ${company!.instanceId}`;
  await endGaps(scene);
  await checkSettled(scene);
  assert.deepEqual(scene.violations, []);
});

promiseTest("a number that nobody looks at again, and flags that contradict", async (scene) => {
  const { sql } = scene.world;
  const { instanceId } = scene.companies[0]!;
  await sql`delete from private.instance_credentials where instance_id = ${instanceId}`;
  await sql`update public.whatsapp_instances set status = 'awaiting_qr' where id = ${instanceId}`;
  assert.deepEqual((await wrongRows(sql)).map((what) => what.split(":")[0]), ["no next look"]);
  await sql`alter table public.whatsapp_instances drop constraint whatsapp_instances_by_hand`;
  await sql`alter table public.whatsapp_instances disable trigger user`;
  await sql`update public.whatsapp_instances set status = 'connected', manual_disconnect = true
    where id = ${instanceId}`;
  assert.match((await wrongRows(sql)).join(), /^contradicting flags: .* disconnected by hand$/);
});

promiseTest(
  "a canary that goes astray, and a word that is not true, are noticed",
  async (scene) => {
    const { sql, gateway: { control } } = scene.world;
    const { instanceId, instanceName: name, organizationId } = scene.companies[0]!;
    const hearing = new Hearing(scene);
    const wrong = async () => {
      await hearing.check();
      return [...new Set(scene.violations.splice(0))];
    };
    const say = (verdict: string) =>
      sql`select ghost_repair.add_event(${instanceId}, 'hearing', ${sql.json({ verdict })})`;
    const send = (number: string, place: number) =>
      control.instance(name).delivered.push({
        id: `3EB0${number}${place}`,
        number,
        kind: "text",
        content: `[canary ${place}]`,
        media: null,
        at: scene.world.clock.now(),
      });
    const own = control.inspect(name).phone;
    for (let place = 0; place < 4; place++) send(own, place);
    assert.deepEqual(await wrong(), []);
    send("5511977776666", 4);
    assert.deepEqual(await wrong(), [
      `a canary of ${name} has left for somebody else`,
      `${name} has sent more than 4 canaries in a day`,
    ]);
    control.instance(name).delivered.splice(-5);

    control.phoneOff(name, true);
    await say("suspected_deaf");
    assert.deepEqual(await wrong(), []);
    await say("deaf");
    assert.deepEqual(await wrong(), [`called deaf: ${name}, which hears`]);
    await perform(scene, { kind: "deaf", company: 0, deafness: "F6", forMs: 60_000, thenMs: 0 });
    await say("deaf");
    assert.deepEqual(await wrong(), []);

    const guards = new Guards(sql, scene.violated);
    await guards.onLogout(control, name, "advance-ghost-repairs");
    assert.match(scene.violations.splice(0).join(), /logs .* out, which is deaf \(F6\) and lives/);
    await guards.beforeCall("restart", name, "watch-instances");
    assert.match(scene.violations.splice(0).join(), /restarts .*, not proven deaf/);

    await sql`insert into public.messages (organization_id, conversation_id, whatsapp_instance_id,
      is_from_me, message_type, content, status)
    select ${organizationId}, c.id, ${instanceId}, false, 'text', '[canary 1]', 'received'
    from public.conversations c where c.whatsapp_instance_id = ${instanceId}`;
    await sql`update public.conversations set remote_jid = ${`${own}@s.whatsapp.net`}
    where whatsapp_instance_id = ${instanceId}`;
    assert.deepEqual(await wrong(), [
      `a canary is a message of ${name}`,
      `a canary has opened a conversation of ${name}`,
    ]);
  },
);
