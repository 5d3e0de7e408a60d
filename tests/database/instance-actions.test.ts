import assert from "node:assert/strict";
import type postgres from "postgres";
import {
  addCompany,
  addInstances,
  type CompanyDatabase,
  companyTest,
  only,
} from "../support/database.ts";
import { claim, claimed, confirm, instanceRow, pass } from "../support/repair-calls.ts";

type Answer = Readonly<Record<string, unknown>>;

/** Calls an SQL function of an action for the company's owner. */
async function ask(db: CompanyDatabase, fn: string, ...args: string[]): Promise<Answer> {
  const all = [db.company.userId, db.instanceId, ...args];
  const places = all.map((_, index) => `$${index + 1}`).join(", ");
  return await tell(db.sql, `public.${fn}(${places})`, all);
}

async function tell(sql: postgres.ISql, call: string, args: readonly string[]): Promise<Answer> {
  const { answer } = await only(
    sql.unsafe<{ answer: Answer }[]>(`select to_jsonb(${call}) as answer`, [...args]),
  );
  return answer;
}

const tokenOf = (answer: Answer) => {
  assert.equal(answer["result"], "claimed", JSON.stringify(answer));
  return String(answer["token"]);
};

const recordConnect = (db: CompanyDatabase, token: string, result: string) =>
  tell(db.sql, "public.record_connect($1, $2, 'user', $3::text::jsonb)", [
    db.instanceId,
    token,
    JSON.stringify({ result, qr: { code: "2@x" } }),
  ]);

const setState = ({ sql }: CompanyDatabase, state: string) =>
  sql.unsafe(`update public.whatsapp_instances set ${state}`);

const DISCONNECTED = "status = 'disconnected', disconnected_since = ghost_repair.now()";
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
  companyTest(`a number that is ${what} is ${health}, and promised ${promise}`, async (db) => {
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

companyTest("a user's numbers are those of the own organizations", async (db) => {
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

companyTest(
  "a page that meets another one's ask is told to come back within 3 seconds",
  async (db) => {
    await setState(db, DISCONNECTED);
    tokenOf(await ask(db, "request_qr_code"));
    const { reason, retry_after_seconds: seconds } = await ask(db, "request_qr_code");
    assert.equal(reason, "asking");
    assert.ok(Number(seconds) >= 1 && Number(seconds) <= 3, `${seconds} s`);
  },
);

companyTest("a person who brings a number back gives it three attempts again", async (db) => {
  await setState(db, `${DISCONNECTED}, manual_disconnect = true, reconnect_attempts_count = 3`);
  tokenOf(await ask(db, "begin_reconnect"));
  assert.partialDeepStrictEqual({ ...await instanceRow(db.sql, db.instanceId) }, {
    manual_disconnect: false,
    reconnect_attempts_count: 0,
  });
});

for (
  const [what, meanwhile] of [
    ["a person disconnected by hand", (db) => setState(db, "manual_disconnect = true")],
    ["its claim has ended", (db) => pass(db.sql, 41)],
    ["a repair was opened", (db) =>
      db.sql`
      insert into public.ghost_repairs (instance_id) values (${db.instanceId})`],
  ] as readonly (readonly [string, (db: CompanyDatabase) => PromiseLike<unknown>])[]
) {
  companyTest(`what a connect found is not written where ${what}`, async (db) => {
    await setState(db, DISCONNECTED);
    const token = tokenOf(await ask(db, "request_qr_code"));
    await meanwhile(db);
    const before = await instanceRow(db.sql, db.instanceId);
    for (const result of ["no_qr_yet", "qr", "open"]) await recordConnect(db, token, result);
    assert.deepEqual(await instanceRow(db.sql, db.instanceId), before);
  });
}

companyTest("who disconnects and reconnects need not wait for the connect before", async (db) => {
  await setState(db, DISCONNECTED);
  const first = tokenOf(await ask(db, "begin_reconnect"));
  await ask(db, "begin_disconnect");
  const second = tokenOf(await ask(db, "begin_reconnect"));
  await recordConnect(db, first, "open");
  assert.equal((await instanceRow(db.sql, db.instanceId)).status, "disconnected");
  await recordConnect(db, second, "open");
  assert.equal((await instanceRow(db.sql, db.instanceId)).status, "connected");
});

companyTest("a name is one number's, whoever asks for it", async (db) => {
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

companyTest("a repair that is under way lets go of a number that is deleted", async (db) => {
  const { token } = await claimed(db.sql, db.instanceId);
  tokenOf(await ask(db, "begin_delete", db.company.instanceName));
  assert.equal(await confirm(db.sql, db.instanceId, token), "stale");
  assert.equal((await claim(db.sql, db.instanceId)).reason, "recently_disconnected");
});

companyTest("of two deletions the last one's word counts", async (db) => {
  const first = tokenOf(await ask(db, "begin_delete", db.company.instanceName));
  const second = tokenOf(await ask(db, "begin_delete", db.company.instanceName));
  const end = (token: string) =>
    tell(db.sql, `public.finish_delete($1, $2, '{"deleted": true}')`, [db.instanceId, token]);
  assert.equal(await end(first), false);
  await instanceRow(db.sql, db.instanceId);
  assert.equal(await end(second), true);
  assert.equal((await db.sql`select from public.whatsapp_instances`).length, 0);
});

companyTest("the doctor is told what is not installed, and every number", async (db) => {
  await addInstances(db.sql, db.company, 2);
  const report = await tell(db.sql, "public.doctor_report()", []);
  assert.deepEqual([report["jobs"], report["vault"], report["answers"]], [null, null, null]);
  assert.equal((report["instances"] as unknown[]).length, 3);
});
