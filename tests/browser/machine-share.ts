/**
 * How much of the machine a measurement had to itself, so that a target in milliseconds holds where
 * nothing else runs, and a machine that works for others is not taken for a slow page.
 *
 * @module
 */

/** Processor time since the machine started, in ticks: of everybody, and of this process's family. */
interface Ticks {
  readonly all: number;
  readonly busy: number;
  readonly ours: number;
}

/** How the processors were used for a while. */
interface Usage {
  /** Their time that this process and its children used, in milliseconds, on all of them together. */
  readonly oursMs: number;
  /** Of all their time, what others used: 0 to 1. */
  readonly othersShare: number;
}

/** Linux counts in hundredths of a second. */
const TICK_MS = 10;

/**
 * Starts to look.
 *
 * @returns Tells what happened since; null where the system does not tell.
 */
export async function watchMachine(): Promise<() => Promise<Usage | null>> {
  const before = await readTicks();
  return async () => {
    const after = await readTicks();
    if (before === null || after === null || after.all <= before.all) return null;
    const ours = Math.max(0, after.ours - before.ours);
    const others = Math.max(0, after.busy - before.busy - ours);
    return { oursMs: ours * TICK_MS, othersShare: others / (after.all - before.all) };
  };
}

/** Null where there is no `/proc`. */
async function readTicks(): Promise<Ticks | null> {
  try {
    const [first = ""] = (await Deno.readTextFile("/proc/stat")).split("\n");
    const ticks = first.trim().split(/\s+/).slice(1, 9).map(Number);
    const all = ticks.reduce((sum, each) => sum + each, 0);
    const [, , , idle = 0, waiting = 0] = ticks;
    return { all, busy: all - idle - waiting, ours: await familyTicks() };
  } catch {
    return null;
  }
}

async function familyTicks(): Promise<number> {
  const processes: Map<number, { parent: number; ticks: number }> = new Map();
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    // One that ended meanwhile.
    const told = await Deno.readTextFile(`/proc/${name}/stat`).catch(() => null);
    // After the name in brackets: state, parent; then used here, and by children that ended.
    const fields = told?.slice(told.lastIndexOf(")") + 2).split(" ").map(Number);
    if (fields === undefined) continue;
    const ticks = fields.slice(11, 15).reduce((sum, each) => sum + each, 0);
    processes.set(Number(name), { parent: fields[1] ?? 0, ticks });
  }
  let sum = 0;
  for (const [id, { ticks }] of processes) {
    let ancestor: number | undefined = id;
    while (ancestor !== undefined && ancestor !== Deno.pid) {
      ancestor = processes.get(ancestor)?.parent;
    }
    if (ancestor === Deno.pid) sum += ticks;
  }
  return sum;
}
