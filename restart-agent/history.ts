/**
 * What the agent remembers over its own restarts: when it restarted the gateway, and which calls it
 * has taken. Written before the restart, so that one in whose middle the agent dies counts too.
 *
 * @module
 */

import * as z from "zod/mini";

const stored = z.object({
  restarts: z.array(z.number()),
  calls: z.array(z.tuple([z.string(), z.number()])),
});

type Stored = z.infer<typeof stored>;

/** Longer than the daily limit looks back, and than a signature is good for. */
const KEPT_MS = 48 * 3_600_000;

/** See the module. */
export interface History {
  /** When the gateway was restarted, in epoch ms. */
  restarts(): readonly number[];
  /** Whether a call was taken before; one that was not is taken now. */
  takeCall(id: string, now: number): Promise<boolean>;
  addRestart(now: number): Promise<void>;
}

/**
 * Opens the file, or begins one.
 *
 * @throws Where the file is there and cannot be read or is none of ours, or no file can be written:
 * an agent that forgets would restart without limits.
 */
export async function openHistory(path: string): Promise<History> {
  let state = await readState(path);
  const save = async (next: Stored, now: number) => {
    state = {
      restarts: next.restarts.filter((at) => at > now - KEPT_MS),
      calls: next.calls.filter(([, at]) => at > now - KEPT_MS),
    };
    const fresh = `${path}.new`;
    await Deno.writeTextFile(fresh, JSON.stringify(state), { mode: 0o600 });
    using file = await Deno.open(fresh, { write: true });
    await file.syncData();
    await Deno.rename(fresh, path);
  };
  await save(state, Date.now());
  return {
    restarts: () => state.restarts,
    takeCall: async (id, now) => {
      if (state.calls.some(([taken]) => taken === id)) return false;
      await save({ ...state, calls: [...state.calls, [id, now]] }, now);
      return true;
    },
    addRestart: (now) => save({ ...state, restarts: [...state.restarts, now] }, now),
  };
}

async function readState(path: string): Promise<Stored> {
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { restarts: [], calls: [] };
    throw error;
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = null;
  }
  const parsed = z.safeParse(stored, json);
  if (!parsed.success) throw new Error(`${path} is no file of this agent; move it away`);
  return parsed.data;
}
