/**
 * Makes happen to a fleet what its plan says goes wrong.
 *
 * @module
 */

import type { Effects } from "../../../../supabase/functions/_shared/runtime/effects.ts";
import type { FleetGateways } from "./gateways.ts";
import { describeHappening, type Happening } from "./happening.ts";
import { type FleetPlan, metBy } from "./plan.ts";
import type { Referee } from "./referee.ts";
import type { Webhooks } from "./webhooks.ts";

/** Whom it happens to. */
interface Troubled {
  readonly plan: FleetPlan;
  readonly gateways: FleetGateways;
  readonly webhooks: Webhooks;
  readonly referee: Referee;
  readonly effects: Pick<Effects, "background" | "clock" | "log">;
  /** A number is deaf from now on, or its deafness is over. */
  readonly begins: (number: number) => void;
  readonly ends: (number: number) => void;
  /** Nobody of them rests from now on. */
  readonly stir: (numbers: readonly number[]) => void;
}

/** See the module. */
export class Troubles {
  readonly #fleet: Troubled;

  constructor(fleet: Troubled) {
    this.#fleet = fleet;
  }

  /** Something happens in so many ms. */
  begin(happening: Happening, inMs: number): void {
    this.#later(inMs, () => this.#perform(happening));
  }

  /** A gateway's process restarts, and forgets some of its numbers. */
  restartProcess(gateway: number, forgets: readonly number[]): void {
    const { plan: { members }, gateways, referee, stir } = this.#fleet;
    const { numbers, simulator } = gateways.all[gateway]!;
    stir(numbers.map(({ index }) => index));
    for (const { index } of numbers) referee.stories.note(index, "its gateway's process restarts");
    simulator.control.restartProcess({ forgets: forgets.map((number) => members[number]!.name) });
    referee.look(forgets.map((number) => members[number]!));
  }

  #later(ms: number, act: () => void): void {
    const { background, clock, log } = this.#fleet.effects;
    background.run(clock.sleep(ms).then(act), log);
  }

  #perform(happening: Happening): void {
    const { gateways, plan, referee, webhooks } = this.#fleet;
    const { members } = plan;
    for (const { index } of metBy(plan, happening)) {
      referee.stories.note(index, describeHappening(happening));
    }
    switch (happening.kind) {
      case "death": {
        const { name, gateway, index } = members[happening.number]!;
        const { control } = gateways.all[gateway]!.simulator;
        // One that is dead, or waits for a scan, dies no more.
        if (!gateways.isAlive(index)) return;
        control.ghost(name, happening.ghost, happening.options);
        referee.look([members[index]!]);
        if (happening.forMs > 0) {
          this.#later(happening.forMs, () => {
            const { network } = gateways.instance(index);
            if (network !== undefined) control.whatsapp({ reachable: true }, name);
          });
        }
        return;
      }
      case "deafness": {
        const { name, gateway, index } = members[happening.number]!;
        const { control } = gateways.all[gateway]!.simulator;
        if (!gateways.isAlive(index)) return;
        control.deaf(name, happening.deafness, { forMs: 0 });
        this.#fleet.begins(happening.number);
        return this.#later(happening.forMs, () => {
          this.#fleet.ends(happening.number);
          control.hearAgain(name);
        });
      }
      case "blip": {
        const { name, gateway, index } = members[happening.number]!;
        if (gateways.isAlive(index)) gateways.all[gateway]!.simulator.control.blip(name);
        return;
      }
      case "rate limit":
        gateways.limited.add(happening.number);
        return this.#later(happening.forMs, () => gateways.limited.delete(happening.number));
      case "gateway": {
        const gateway = gateways.all[happening.gateway]!;
        if (gateway.mood !== null) return;
        gateways.setMood(gateway, happening.mood);
        return this.#later(happening.forMs, () => gateways.setMood(gateway, null));
      }
      case "process restart":
        return this.restartProcess(happening.gateway, happening.forgets);
      case "webhooks away":
        if (webhooks.away.has(happening.gateway)) return;
        webhooks.away.add(happening.gateway);
        return this.#later(happening.forMs, () => webhooks.away.delete(happening.gateway));
      case "whatsapp away": {
        const end = referee.beginOutage();
        for (const { simulator } of gateways.all) simulator.control.whatsapp(happening.change);
        referee.look();
        return this.#later(happening.forMs, () => {
          for (const { simulator } of gateways.all) simulator.control.whatsapp({ reachable: true });
          end();
        });
      }
    }
  }
}
