/**
 * What lasts for a time only, and ends by itself or with the last fault of a run.
 *
 * @module
 */

import type { VirtualClock } from "../../world/virtual-clock.ts";

/** See the module. */
export class PassingTroubles {
  /** What ends each. */
  readonly #ends = new Set<() => Promise<void>>();

  /** @param violated Hears where an end fails. */
  constructor(
    private readonly clock: VirtualClock,
    private readonly violated: (what: string) => void,
  ) {}

  /** After so long, or once all faults end, `undo` is done. */
  begin(ms: number, undo: () => void | Promise<void>): void {
    const once = async () => {
      if (!this.#ends.delete(once)) return;
      await this.clock.track(Promise.resolve(undo()));
    };
    this.#ends.add(once);
    this.clock.sleep(ms).then(once)
      .catch((error) => this.violated(`the world broke: ${error}`));
  }

  /** Whether one of them lasts. */
  get areLeft(): boolean {
    return this.#ends.size > 0;
  }

  /** Ends all of them. */
  async end(): Promise<void> {
    for (const end of [...this.#ends]) await end();
  }
}
