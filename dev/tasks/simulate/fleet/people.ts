/**
 * The people around a fleet: they scan QR codes and restart a gateway's process, some time after they
 * were told, and look after what has been dead for long.
 *
 * @module
 */

import type { Random } from "../../../evolution/model/random.ts";
import type { Effects } from "../../../../supabase/functions/_shared/runtime/effects.ts";
import { FLEET_KEY, type FleetGateways } from "./gateways.ts";
import type { PlannedNumber } from "./plan.ts";
import type { FleetEvent } from "./referee.ts";

const MINUTE = 60_000;

/** How long they take, in minutes: to scan, and to restart a process. */
const SCAN_MINUTES = [3, 90] as const;
const RESTART_MINUTES = [10, 45] as const;
/** From a connect at the gateway's own page to the scan of its code. */
const SHOWN_MS = 5_000;

/** See the module. */
export class People {
  readonly #busyAt = new Set<string>();

  /** @param restart What comes with a restart of a gateway's process. */
  constructor(
    private readonly gateways: FleetGateways,
    private readonly effects: Effects,
    private readonly random: Random,
    private readonly restart: (gateway: number) => void,
  ) {}

  /** They hear of what the product wrote. */
  hear({ kind }: FleetEvent, number: PlannedNumber): void {
    if (kind === "needs_operator") this.callOperator(number);
    if (kind === "qr_required") this.callScanner(number);
  }

  /** Somebody restarts the process of a number's gateway, where the number is still dead by then. */
  callOperator(number: PlannedNumber): void {
    this.#later(`restart ${number.gateway}`, RESTART_MINUTES, () => {
      if (!this.gateways.isAlive(number.index)) this.restart(number.gateway);
    });
  }

  /** Somebody scans a number's code; where none is showing any more, a new one. */
  callScanner(number: PlannedNumber): void {
    this.#later(`scan ${number.index}`, SCAN_MINUTES, async () => {
      const { simulator, mood } = this.gateways.of(number);
      const instance = this.gateways.instance(number.index);
      if (instance.paired || mood !== null) return;
      if (instance.socket !== "pairing") {
        const headers = { apikey: FLEET_KEY };
        const url = `http://gateway.test/instance/connect/${number.name}`;
        await simulator.fetch(new Request(url, { headers }));
        await this.effects.clock.sleep(SHOWN_MS);
      }
      simulator.control.scan(number.name);
    });
  }

  #later(
    what: string,
    [least, most]: readonly [number, number],
    act: () => void | Promise<void>,
  ): void {
    if (this.#busyAt.has(what)) return;
    this.#busyAt.add(what);
    const ms = (least + this.random.next() * (most - least)) * MINUTE;
    const work = this.effects.clock.sleep(ms).then(() => {
      this.#busyAt.delete(what);
      return act();
    });
    this.effects.background.run(work, this.effects.log);
  }
}
