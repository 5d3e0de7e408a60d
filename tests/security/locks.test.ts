import assert from "node:assert/strict";
import type postgres from "postgres";
import { Random } from "../../dev/evolution/model/random.ts";
import { count, isLong } from "../../dev/tasks/security/counts.ts";
import { withConnections } from "../support/crowd.ts";
import { addInstances, type CompanyDatabase, companyTest } from "../support/database.ts";
import { pass } from "../support/repair-calls.ts";

const CALLS = isLong ? 20_000 : 1_200;
const CONNECTIONS = 10;
const NUMBERS = 6;

/** Refusals that are an answer: the database said no to what was asked. */
const ANSWERS = new Set(["message_id_taken"]);

/** What came of the calls. */
interface Came {
  readonly faults: Map<string, number>;
  /** How often a part of a sweep was undone. */
  lostSweeps: number;
  readonly called: Map<string, number>;
}

/** One of the calls that the functions and the scheduler make, on a number by chance. */
type Call = (sql: postgres.ReservedSql, subject: Subject) => Promise<unknown>;

interface Subject {
  readonly db: CompanyDatabase;
  readonly random: Random;
  /** A number's id; it may have been deleted meanwhile. */
  readonly id: string;
  readonly conversation: string;
  /** Messages that were sent and not yet ended. */
  readonly open: string[];
  readonly numbers: string[];
}

const jid = (random: Random) =>
  `55119${String(random.integer(20)).padStart(8, "9")}@s.whatsapp.net`;
const whatsappId = (random: Random) => `WA${random.integer(200)}`;

const CALLS_OF: Readonly<Record<string, Call>> = {
  enqueue: async (sql, { db, conversation, open }) => {
    const id = crypto.randomUUID();
    const parts = [{ id, message_type: "text", content: "oi" }];
    await sql`select public.enqueue_messages(${db.company.userId},
      ${sql.json({ conversation_id: conversation })}, ${sql.json(parts)})`;
    open.push(id);
  },
  enqueueNew: (sql, { db, random, id, open }) => {
    const message = crypto.randomUUID();
    open.push(message);
    return sql`select public.enqueue_messages(${db.company.userId},
      ${sql.json({ instance_id: id, remote_jid: jid(random) })},
      ${sql.json([{ id: message, message_type: "text", content: "oi" }])})`;
  },
  begin: async (sql, { open, random }) => {
    const id = open[random.integer(open.length)];
    if (id === undefined) return;
    await sql`select * from public.claim_message(${id}, ${crypto.randomUUID()})`;
    await sql`select public.note_sent_answer(${id}, ${whatsappId(random)})`;
  },
  finish: (sql, { random, open }) => {
    const sent = { status: "sent", whatsapp_message_id: whatsappId(random) };
    const failed = { status: "failed", error_code: "connection_closed" };
    return sql`select public.finish_message(${open.shift() ?? crypto.randomUUID()},
      ${sql.json(random.integer(2) === 0 ? sent : failed)})`;
  },
  retry: (sql, { db }) =>
    sql`select public.retry_message(${db.company.userId},
      (select id from public.messages where status = 'failed' limit 1), true)`,
  inbound: (sql, { random, id }) =>
    sql`select ghost_repair.apply_message(${id}, ${
      sql.json({
        whatsapp_message_id: whatsappId(random),
        remote_jid: jid(random),
        from_me: random.integer(3) === 0,
        type: "text",
        content: "oi",
      })
    })`,
  acknowledge: (sql, { random, id }) =>
    sql`select ghost_repair.apply_acknowledgement(${id}, ${whatsappId(random)}, 'delivered')`,
  connection: (sql, { random, id }) =>
    sql`select public.apply_connection_event(${id},
      ${["open", "close", "connecting", "refused"][random.integer(4)]!},
      ${new Date(1.8e12 + random.integer(1e9))}, 440)`,
  qr: (sql, { random, id }) =>
    sql`select public.apply_qr_code(${id}, '{"code": "qr"}', ${new Date(
      1.8e12 + random.integer(1e9),
    )})`,
  repair: async (sql, { random, id }) => {
    const [claim] = await sql`select * from public.claim_ghost_repair(${id})`;
    const token = claim?.["token"];
    if (!token) return;
    if (random.integer(3) === 0) {
      await sql`select public.release_ghost_repair(${id}, ${token}, '{alive}')`;
      return;
    }
    await sql`select public.confirm_ghost_repair(${id}, ${token}, '{timeout}')`;
    await sql`select public.record_ghost_logout(${id}, ${token}, '{"logout": "socket_dead"}')`;
    await sql`select public.record_ghost_verification(${id}, ${token}, '{"registry": "open"}')`;
  },
  suspect: (sql, { id }) => sql`select public.suspect_session(${id}, 'slow_send')`,
  ladder: async (sql) => {
    for (const row of await sql`select * from public.lease_due_repairs(3)`) {
      const [repair, token] = [row["repair_id"], row["token"]];
      await sql`select public.begin_repair_step(${repair}, ${token}, 'restart')`;
      await sql`select public.record_repair_step(${repair}, ${token}, '{"next": "keep_probing"}')`;
    }
  },
  reconnect: async (sql, { random }) => {
    for (const row of await sql`select * from public.lease_due_reconnects(3)`) {
      const [id, token] = [row["instance_id"], row["token"]];
      await sql`select public.begin_reconnect_attempt(${id}, ${token})`;
      const result = ["open", "registry_open", "refused", "no_qr_yet"][random.integer(4)]!;
      await sql`select public.record_connect(${id}, ${token}, 'tick', ${sql.json({ result })})`;
    }
  },
  release: async (sql) => {
    for (const row of await sql`select * from public.lease_held_releases(3)`) {
      const [id, token] = [row["instance_id"], row["token"]];
      const claim = crypto.randomUUID();
      const [held] = await sql`
        select * from public.claim_held_message(${id}, ${token}, ${claim})`;
      if (held !== undefined) {
        await sql`select public.finish_message(${held["id"]}, '{"status": "sent"}')`;
      }
      await sql`select public.end_held_release(${id}, ${token})`;
    }
  },
  watch: async (sql) => {
    for (const row of await sql`select * from public.lease_waiting_numbers(3)`) {
      await sql`select public.record_watch(${row["instance_id"]}, ${row["token"]},
        ${row["connection_epoch"]}, '{"result": "open"}')`;
    }
  },
  gateway: async (sql, { id }) => {
    await sql`select ghost_repair.webhook_delivered(${id})`;
    await sql`select public.claim_gateway_versions(3)`;
    await sql`select * from public.begin_registry_look(${id})`;
  },
  person: (sql, { db, random, id }) => {
    const asked = ["begin_disconnect", "begin_reconnect", "request_qr_code"][random.integer(3)]!;
    return sql`select ${sql.unsafe(`public.${asked}`)}(${db.company.userId}, ${id})`;
  },
  look: (sql, { db }) =>
    sql`select public.list_instances(${db.company.userId}),
      public.list_events(${db.company.userId}, null, null, 50), public.doctor_report()`,
  remove: async (sql, { db, random, id, numbers }) => {
    if (random.integer(4) > 0) return;
    const [found] = await sql`select instance_name from public.whatsapp_instances
      where id = ${id} and deleted_at is null`;
    if (found === undefined) return;
    const [begun] = await sql`select public.begin_delete(${db.company.userId}, ${id},
      ${found["instance_name"]}) ->> 'token' as token`;
    await sql`select public.finish_delete(${id}, ${begun!["token"]}, '{"deleted": true}')`;
    const fresh = crypto.randomUUID();
    await sql`select public.store_new_instance(${db.company.userId}, ${
      sql.json({
        id: fresh,
        organization_id: db.company.organizationId,
        instance_name: fresh,
        display_name: "new",
        api_url: "http://evolution.test",
        api_key: "key",
        webhook_secret: "secret",
      })
    })`;
    numbers[random.integer(numbers.length)] = fresh;
  },
};

