import assert from "node:assert/strict";
import fc from "fast-check";
import { isSameNumber } from "../../../supabase/functions/_shared/gateway/own-number.ts";
import { withConnections } from "../../support/crowd.ts";
import { addInstances, type CompanyDatabase, companyTest, only } from "../../support/database.ts";
import { enqueue, report } from "../../support/message-calls.ts";
import { quickTest } from "../../support/quick-test.ts";

const LONG = "5511998765432@s.whatsapp.net";
const SHORT = "551198765432@s.whatsapp.net";
const HIDDEN = "99988877766655@lid";
const SEED = 20_261_126;

const conversations = (db: CompanyDatabase, id = db.instanceId) =>
  db.sql<{ id: string; remote_jid: string }[]>`
    select id, remote_jid from public.conversations
    where whatsapp_instance_id = ${id} and remote_jid <> ${db.company.customerJid}
    order by created_at`;

for (const [first, second] of [[LONG, SHORT], [SHORT, LONG]] as const) {
  quickTest(`sent to ${first}, answered from ${second}: one conversation`, async (db) => {
    const target = { instance_id: db.instanceId, remote_jid: first };
    const { conversation_id } = await enqueue(db, [{ id: crypto.randomUUID() }], { target });
    assert.equal(await report(db, "IN-1", { remote_jid: second }), "stored");
    const again = await enqueue(db, [{ id: crypto.randomUUID() }], {
      target: { instance_id: db.instanceId, remote_jid: second },
    });
    assert.deepEqual([again.conversation_id, again.remote_jid], [conversation_id, first]);
    assert.equal((await conversations(db)).length, 1);
  });
}

quickTest("a landline is nobody's mobile number without its nine", async (db) => {
  await report(db, "IN-1", { remote_jid: "551132345678@s.whatsapp.net" });
  await report(db, "IN-2", { remote_jid: "5511932345678@s.whatsapp.net" });
  assert.equal((await conversations(db)).length, 2);
});

/** What comes of a person that hides, in order, and the address that their conversation has. */
const HIDING: Readonly<Record<string, readonly Readonly<Record<string, string | boolean>>[]>> = {
  [SHORT]: [
    { remote_jid: SHORT, hidden_jid: HIDDEN },
    { remote_jid: HIDDEN },
    { remote_jid: LONG, from_me: true },
  ],
  [HIDDEN]: [{ remote_jid: HIDDEN }, { remote_jid: SHORT, hidden_jid: HIDDEN }],
};

for (const [address, messages] of Object.entries(HIDING)) {
  quickTest(`a person that hides is one conversation, begun as ${address}`, async (db) => {
    for (const [place, message] of messages.entries()) await report(db, `M${place}`, message);
    assert.deepEqual((await conversations(db)).map((row) => row.remote_jid), [address]);
  });
}

quickTest("what was split stays, and the one with the newest message goes on", async (db) => {
  await db.sql`insert into public.conversations
    (organization_id, whatsapp_instance_id, remote_jid, last_message_at) values
    (${db.company.organizationId}, ${db.instanceId}, ${LONG}, '2026-01-02'),
    (${db.company.organizationId}, ${db.instanceId}, ${SHORT}, '2026-01-01')`;
  await report(db, "IN-1", { remote_jid: SHORT });
  assert.equal((await conversations(db)).length, 2);
  const { remote_jid } = await only(db.sql`
    select c.remote_jid from public.messages m
    join public.conversations c on c.id = m.conversation_id`);
  assert.equal(remote_jid, LONG);
});

companyTest("two webhooks and a send at once begin one conversation", async (db) => {
  const ids = await addInstances(db.sql, db.company, 20);
  await withConnections(db, 4, async ([one, two, three, four]) => {
    for (const id of ids) {
      const send = (remote_jid: string) => ({ target: { instance_id: id, remote_jid } });
      await Promise.all([
        report(db, `A-${id}`, { remote_jid: SHORT }, one, id),
        report(db, `B-${id}`, { remote_jid: LONG, hidden_jid: HIDDEN }, two, id),
        enqueue(db, [{ id: crypto.randomUUID() }], send(LONG), three),
        enqueue(db, [{ id: crypto.randomUUID() }], send(SHORT), four),
      ]);
    }
  });
  for (const id of ids) assert.equal((await conversations(db, id)).length, 1, id);
});

quickTest(`database and functions agree on who is one person (seed ${SEED})`, async (db) => {
  const digits = fc.stringMatching(/^(55|52|54|49)\d{9,12}$/);
  const pairs = fc.sample(
    digits.chain((one) => {
      const cut = `${one.slice(0, 4)}${one.slice(5)}`;
      const fewer = `${one.slice(0, 2)}${one.slice(3)}`;
      return fc.constantFrom(one, cut, fewer).map((other) => [one, other] as const);
    }),
    { seed: SEED, numRuns: 500 },
  );
  const rows = await db.sql<{ same: boolean }[]>`
  select ghost_repair.person_key(a || '@s.whatsapp.net')
    = ghost_repair.person_key(b || ':7@c.us') as same
  from unnest(${pairs.map(([one]) => one)}::text[], ${pairs.map(([, other]) => other)}::text[])
    with ordinality as p (a, b, n) order by n`;
  assert.deepEqual(rows.map((row) => row.same), pairs.map(([a, b]) => isSameNumber(a, b)));
  assert.ok(new Set(rows.map((row) => row.same)).size === 2);
});
