import assert from "node:assert/strict";
import { advanceDatabase } from "../../../dev/platform/database/database-clock.ts";
import { companyTest } from "../../support/database.ts";

companyTest("put ahead, the database's clock takes all that is due with it", async ({ sql }) => {
  const ahead = async () => {
    const [row] = await sql<{ seconds: number }[]>`
      select round(extract(epoch from ghost_repair.now() - now()))::int as seconds`;
    return row?.seconds;
  };
  assert.equal(await ahead(), 0);
  await advanceDatabase(sql, 9_000);
  await advanceDatabase(sql, 1_000);
  assert.equal(await ahead(), 10);
  await sql`update public.whatsapp_instances set status = 'disconnected',
    disconnected_since = ghost_repair.now()`;
  const [row] = await sql<{ seconds: number }[]>`
    select round(extract(epoch from disconnected_since - now()))::int as seconds
    from public.whatsapp_instances`;
  assert.equal(row?.seconds, 10);
});
