import assert from "node:assert/strict";
import { allAtOnce } from "../../support/crowd.ts";
import { callSql, type CompanyDatabase, companyTest, only } from "../../support/database.ts";

async function addChannel({ sql, company }: CompanyDatabase): Promise<string> {
  const saved = await callSql<{ channel: { id: string } }>(
    sql,
    "save_alert_channel",
    company.userId,
    {
      organization_id: company.organizationId,
      kind: "webhook",
      name: "plantão",
      url: "https://hooks.example/alerts",
      secret: "the secret of yesterday",
    },
  );
  return saved.channel.id;
}

companyTest("two who change a channel at once change what each of them says", async (db) => {
  const id = await addChannel(db);
  const changes = [{ enabled: false }, { secret: "the secret of today!" }, { name: "noite" }];
  await allAtOnce(
    db,
    changes.length,
    (holder) => holder`select from private.alert_channels for update`,
    (sql, place) =>
      callSql(sql, "save_alert_channel", db.company.userId, { id, ...changes[place] }),
  );
  const channel = await only(db.sql`
    select enabled, secret, previous_secret, name from private.alert_channels where id = ${id}`);
  assert.deepEqual({ ...channel }, {
    enabled: false,
    secret: "the secret of today!",
    previous_secret: "the secret of yesterday",
    name: "noite",
  });
});

companyTest("a channel that is deleted meanwhile is not made again", async (db) => {
  const id = await addChannel(db);
  const [answer] = await allAtOnce(
    db,
    1,
    (holder) => holder`delete from private.alert_channels`,
    (sql) => callSql(sql, "save_alert_channel", db.company.userId, { id, enabled: false }),
  );
  assert.deepEqual(answer, { result: "channel_not_found" });
  assert.equal((await db.sql`select from private.alert_channels`).length, 0);
});
