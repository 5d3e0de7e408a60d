/**
 * Plays a fleet from its first virtual day to its last.
 *
 * @module
 */

import { Random } from "../../../evolution/model/random.ts";
import type { PostgresServer } from "../../../platform/database/postgres.ts";
import type { CleanUp } from "../../../process/clean-up.ts";
import { VirtualClock } from "../../../world/virtual-clock.ts";
import { FleetDatabase } from "./database.ts";
import { Deafnesses, type FleetDeafness } from "./deafness.ts";
import { FleetGateways } from "./gateways.ts";
import { type Traffic, trafficOf } from "./habits.ts";
import { People } from "./people.ts";
import type { FleetPlan, FleetSize } from "./plan.ts";
import { instanceIdOf, Product } from "./product.ts";
import { type Death, Referee } from "./referee.ts";
import { Rest } from "./rest.ts";
import { isReconnectionDue, readDueAt, readDueFunctions, readNews } from "./schedule.ts";
import { Troubles } from "./troubles.ts";
import { type MessageFate, Webhooks } from "./webhooks.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Where the scheduler knows seconds. */
const TICK_MS = 10_000;

/** A Monday, so that two virtual days are weekdays. */
const START_MS = Date.UTC(2026, 0, 5);

/** Who may rest is looked up so often. */
const SETTLE_MS = 5 * MINUTE;

/** A gateway is heard of so often, whatever its numbers do. */
const HUM_MS = 5 * MINUTE;

/** Messages of numbers that rest are written so often. */
const FLUSH_MS = 15 * MINUTE;

/**
 * After the last day is waited at most so long for what was written; where webhooks may have been mute
 * and nobody noticed, until each number's daily comparison.
 */
const LEFT_MS = 12 * HOUR;
const LEFT_BY_THE_DAY_MS = 30 * HOUR;

/** Somebody looks after what has been dead for so long. */
const NEGLECTED_MS = 3 * HOUR;

/** What is known in between. */
interface FleetProgress {
  readonly deaths: number;
  readonly violations: number;
}

/** How to play. */
interface FleetOptions {
  /** Changes the product before it begins: a fault that was planted. */
  readonly plant?: (database: FleetDatabase) => Promise<unknown>;
  /** Hears of every virtual hour. */
  readonly onHour?: (hour: number, soFar: FleetProgress) => void;
}

/** What came of it. */
export interface FleetReport extends FleetSize {
  readonly deaths: readonly Death[];
  readonly deafnesses: readonly FleetDeafness[];
  readonly falseRepairs: number;
  readonly missed: number;
  readonly inbound: Readonly<Record<MessageFate, number>>;
  readonly probesPerNumberAndDay: number;
  readonly violations: readonly string[];
  /** What was found late, told like violations. */
  readonly late: readonly string[];
}

/** Plays a plan. `cleanUp` stops what was started for it. */
export async function playFleet(
  server: PostgresServer,
  plan: FleetPlan,
  cleanUp: CleanUp,
  options: FleetOptions = {},
): Promise<FleetReport> {
  const fleet = await Fleet.open(server, plan, cleanUp);
  await options.plant?.(fleet.product.database);
  return await fleet.play(options.onHour);
}

/** A fleet that is being played. */
class Fleet {
  readonly #random: Random;
  readonly #people: People;
  readonly #rest: Rest;
  readonly #troubles: Troubles;
  #traffic: readonly Traffic[] = [];
  #nextTraffic = 0;
  #next = 0;
  readonly #deafnesses: Deafnesses;
  #underRepair: ReadonlySet<number> = new Set();
  /** When the database has work next, by the virtual clock, and how often it was asked until then. */
  #dueAt = 0;
  #calls = 0;
  /** In ms from the beginning. */
  #flushAt = 0;