companyTest(
  `whatever is called at once, nothing waits for ever: ${CALLS} calls (seed 1)`,
  async (db) => {
    const { sql, company } = db;
    await sql`insert into private.message_settings (organization_id, hold_messages)
    values (${company.organizationId}, true)`;
    // So that the sweeps have something to do at once.
    await sql`update ghost_repair.settings set sweep_batch = 50, send_patience = '1 second',
    repair_window = '1 second'`;
    const numbers = [db.instanceId, ...await addInstances(sql, company, NUMBERS - 1)];
    const conversations = await Promise.all(numbers.map(async (id) => {
      const [row] = await sql<{ id: string }[]>`insert into public.conversations
      (organization_id, whatsapp_instance_id, remote_jid)
      values (${company.organizationId}, ${id}, '5521988887777@s.whatsapp.net') returning id`;
      return row!.id;
    }));
    const came: Came = { faults: new Map(), lostSweeps: 0, called: new Map() };
    const open: string[] = [];
    const names = Object.keys(CALLS_OF);
    let left = CALLS;
    await withConnections(db, CONNECTIONS, async (connections) => {
      await Promise.all(connections.map(async (connection, index) => {
        const random = new Random(1 + index);
        while (left-- > 0) {
          const name = index === 0 && random.integer(2) === 0
            ? "sweep"
            : names[random.integer(names.length)]!;
          came.called.set(name, (came.called.get(name) ?? 0) + 1);
          if (left % 100 === 0) await pass(sql, 2);
          const subject: Subject = {
            db,
            random,
            id: numbers[random.integer(numbers.length)]!,
            conversation: conversations[random.integer(conversations.length)]!,
            open,
            numbers,
          };
          try {
            if (name === "sweep") await sweep(connection, came);
            else await CALLS_OF[name]!(connection, subject);
          } catch (error) {
            note(error, name, came);
          }
        }
      }));
    });
    count("lock calls", CALLS);
    count("deadlocks", came.faults.get("40P01") ?? 0);
    count("foreign-key errors", came.faults.get("23503") ?? 0);
    count("lost sweeps", came.lostSweeps);
    assert.deepEqual([...came.faults], []);
    assert.equal(came.lostSweeps, 0);
    for (const name of [...names, "sweep"]) assert.ok((came.called.get(name) ?? 0) > 20, name);
  },
);

async function sweep(sql: postgres.ReservedSql, came: Came): Promise<void> {
  const [row] = await sql<{ swept: Record<string, number | null> }[]>`
    select public.sweep() as swept`;
  if (Object.values(row!.swept).includes(null)) came.lostSweeps++;
  await sql`select public.prune()`;
}

function note(error: unknown, name: string, { faults }: Came): void {
  const { code = "unknown", hint, message, constraint_name: constraint = "" } = error as {
    code?: string;
    hint?: string;
    message?: string;
    constraint_name?: string;
  };
  if (hint !== undefined && ANSWERS.has(hint)) return;
  const key = `${name}: ${code} ${constraint || message}`;
  faults.set(key, (faults.get(key) ?? 0) + 1);
}
