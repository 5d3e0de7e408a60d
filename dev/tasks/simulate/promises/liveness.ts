/**
 * What must come true once nothing goes wrong any more.
 *
 * @module
 */

import { endGaps } from "./missed.ts";
import type { Scene } from "../scene.ts";
import { checkSettled } from "./settled.ts";

const MINUTE = 60_000;

/** Until every number has found its end, in ms. */
const SETTLES_MS = 10 * MINUTE;
/**
 * The same where the ladder waits on purpose (10 minutes for one cause): the outage guard of
 * keep-pairing, or a cause that another one follows; and where a number waits for a scan that its
 * gateway's process does not hold, which a person is told of after as long (`tell_after`).
 */
const WAITS_MS = 25 * MINUTE;
/** Interrupted, a message ends after 3 minutes, held after 3 (see `hold`), untried after 12 and a half. */
const MESSAGES_END_MS = 14 * MINUTE;

/** No lease and no claim lasts longer (a release, 300 s), in ms. */
const LONGEST_LEASE_MS = 6 * MINUTE;

/** A page asks so often for a QR, and so long after the time before. */
const QR_ASKS = 4;
const QR_ASKS_APART_MS = 35_000;

interface Row {
  readonly name: string;
  readonly status: string;
  readonly manual: boolean;
  readonly gave_up: boolean;
  readonly repair: "open" | "needs_operator" | null;
  readonly waiting_for: string | null;
  /** Its logout is still to be made, and the next try is not overdue. */
  readonly owed: boolean;
  /** A person knows what keeps the gateway from saying how it is. */
  readonly told: boolean;
}

/** Ends all faults, uses every number once, and waits for what must follow. */
export async function converge(
  scene: Scene,
  use: (company: number) => Promise<void>,
  check: () => Promise<void>,
): Promise<void> {
  await endFaults(scene);
  for (const company of scene.companies.keys()) await use(company);
  const start = scene.world.clock.monotonicMs();
  const passed = () => scene.world.clock.monotonicMs() - start;
  let waited = false;
  while (true) {
    await scene.pass(MINUTE);
    await writeToDeaf(scene);
    await check();
    const rows = await look(scene);
    const unsettled = rows.filter((row) => !isSettled(scene, row));
    waited ||= rows.some((row) => row.waiting_for !== null) ||
      unsettled.some((row) => row.status === "awaiting_qr");
    if (passed() > 2 * MINUTE && unsettled.length === 0) break;
    if (passed() >= (waited ? WAITS_MS : SETTLES_MS)) {
      const minutes = passed() / MINUTE;
      for (const row of unsettled) {
        scene.violated(
          `${row.name} has not come to an end ${minutes} minutes after the last fault: ` +
            JSON.stringify({ ...row, ...seen(scene, row.name) }),
        );
      }
      return;
    }
  }
  await showQrCodes(scene);
  await endMessages(scene, check);
  await endGaps(scene);
  await checkSettled(scene);
  await checkLeases(scene);
}

async function endFaults(scene: Scene): Promise<void> {
  const { world, network, invocations, conflicts } = scene;
  const { control } = world.gateway;
  await scene.passing.end();
  for (const name of control.instances()) control.hearAgain(name);
  for (const [name, until] of scene.deafUntil) {
    scene.deafUntil.set(name, Math.min(until, world.clock.monotonicMs()));
  }
  network.mend();
  invocations.spare();
  control.clearFaults();
  control.gatewayDown(false);
  control.whatsapp({ reachable: true });
  // A session conflict never ends by itself, and each second of it is three webhooks.
  if (conflicts.size > 0) control.restartProcess();
  conflicts.clear();
}

/** Customers go on writing to those whose hearing is doubted: that heals them. */
async function writeToDeaf({ world, idle }: Scene): Promise<void> {
  const { control } = world.gateway;
  const rows = await world.sql<{ name: string }[]>`select i.instance_name as name
    from public.ghost_repairs r join public.whatsapp_instances i on i.id = r.instance_id
    where r.closed_at is null and r.hearing is not null and i.id <> ${idle.company.instanceId}`;
  for (const { name } of rows) {
    if (!control.instances().includes(name)) continue;
    control.inbound(name, { from: "5511977776666", text: "do you hear me?" });
  }
}

