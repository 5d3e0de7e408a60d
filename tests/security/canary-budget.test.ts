import assert from "node:assert/strict";
import type { Ground } from "../../dev/world/ground.ts";
import {
  createVirtualWorld,
  CRON_SECRET,
  type VirtualWorld,
} from "../../dev/world/virtual-world.ts";
import { dueFunctions } from "../../dev/platform/scheduler.ts";
import { addSilentPair } from "../../dev/tasks/ghosts/silent-pair.ts";
import { count, isLong } from "../../dev/tasks/security/counts.ts";
import { onGround, serverTest, testServer } from "../support/server.ts";
import {
  type Fault,
  FAULT_KINDS,
  gatewayPoint,
  Interruptions,
  supabasePoint,
} from "./faults/interruptions.ts";

const STEP_MS = 10_000;
const SPOILED_MS = 15 * 60_000;
const MOST_MS = 60 * 60_000;

/** What a trial passes on its way. */
const POINTS = [
  "sql:is_hearing_due",
  "sql:lease_due_trials",
  "sql:begin_canary",
  "gateway:instance/fetchInstances",
  "gateway:message/sendText",
  "sql:record_canary",
  "gateway:chat/findMessages",
  "sql:begin_cure_step",
  "gateway:chat/sendPresence",
  "gateway:instance/restart",
  "sql:record_trial",
  "sql:claim_sent_canaries",
  "gateway:chat/deleteMessageForEveryone",
];

const at = (point: string, kind: Fault["kind"], nth = 1): Fault => ({ point, kind, nth });

/** In the short form two days of several faults; in the long one every fault at every point. */
const DAYS: readonly (readonly Fault[])[] = isLong
  ? POINTS.flatMap((point) => FAULT_KINDS.map((kind) => [at(point, kind)]))
  : [
    [at("sql:begin_canary", "lost"), at("gateway:message/sendText", "killed-after")],
    [
      at("sql:record_canary", "cut"),
      at("gateway:message/sendText", "hang", 2),
      at("sql:record_trial", "killed-before", 3),
    ],
  ];

/** A number that hears nothing and another to ask it by, and what must not come of any fault. */
async function live(faults: readonly Fault[], ground: Ground): Promise<readonly string[]> {
  const interruptions = new Interruptions(faults);
  const world = await createVirtualWorld(await testServer(), {
    ground,
    aroundDatabase: (inner) => interruptions.around(inner, supabasePoint),
    aroundGateway: (inner) => interruptions.around(inner, gatewayPoint),
  });
  try {
    const { clock, sql, gateway: { control }, company: { instanceName: name } } = world;
    await sql`update ghost_repair.settings set watch_interval = null`;
    await addSilentPair(world);
    control.deaf(name, "F2a", { forMs: 0 });
    const write = () => control.inbound(name, { from: "5511977776666", text: "hello?" }).id;
    const written = [write()];
    for (let passed = 0; passed < MOST_MS; passed += STEP_MS) {
      interruptions.on = passed < SPOILED_MS;
      await clock.advance(STEP_MS);
      for (const fn of await dueFunctions(sql)) {
        const call = { headers: { "x-cron-secret": CRON_SECRET } };
        await clock.until(interruptions.invoke(() => world.begin(fn, {}, call)));
      }
      if (passed % 60_000 === 0) await sql`select public.sweep()`;
      const [busy] = await sql`select exists (select from ghost_repair.canary_trials
          where closed_at is null) or public.is_hearing_due() as busy`;
      if (passed > SPOILED_MS && busy?.["busy"] === false) break;
    }
    // What no canary healed, its cause does, and who writes then.
    control.hearAgain(name);
    written.push(write());
    await clock.advance(STEP_MS);
    count("fault runs");
    count("faults", interruptions.struck);
    const struck = isLong || interruptions.struck === faults.length
      ? []
      : [`${interruptions.struck} faults struck`];
    return [...struck, ...await wrongOf(world, written)];
  } finally {
    await world.close();
  }
}

async function wrongOf(world: VirtualWorld, written: readonly string[]): Promise<string[]> {
  const { sql, gateway: { control, calls } } = world;
  const names = control.instances();
  const own = new Set(names.map((name) => control.inspect(name).phone));
  const wrong: string[] = [];
  const texts = names.flatMap((name) => {
    const sent = control.delivered(name);
    if (sent.length > 4) wrong.push(`${name} sent ${sent.length} canaries in a day`);
    for (const { number } of sent) {
      if (!own.has(number.replace(/\D.*/, ""))) wrong.push("a canary reached somebody else");
    }
    return sent.map(({ content }) => content);
  });
  if (new Set(texts).size < texts.length) wrong.push("a canary left twice");
  if (calls.some(({ route }) => route === "logout")) wrong.push("a logout");
  if (calls.filter(({ route }) => route === "restart").length > 1) wrong.push("two restarts");
  const rows = await sql<{ id: string }[]>`
    select m.whatsapp_message_id as id from public.messages m where not m.is_from_me order by 1`;
  const here = rows.map(({ id }) => id);
  if (here.join() !== written.toSorted().join()) wrong.push(`${here.length} messages are here`);
  const [open] = await sql`select from public.ghost_repairs r where r.closed_at is null`;
  if (open !== undefined) wrong.push("it is still called deaf");
  return wrong;
}

serverTest(
  "no fault makes a canary a fifth one, one to a customer, one that leaves twice, or a logout",
  async () => {
    const broken: string[] = [];
    for (const faults of DAYS) {
      const found = await onGround((ground) => live(faults, ground));
      if (found.length === 0) continue;
      broken.push(`${JSON.stringify(faults)}: ${found.join("; ")}`);
      // Said at once: the rest takes minutes.
      console.error(broken.at(-1));
    }
    assert.deepEqual(broken, []);
  },
);
