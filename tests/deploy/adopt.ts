import assert from "node:assert/strict";
import { join } from "node:path";
import { databaseTest, only } from "../support/database.ts";
import { eventKinds, instanceRow, pass, timesOf } from "../support/repair-calls.ts";
import { checkFunction } from "./support/deployed-function.ts";
import { copyExistingProject, followGuide } from "./support/guide.ts";
import { type ExistingProject, functionFiles, startProject } from "./support/existing-project.ts";

const MEDIA = { mediaUrl: "https://files.example/photo.jpg" };
const TEXT = { text: "bom dia" };
const GLUE = "supabase/functions/evolution-api/ghost-repair.ts";

/** Registers a test on the existing project, before or after the guide was followed. */
function projectTest(
  name: string,
  adopted: boolean,
  run: (project: ExistingProject) => Promise<void>,
): void {
  databaseTest(name, async (db) => {
    const folder = await copyExistingProject();
    try {
      if (adopted) await adopt(folder);
      const project = await startProject(db, folder);
      try {
        await run(project);
      } finally {
        await project.close();
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  }, { template: null });
}

/** The guide is followed; the socket is asked sooner, because this clock is a real one. */
async function adopt(folder: string): Promise<void> {
  await followGuide(folder);
  const glue = await Deno.readTextFile(join(folder, GLUE));
  const sooner = glue.replace("[1_000, 4_000, 9_000]", "[20, 300, 1_500]");
  assert.notEqual(sooner, glue);
  await Deno.writeTextFile(join(folder, GLUE), sooner);
}

/** Fifty messages at once, half of them media. */
async function fifty({ send }: ExistingProject, id: string): Promise<void> {
  await Promise.all(
    Array.from({ length: 50 }, (_, n) => send(id, n % 2 === 0 ? TEXT : MEDIA)),
  );
}

const statuses = async ({ db }: ExistingProject, id: string) =>
  (await db.sql<{ status: string; n: number }[]>`
    select status, count(*)::int as n from public.chat_messages where instance_id = ${id}
    group by status order by status`).map((row) => `${row.n} ${row.status}`).join(", ");

Deno.test("the project type-checks after the guide, as it did before", async () => {
  const folder = await copyExistingProject();
  try {
    await followGuide(folder);
    assert.equal(await checkFunction(functionFiles(folder)), null);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

projectTest(
  "before the guide a ghost is only marked disconnected, never cured",
  false,
  async (p) => {
    const id = await p.addNumber("vendas");
    await p.send(id, TEXT);
    assert.equal(await statuses(p, id), "1 sent");
    p.gateway.control.ghost("vendas", "A2");
    await p.send(id, TEXT);
    await p.send(id, MEDIA);
    assert.equal(await statuses(p, id), "2 failed, 1 sent");
    assert.equal((await instanceRow(p.db.sql, id)).status, "disconnected");
    assert.equal(p.logouts("vendas"), 0);
  },
);

projectTest(
  "after the guide fifty sends at once log a ghost out once, a second wave not at all, and two minutes later once more",
  true,
  async (p) => {
    const id = await p.addNumber("vendas");
    const healthy = await p.addNumber("suporte");
    p.gateway.control.ghost("vendas", "A2");
    await fifty(p, id);
    assert.equal(p.logouts("vendas"), 1);
    assert.equal(await statuses(p, id), "50 failed");
    const marked = await instanceRow(p.db.sql, id);
    assert.equal(marked.status, "disconnected");
    assert.ok(marked.last_disconnected_at);

    await fifty(p, id);
    assert.equal(p.logouts("vendas"), 1);
    assert.equal(await statuses(p, id), "100 failed");
    assert.equal(await timesOf(p.db.sql, id, "repair_skipped"), 99);

    await pass(p.db.sql, 121);
    await fifty(p, id);
    assert.equal(p.logouts("vendas"), 2);

    await p.send(healthy, TEXT);
    await p.send(healthy, MEDIA);
    assert.equal(await statuses(p, healthy), "2 sent");
    assert.equal(p.logouts("suporte"), 0);
  },
);

projectTest(
  "after the guide a blip, and a number of a person's own, are left alone",
  true,
  async (p) => {
    const blip = await p.addNumber("blip");
    p.gateway.control.blip("blip");
    await p.send(blip, TEXT);
    assert.equal(p.logouts("blip"), 0);
    assert.deepEqual(await eventKinds(p.db.sql, blip), ["connection_closed", "false_alarm"]);
    assert.equal((await instanceRow(p.db.sql, blip)).status, "connected");
    await p.send(blip, MEDIA);
    assert.equal(await statuses(p, blip), "1 failed, 1 sent");

    const manual = await p.addNumber("manual");
    const pairing = await p.addNumber("pairing");
    await p.db
      .sql`update public.whatsapp_instances set manual_disconnect = true where id = ${manual}`;
    await p.db
      .sql`update public.whatsapp_instances set status = 'awaiting_qr' where id = ${pairing}`;
    for (const [id, name] of [[manual, "manual"], [pairing, "pairing"]] as const) {
      p.gateway.control.ghost(name, "A2");
      await fifty(p, id);
      assert.equal(p.logouts(name), 0, name);
      assert.equal(await statuses(p, id), "50 failed", name);
    }
    const { status } = await only(p.db.sql`
    select status from public.whatsapp_instances where id = ${pairing}`);
    assert.equal(status, "awaiting_qr");
  },
);

projectTest("a customer's own words never count as a dead session", true, async (p) => {
  const id = await p.addNumber("vendas");
  const text = "o erro foi: Connection Closed";
  const body = { response: { message: [[`invalid text ${text}`]] } };
  p.gateway.control.fault("sendText", { status: 400, body });
  await p.send(id, { text });
  assert.deepEqual(await eventKinds(p.db.sql, id), []);
  assert.equal(await statuses(p, id), "1 failed");
});
