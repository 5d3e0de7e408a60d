import assert from "node:assert/strict";
import { addCompany, addInstances, only } from "../../support/database.ts";
import { type Answer, ask, DISCONNECTED, setState, tell } from "../../support/instance-calls.ts";
import { quickTest } from "../../support/quick-test.ts";

const REPAIR = "insert into public.ghost_repairs (instance_id, state, evidence)";

/** What the watcher's view calls a number, and what its members are promised. */
const VIEWS: readonly (readonly [
  what: string,
  state: string,
  repair: string | null,
  health: string,
  promise: "an attempt" | "none left" | null,
])[] = [
  ["connected", "status = 'connected'", null, "ok", null],
  ["disconnected", DISCONNECTED, null, "reconnecting", "an attempt"],
  [
    "after two attempts",
    `${DISCONNECTED}, reconnect_attempts_count = 2`,
    null,
    "reconnecting",
    "an attempt",
  ],
  [
    "after three attempts",
    `${DISCONNECTED}, reconnect_attempts_count = 3`,
    null,
    "gave_up",
    "none left",
  ],
  ["by hand", `${DISCONNECTED}, manual_disconnect = true`, null, "manual", null],
  ["waiting for its scan", "status = 'awaiting_qr'", null, "awaiting_qr", null],
  ["under repair", DISCONNECTED, "'open'", "repairing", null],
  ["in a person's hands", DISCONNECTED, "'needs_operator'", "needs_operator", null],
];

for (const [what, state, repair, health, promise] of VIEWS) {
  quickTest(`a number that is ${what} is ${health}, and promised ${promise}`, async (db) => {
    await setState(db, state);
    if (repair !== null) {
      await db.sql.unsafe(`${REPAIR} values ($1, ${repair}, '{"reason": "outage"}')`, [
        db.instanceId,
      ]);
    }
    const seen = await only(db.sql`select health, reason from public.instance_health`);
    assert.deepEqual({ ...seen }, { health, reason: repair === null ? null : "outage" });
    const { instance } = await ask(db, "instance_status") as { instance: Record<string, Answer> };
    const reconnect = instance["reconnect"];
    assert.equal(
      reconnect === null
        ? null
        : reconnect?.["nextAttemptAt"] === null
        ? "none left"
        : "an attempt",
      promise,
    );
  });
}

quickTest("a user's numbers are those of the own organizations", async (db) => {
  await addCompany(db.sql, "outra");
  const list = async (...args: string[]) => {
    const places = args.map((_, index) => `$${index + 1}`).join(", ");
    return await tell(db.sql, `public.list_instances(${places})`, args);
  };
  const { userId, organizationId } = db.company;
  for (const args of [[userId], [userId, organizationId]]) {
    const { instances } = await list(...args) as { instances: { id: string }[] };
    assert.deepEqual(instances.map(({ id }) => id), [db.instanceId]);
  }
  assert.deepEqual(await list(crypto.randomUUID()), { result: "ok", instances: [] });
});

quickTest("failures of the last day are counted, older ones no more", async (db) => {
  for (const [hours, status] of [[23, "failed"], [25, "failed"], [1, "sent"]] as const) {
    await db.sql`insert into public.messages (organization_id, conversation_id,
        whatsapp_instance_id, is_from_me, message_type, content, status, failed_at)
      values (${db.company.organizationId}, ${db.company.conversationId}, ${db.instanceId}, true,
        'text', 'oi', ${status}, ghost_repair.now() - make_interval(hours => ${hours}))`;
  }
  const { instance } = await ask(db, "instance_status") as { instance: Answer };
  assert.equal(instance["failedMessages24h"], 1);
});

quickTest("a name is one number's, whoever asks for it", async (db) => {
  const other = await addCompany(db.sql, "outra");
  const check = async (name: string) =>
    await tell(db.sql, "public.check_new_instance($1, $2, $3)", [
      other.userId,
      other.organizationId,
      name,
    ]);
  assert.equal(await check(db.company.instanceName), "instance_name_taken");
  assert.equal(await check("livre"), "ok");
});

quickTest("the doctor is told what is not installed, and every number", async (db) => {
  await addInstances(db.sql, db.company, 2);
  const report = await tell(db.sql, "public.doctor_report()", []);
  assert.deepEqual([report["jobs"], report["vault"], report["answers"]], [null, null, null]);
  assert.equal((report["instances"] as unknown[]).length, 3);
});