function seen({ world }: Scene, name: string) {
  const { control } = world.gateway;
  if (!control.instances().includes(name)) {
    return { socket: "none", registry: "none", memory: null } as const;
  }
  const { socket, registry, memory, ghost } = control.inspect(name);
  return { socket, registry, memory, ghost };
}

async function look(scene: Scene): Promise<readonly Row[]> {
  return await scene.world.sql<Row[]>`
    select i.instance_name as name, i.status, i.manual_disconnect as manual,
      i.reconnect_attempts_count >= 3 as gave_up, r.state as repair, r.waiting_for,
      exists (select from ghost_repair.owed_logouts o where o.instance_id = i.id
        and o.next_try_at > ghost_repair.now() - interval '3 minutes') as owed,
      exists (select from ghost_repair.troubles t
        join public.instance_events e on e.instance_id = t.instance_id
          and e.kind = 'needs_operator' and e.detail ->> 'reason' = t.reason
        where t.instance_id = i.id and t.told_at is not null) as told
    from public.whatsapp_instances i
    left join public.ghost_repairs r on r.instance_id = i.id and r.closed_at is null
    where i.id <> ${scene.idle.company.instanceId}`;
}

/** An end that is true: what is called connected lives, and what lives is called connected. */
function isSettled(scene: Scene, row: Row): boolean {
  const lives = seen(scene, row.name).socket === "open";
  if (row.manual) return !lives || row.owed;
  if (lives) return row.status === "connected" && row.repair === null;
  if (row.status === "awaiting_qr") return row.told || !isUnknown(scene, row.name);
  if (row.status === "connected") return false;
  return row.repair === "needs_operator" || row.told || (row.repair === null && row.gave_up);
}

/** The gateway's process does not hold the number: it has no QR code to give, and a person is told. */
function isUnknown(scene: Scene, name: string): boolean {
  return seen(scene, name).memory === null;
}

/**
 * Whoever opens the page of a number that waits for its scan gets a QR, or finds it connected; where
 * its gateway's process does not hold it, the answer says so.
 */
async function showQrCodes(scene: Scene): Promise<void> {
  for (const { instanceId, instanceName, token } of scene.companies) {
    const isWaiting = async () => {
      const [row] = await scene.world.sql`select from public.whatsapp_instances
        where id = ${instanceId} and status = 'awaiting_qr'`;
      return row !== undefined;
    };
    let reason: unknown;
    let shown = !await isWaiting();
    for (let asked = 0; !shown && asked < QR_ASKS; asked++) {
      const body = { action: "get_qrcode", instanceId };
      const answer = scene.begin("ask for QR", "evolution-api", body, { token });
      await scene.pass(QR_ASKS_APART_MS);
      const { qr, ...said } = (await answer).body;
      reason = said["reason"];
      shown = qr != null || !await isWaiting() ||
        (reason === "gateway_not_found" && isUnknown(scene, instanceName));
    }
    if (!shown) scene.violated(`no QR: ${instanceName} shows none to whoever asks (${reason})`);
  }
}

async function endMessages(scene: Scene, check: () => Promise<void>): Promise<void> {
  for (let waited = 0;; waited += MINUTE) {
    const [left] = await scene.world.sql`select count(*)::int as n from public.messages
      where status in ('sending', 'held')`;
    if (left?.["n"] === 0) return;
    if (waited >= MESSAGES_END_MS) {
      scene.violated(`${left?.["n"]} messages have not come to an end`);
      return;
    }
    await scene.pass(MINUTE);
    await check();
  }
}

/** Whoever died left a lease or a claim: it ends by itself. */
async function checkLeases(scene: Scene): Promise<void> {
  let held = await countHeld(scene);
  for (let waited = 0; held > 0 && waited < LONGEST_LEASE_MS; waited += MINUTE) {
    await scene.pass(MINUTE);
    held = await countHeld(scene);
  }
  if (held > 0) scene.violated(`${held} leases or claims are still held`);
}

/** Right before a tick, when nobody is at work. */
async function countHeld(scene: Scene): Promise<number> {
  await scene.passToTick(1_000);
  const [left] = await scene.world.sql`select
    (select count(*)::int from ghost_repair.leases l where l.expires_at > ghost_repair.now()
      and not exists (select from public.ghost_repairs r
        where r.id = l.subject and r.closed_at is not null))
    + (select count(*)::int from ghost_repair.claims
      where finished_at is null and expires_at > ghost_repair.now()) as n`;
  return Number(left?.["n"]);
}