  private constructor(
    readonly plan: FleetPlan,
    readonly clock: VirtualClock,
    readonly product: Product,
    readonly gateways: FleetGateways,
    readonly webhooks: Webhooks,
    readonly referee: Referee,
  ) {
    this.#random = new Random(plan.seed + 77);
    this.#rest = new Rest(plan, product.database, this.#random, clock.monotonicMs());
    this.#deafnesses = new Deafnesses(
      product.database,
      gateways,
      ({ gateway }) => webhooks.wasAway(gateway),
      () => clock.monotonicMs(),
    );
    this.#troubles = new Troubles({
      begins: (number) => this.#deafnesses.begin(plan.members[number]!),
      ends: (number) =>
        product.effects.background.run(
          this.#deafnesses.end(plan.members[number]!),
          product.effects.log,
        ),
      ...{ plan, gateways, webhooks, referee, effects: product.effects },
      stir: (numbers) => this.#rest.stir(numbers, clock.monotonicMs()),
    });
    this.#people = new People(gateways, product.effects, this.#random, (gateway) => {
      this.#troubles.restartProcess(gateway, []);
    });
    referee.onEvent = (event, number) => {
      this.#deafnesses.judge(event, number);
      this.#people.hear(event, number);
    };
    referee.isMended = (number) => gateways.instance(number).deafness !== null;
    gateways.onCall = referee.onCall.bind(referee);
    webhooks.isCounted = (number) => this.#underRepair.has(number);
  }

  static async open(server: PostgresServer, plan: FleetPlan, cleanUp: CleanUp): Promise<Fleet> {
    const clock = new VirtualClock(new Date(START_MS));
    const database = await FleetDatabase.open(server, clock, cleanUp);
    const gateways = new FleetGateways(plan, clock);
    cleanUp.add("gateways", () => gateways.close());
    const product = new Product(database, clock, gateways);
    const webhooks = new Webhooks(database, gateways, product.effects, instanceIdOf);
    gateways.onWebhook = webhooks.report.bind(webhooks);
    await product.enrol(plan, gateways);
    const referee = new Referee(plan, gateways, () => clock.monotonicMs());
    return new Fleet(plan, clock, product, gateways, webhooks, referee);
  }

  async play(onHour: FleetOptions["onHour"]): Promise<FleetReport> {
    const { plan, referee } = this;
    const end = plan.days * DAY;
    for (let at = TICK_MS; at <= end || await this.#isLeft(at, end); at += TICK_MS) {
      if ((at - TICK_MS) % DAY === 0 && at <= end) this.#readDay((at - TICK_MS) / DAY);
      this.#begin(at);
      await this.clock.advance(TICK_MS);
      this.#write(at);
      await this.#tick(at);
      if (at === end) await this.#deafnesses.endAll();
      if (at % HOUR === 0) {
        this.#lookAfterNeglected();
        const { deaths, violations } = referee;
        onHour?.(at / HOUR, { deaths: deaths.length, violations: violations.length });
      }
    }
    await this.webhooks.flush();
    for (const { number, what } of this.#deafnesses.violations) {
      referee.violated(referee.stories.tellOf(number, what));
    }
    for (const fault of new Set(this.product.faults)) {
      referee.violated(`a function failed: ${fault}`);
    }
    const probes = this.gateways.calls.get("fetchBusinessProfile") ?? 0;
    return {
      seed: plan.seed,
      numbers: plan.numbers,
      days: plan.days,
      deaths: referee.deaths,
      deafnesses: this.#deafnesses.all,
      falseRepairs: referee.falseRepairs,
      missed: referee.missed,
      inbound: await this.webhooks.count(),
      probesPerNumberAndDay: probes * DAY / this.#rest.awakeMs,
      violations: referee.violations,
      late: referee.late,
    };
  }

  /** Whether a message is still to come after the last day, when nobody writes any more. */
  async #isLeft(at: number, end: number): Promise<boolean> {
    const { canaries = false } = this.plan;
    if (at > end + (canaries ? LEFT_BY_THE_DAY_MS : LEFT_MS)) return false;
    if ((at - end) % FLUSH_MS !== TICK_MS) return true;
    await this.webhooks.flush();
    const { here: _, ...left } = await this.webhooks.count();
    return Object.values(left).some((count) => count > 0);
  }

  #readDay(day: number): void {
    const { seed, members } = this.plan;
    this.#traffic = members.flatMap(({ index, habit }) => [
      ...trafficOf({ seed, number: index, habit, day, startMs: START_MS }),
    ]).sort((one, other) => one.at - other.at);
    this.#nextTraffic = 0;
  }

  /** What happens until then is set off at its own instant. */
  #begin(until: number): void {
    const { happenings } = this.plan;
    for (; (happenings[this.#next]?.at ?? Infinity) < until; this.#next++) {
      const happening = happenings[this.#next]!;
      this.#troubles.begin(happening, happening.at - (until - TICK_MS));
    }
  }

  /** What people wrote until then. A number that is dead is sent from like any other. */
  #write(until: number): void {
    const { members } = this.plan;
    for (; (this.#traffic[this.#nextTraffic]?.at ?? Infinity) < until; this.#nextTraffic++) {
      const { number, direction } = this.#traffic[this.#nextTraffic]!;
      const member = members[number]!;
      const isAwake = this.#rest.isAwake(number);
      if (direction === "inbound") this.webhooks.write(member, false);
      else if (!this.gateways.isAlive(number)) this.product.send(member);
      // What is sent from a living number proves its life, which nobody asks about while it rests.
      else if (isAwake) this.webhooks.write(member, true);
      // What comes in soon after it was written heals a number that is called deaf.
      if (isAwake || this.#underRepair.has(number)) this.#flushAt = Math.min(this.#flushAt, until);
    }
  }

  /** The scheduler comes by: where the database has work, and where something has changed. */
  async #tick(at: number): Promise<void> {
    const { product: { database }, referee, webhooks } = this;
    const now = this.clock.monotonicMs();
    const fresh = referee.look();
    this.#rest.stir(fresh.map(({ number }) => number.index), now);
    const woken = await this.#rest.wake(now);
    if (at >= this.#flushAt) {
      await webhooks.flush();
      this.#flushAt = at + FLUSH_MS;
    }
    if (at % HUM_MS === 0) await webhooks.hum();
    if (at % MINUTE === 0) await this.#deafnesses.endMended();
    if (at % SETTLE_MS === 0) {
      await this.#rest.settle(now, SETTLE_MS, (number) => referee.isQuiet(number, now));
    }
    const isChanged = woken || database.calls !== this.#calls;
    if (!isChanged && now < this.#dueAt) return;
    // Where somebody was at work it may be long until something is due.
    if (isChanged) this.#dueAt = await readDueAt(database);
    const isDue = now >= this.#dueAt;
    const isMinute = isDue && at % MINUTE === 0;
    // One after the other on the one connection; no answer is waited for before the next is asked.
    const [due, { events, underRepair }, isReconnecting] = await Promise.all([
      isDue ? readDueFunctions(database) : [],
      readNews(database, referee.lastEvent),
      isMinute && isReconnectionDue(database),
      isMinute && database.run("select public.sweep()"),
    ]);
    for (const { name, calls } of due) {
      for (let call = 0; call < calls; call++) this.product.schedule(name);
    }
    if (isReconnecting) this.product.schedule("auto-reconnect-instances");
    for (const { kind, instance_id } of events) {
      if (kind !== "silence") continue;
      await this.#deafnesses.hearSilence(this.plan.members[Number(instance_id.slice(-11))]!);
    }
    referee.judge(events);
    this.#underRepair = underRepair;
    // What the functions do from now on is a change; that nothing was due after all is none.
    this.#calls = due.length > 0 || isReconnecting ? -1 : database.calls;
    if (isDue && due.length === 0) this.#dueAt = await readDueAt(database);
  }

  #lookAfterNeglected(): void {
    const now = this.clock.monotonicMs();
    for (const { number, over, at } of this.referee.deaths.slice(-this.plan.numbers * 2)) {
      if (over || now - at < NEGLECTED_MS) continue;
      const instance = this.gateways.instance(number.index);
      if (instance.paired) this.#people.callOperator(number);
      else this.#people.callScanner(number);
    }
  }
}
