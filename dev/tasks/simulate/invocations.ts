/**
 * Function invocations that can die: a platform ends them where it likes, and what they were about
 * to do is never done.
 *
 * @module
 */

import { AsyncLocalStorage } from "node:async_hooks";
import type { Killable } from "./happenings.ts";

/** What a person does with a number. */
type PersonAction = "disconnect" | "reconnect" | "delete" | "ask for QR";

/** Who works: an action of a person, or a function by its name. */
export type Worker = Killable | PersonAction | "retry" | "trespass";

/** Whether a person asked for what this does to the session. */
export function isByPerson(by: Worker | null): boolean {
  const persons: readonly (Worker | null)[] = ["disconnect", "reconnect", "delete", "ask for QR"];
  return persons.includes(by);
}

/** One invocation with all that it does in the background. */
interface Invocation {
  readonly by: Worker;
  /** Effects left before it dies; null: it lives. */
  effectsLeft: number | null;
}

const NEVER = new Promise<never>(() => {});

/** The invocations of one run. */
export class Invocations {
  readonly #current = new AsyncLocalStorage<Invocation | null>();
  readonly #doomed = new Map<Worker, number>();

  /** The next invocation by `who` dies after so many effects. */
  doom(who: Killable, afterEffects: number): void {
    this.#doomed.set(who, afterEffects);
  }

  /** Nobody dies any more. */
  spare(): void {
    this.#doomed.clear();
  }

  /** Runs `task` as an invocation by `by`. Never settles where the invocation dies before it. */
  run<T>(by: Worker, task: () => Promise<T>): Promise<T> {
    const effectsLeft = this.#doomed.get(by) ?? null;
    this.#doomed.delete(by);
    return this.#current.run({ by, effectsLeft }, task);
  }

  /** Runs `task` outside of every invocation: on the other side of the network. */
  outside<T>(task: () => Promise<T>): Promise<T> {
    return this.#current.run(null, task);
  }

  /** Who works here. */
  get by(): Worker | null {
    return this.#current.getStore()?.by ?? null;
  }

  /** For whoever works here: whether it still lives, whenever that is asked. */
  life(): () => boolean {
    const invocation = this.#current.getStore();
    return () => invocation == null || invocation.effectsLeft !== 0;
  }

  /** Counts an effect; a dead invocation never gets past this, whether before or after its work. */
  async effect<T>(work: () => Promise<T>): Promise<T> {
    const invocation = this.#current.getStore();
    if (invocation == null || invocation.effectsLeft === null) return await work();
    if (invocation.effectsLeft <= 0) return await NEVER;
    invocation.effectsLeft--;
    const done = await work();
    // Killed after the last one: it was done, and nobody heard of it.
    return invocation.effectsLeft <= 0 ? await NEVER : done;
  }
}
