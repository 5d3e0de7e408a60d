/**
 * Who rests: a number that lives, with nothing ahead and nothing behind, is not probed in virtual
 * time that nobody would learn anything from. It is played probe by probe from a minute before
 * whatever happens to it until some minutes after; and the whole fleet is, for a while of each day.
 *
 * Who wakes is looked at next when it would have been: its silence began at any moment of an interval.
 *
 * @module
 */

import type { Random } from "../../../evolution/model/random.ts";
import type { FleetDatabase } from "./database.ts";
import { type FleetPlan, metBy } from "./plan.ts";
import { instanceIdOf } from "./product.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A little before whatever happens, and a whole interval of the watch after it. */
const BEFORE_MS = MINUTE;
const AFTER_MS = 7 * MINUTE;

/** So long nobody rests each day; from one day to the next that time moves on by so many hours. */
const TOGETHER_MS = 20 * MINUTE;
const HOURS_ON = 7;

/** The watch's interval, in ms, and by how much of it a look comes sooner or later at most. */
const INTERVAL_MS = 5 * MINUTE;
const JITTER = 0.2;

/** No look comes as late as this. */
const NEVER = "9999-01-01";

interface Window {
  readonly from: number;
  readonly until: number;
  readonly numbers: readonly number[];
}

/** See the module. */
export class Rest {
  readonly #awakeUntil: number[];
  readonly #resting = new Set<number>();
  readonly #windows: readonly Window[];
  #next = 0;
  /** How long numbers were awake, all together, in ms. */
  awakeMs = 0;

  /** @param startedAt Virtual ms. */
  constructor(
    private readonly plan: FleetPlan,
    private readonly database: FleetDatabase,
    private readonly random: Random,
    startedAt: number,
  ) {
    this.#awakeUntil = plan.members.map(() => 0);
    const all = plan.members.map(({ index }) => index);
    const hours = Array.from({ length: plan.days }, (_, day) => {
      const from = startedAt + day * DAY + day * HOURS_ON % 24 * HOUR;
      return { from, until: from + TOGETHER_MS, numbers: all };
    });
    const happenings = plan.happenings.map((happening) => ({
      from: startedAt + happening.at - BEFORE_MS,
      // Whether it hears is not asked by probes: who is deaf for days is not awake for days.
      until: startedAt + happening.at + AFTER_MS +
        ("forMs" in happening && happening.kind !== "deafness" ? happening.forMs : 0),
      numbers: metBy(plan, happening).map(({ index }) => index),
    }));
    this.#windows = [...hours, ...happenings].sort((one, other) => one.from - other.from);
  }

  /** Whether the watch looks at a number. */
  isAwake(number: number): boolean {
    return !this.#resting.has(number);
  }

  /** Nobody of them rests from `now` on, until some minutes after. */
  stir(numbers: Iterable<number>, now: number): void {
    for (const number of numbers) this.#stay(number, now + AFTER_MS);
  }

  #stay(number: number, until: number): void {
    this.#awakeUntil[number] = Math.max(this.#awakeUntil[number]!, until);
  }

  /** Wakes whoever is to be awake now. @returns Whether anybody was woken. */
  async wake(now: number): Promise<boolean> {
    for (; (this.#windows[this.#next]?.from ?? Infinity) <= now; this.#next++) {
      const { numbers, until } = this.#windows[this.#next]!;
      for (const number of numbers) this.#stay(number, until);
    }
    const woken = [...this.#resting].filter((number) => this.#awakeUntil[number]! > now);
    if (woken.length === 0) return false;
    const looks = woken.map((number) => {
      this.#resting.delete(number);
      const { silentMs, leftMs } = this.#moment();
      return {
        number: instanceIdOf(this.plan.members[number]!),
        alive: new Date(now - silentMs).toISOString(),
        next: new Date(now + leftMs).toISOString(),
      };
    });
    const told = `json_to_recordset($1::text::json)
      as l (number uuid, alive timestamptz, next timestamptz)`;
    await this.database.run(
      `with looked as (
        update ghost_repair.watched_numbers w set next_look_at = l.next
        from ${told} where w.instance_id = l.number and w.next_look_at > l.next)
      update public.whatsapp_instances i set last_alive_at = l.alive
      from ${told}
      where i.id = l.number and (i.last_alive_at is null or i.last_alive_at < l.alive)`,
      [JSON.stringify(looks)],
    );
    return true;
  }

  /** A moment in the time between two looks: how much of it is over, and how much is left. */
  #moment(): { readonly silentMs: number; readonly leftMs: number } {
    while (true) {
      const ms = INTERVAL_MS * (1 - JITTER + 2 * JITTER * this.random.next());
      // A longer one holds more moments.
      if (this.random.next() * INTERVAL_MS * (1 + JITTER) > ms) continue;
      const silentMs = ms * this.random.next();
      return { silentMs, leftMs: ms - silentMs };
    }
  }

  /**
   * Lets rest whoever has no reason to be awake. One that WhatsApp limited is none of them: how often
   * it is looked at comes back with each look.
   *
   * @param sinceMs How long it has been since the last time.
   * @param isQuiet Whether a number lives, and has for a while.
   */
  async settle(now: number, sinceMs: number, isQuiet: (number: number) => boolean): Promise<void> {
    const { members } = this.plan;
    this.awakeMs += (members.length - this.#resting.size) * sinceMs;
    const mayRest = members.filter(({ index }) =>
      this.#resting.has(index) || (this.#awakeUntil[index]! <= now && isQuiet(index))
    );
    if (mayRest.length === 0) return;
    const rested = await this.database.run<{ number: string }>(
      `update ghost_repair.watched_numbers w set next_look_at = '${NEVER}', asked_at = null
      from public.whatsapp_instances i
      where w.instance_id = any ($1::text::uuid[]) and w.next_look_at < '${NEVER}'
        and w.stretch = 1 and i.id = w.instance_id and i.status = 'connected'
        and not ghost_repair.is_leased('probe', i.id)
        and not ghost_repair.has_open_repair(i.id)
      returning w.instance_id::text as number`,
      [`{${mayRest.map(instanceIdOf)}}`],
    );
    for (const { number } of rested) this.#resting.add(Number(number.slice(-11)));
  }
}
