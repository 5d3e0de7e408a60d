/**
 * The Evolution process restarts: what survives, and how long it takes.
 *
 * @module
 */

import type { Gateway } from "../model/gateway.ts";
import type { Instance } from "../model/instance.ts";
import type { Gate } from "../routes/gate.ts";
import { forgetInstance } from "../session/ghosts.ts";
import { beginPairing } from "../session/pairing.ts";
import { reconnect, RESTART_MS } from "../session/session.ts";

/** Measured with twelve connected numbers: since the restart, in ms. */
const PROCESS_RESTART = { answersMs: 6_700, firstOpenMs: 10_600, lastOpenMs: 12_500 } as const;

/** How a process restarts. */
interface RestartOptions {
  /** Instances that the new process fails to load (C3). */
  readonly forgotten: readonly Instance[];
  /** It takes its time, as the real one did; at once unless told. */
  readonly asMeasured?: boolean | undefined;
}

/**
 * Pairings stay, everything in memory is new. What was paired connects, what waited for a scan shows
 * a new QR, what was closed stays closed.
 */
export function restartProcess(
  gateway: Gateway,
  gate: Gate,
  { forgotten, asMeasured = false }: RestartOptions,
): void {
  const opensAfterMs = asMeasured ? beginRestart(gateway, gate) : () => RESTART_MS;
  let opened = 0;
  for (const instance of gateway.instances.values()) {
    instance.startAnew();
    if (forgotten.includes(instance)) forgetInstance(instance);
    else if (instance.registry === "close") continue;
    else if (instance.paired) {
      instance.socket = "closed";
      reconnect(gateway, instance, opensAfterMs(opened++));
    } else beginPairing(gateway, instance);
  }
}

/** Nobody answers until the process is up; then its numbers open one after another. */
function beginRestart(gateway: Gateway, gate: Gate): (nth: number) => number {
  const { clock, background } = gateway.settings;
  gate.down = true;
  background.start(async (signal) => {
    await clock.sleep(PROCESS_RESTART.answersMs, signal);
    gate.down = false;
  });
  const { firstOpenMs, lastOpenMs } = PROCESS_RESTART;
  const each = (lastOpenMs - firstOpenMs) / Math.max(1, gateway.instances.size - 1);
  return (nth) => firstOpenMs + nth * each;
}
