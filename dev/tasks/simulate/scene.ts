/**
 * A run's world: companies, an idle tenant, a network with faults, and the scheduler's minutes.
 *
 * @module
 */

import type { PostgresServer } from "../../platform/database/postgres.ts";
import type { Policy } from "../shared/kinds.ts";
import { dueFunctions, EVERY_MINUTE, runScheduledSql } from "../../platform/scheduler.ts";
import type { Ground } from "../../world/ground.ts";
import { createVirtualWorld, CRON_SECRET, type VirtualWorld } from "../../world/virtual-world.ts";
import type { Answer, CallOptions } from "../../world/calls.ts";
import type { FunctionName } from "../../platform/function-handlers.ts";
import { FINAL_STATUSES } from "../../evolution/webhooks/sender.ts";
import { Deletions } from "./promises/deletion.ts";
import { Guards } from "./promises/guards.ts";
import { addPartner, giveHabit } from "./hearing.ts";
import { createIdleTenant, type IdleTenant } from "./promises/idle-tenant.ts";
import type { Company, MixedInbound, Refusal } from "./company.ts";
import { Invocations, type Worker } from "./invocations.ts";
import { judgeLoss, judgeRefusal } from "./promises/unwanted.ts";
import { type GatewayCall, Network } from "./network.ts";
import type { Plan } from "./plan.ts";
import { PassingTroubles } from "./passing-troubles.ts";
import { type LockedTable, RowLocks } from "./row-locks.ts";
import { Sends } from "./promises/sends.ts";

/** A live loop's pause: slower than the real one, and still heard in every look of 12 seconds. */
const RECONNECT_LOOP_MS = 7_000;
/** A session conflict's pause: slower than the real one, and still known for one in a minute. */
const CONFLICT_MS = 6_000;
const MINUTE = 60_000;

/** A run's world. */
export class Scene {
  readonly companies: Company[] = [];
  readonly calls: GatewayCall[] = [];
  readonly sends = new Sends();
  readonly violations: string[] = [];
  /** Numbers that the plan itself gave two sockets, and since when, in virtual ms. */
  readonly conflicts = new Map<string, number>();
  /** Good messages in webhooks that held a bad one too. */
  readonly inbound: MixedInbound[] = [];
  /** What WhatsApp refused after the send, by its text. */
  readonly refused = new Map<string, Refusal>();
  /** Numbers whose stored secret is another one. */
  readonly wrongSecrets = new Set<string>();
  /** Until when a number is deaf at the most, by its name, in virtual ms. */
  readonly deafUntil = new Map<string, number>();
  /** When a number's webhooks stopped leaving, by its name, in virtual ms. */
  readonly mute: { readonly instanceId: string; readonly name: string; readonly from: Date }[] = [];
  /** Our functions are away. */
  isAway = false;
  readonly passing: PassingTroubles;
  readonly startedAt: number;
  #nextTickAt: number;

  private constructor(
    readonly world: VirtualWorld,
    readonly network: Network,
    readonly invocations: Invocations,
    readonly idle: IdleTenant,
    readonly locks: RowLocks,
    private readonly deletions: Deletions,
  ) {
    this.passing = new PassingTroubles(world.clock, (what) => this.violated(what));
    this.startedAt = world.clock.monotonicMs();
    this.#nextTickAt = this.startedAt + MINUTE;
  }

  /** Builds the world of a plan, on a ground of its own unless one is given. */
  static async open(server: PostgresServer, plan: Plan, ground?: Ground): Promise<Scene> {
    const network = new Network();
    let scene: Scene | undefined;
    let locks: RowLocks | undefined;
    const world = await createVirtualWorld(server, {
      ...(ground ? { ground } : {}),
      aroundDatabase: (inner) => network.around("database", inner),
      aroundGateway: (inner) => network.around("gateway", inner),
      untilStuck: (work) => locks?.untilStuck(work) ?? work,
      simulator: {
        seed: plan.seed + 1,
        version: plan.version,
        licensed: true,
        qrLimit: plan.qrLimit,
        latency: () => 0,
        reconnectLoopMs: RECONNECT_LOOP_MS,
        conflictMs: CONFLICT_MS,
        deliver: (request) => scene!.#deliver(request),
      },
    });
    try {
      // A seed gives the same calls again: looks come when they come.
      await world.sql.unsafe(`
        create or replace function ghost_repair.chance() returns float8
        language sql security definer set search_path = '' as 'select 0.5::float8'`);
      const idle = await createIdleTenant(world.sql, world.clock);
      locks = new RowLocks(world.databaseUrl, world.clock);
      scene = new Scene(world, network, new Invocations(), idle, locks, new Deletions(world.sql));
      await scene.#settleIn(plan);
      return scene;
    } catch (error) {
      await world.close();
      throw error;
    }
  }

  async #settleIn({ policies, listeners }: Plan): Promise<void> {
    const { world, network, invocations } = this;
    for (const policy of policies) {
      const { company, token } = this.companies.length === 0
        ? { company: world.company, token: world.userToken }
        : await world.addCompany({});
      // The policy holds from the beginning.
      const listener = listeners[this.companies.length] ?? "nobody";
      if (listener !== "nobody") await giveHabit(world, company);
      const partner = listener === "a pair" ? await addPartner(world, company) : null;
      const member = { ...company, token, policy, policySince: Number.NEGATIVE_INFINITY, partner };
      this.companies.push(member);
      await this.savePolicy(member, policy);
    }
    // A seed gives the same calls again: nobody's turn is drawn by an id.
    await world.sql`update ghost_repair.watched_numbers w set
        next_look_at = ghost_repair.now() + interval '10 seconds'
          + interval '1 second' * (substring(i.instance_name from '\\d+$'))::int
      from public.whatsapp_instances i where i.id = w.instance_id and i.instance_name ~ '\\d$'`;
    network.surroundings = {
      clock: world.clock,
      control: world.gateway.control,
      invocations,
      sends: this.sends,
      guards: new Guards(world.sql, (what) => this.violated(what)),
      arrived: (call) => void this.calls.push(call),
      unpaired: (logout) => this.#judgeLoss(logout),
    };
  }

  /** A promise was broken. */
  readonly violated = (what: string): void => {
    this.violations.push(what);
  };

  /** Whose a number is, by its name at the gateway. */
  readonly organizationOf = (name: string): string | undefined =>
    this.companies.find(({ instanceName, partner }) =>
      instanceName === name || partner?.instanceName === name
    )?.organizationId;

  #hear(wrong: string | null): void {
    if (wrong !== null) this.violated(wrong);
  }

  /** Two sockets that the plan itself made are nobody's pairing to keep. */
  #judgeLoss(logout: GatewayCall): void {
    const company = this.companies.find(({ instanceName }) => instanceName === logout.instance);
    if (company && !this.conflicts.has(logout.instance)) this.#hear(judgeLoss(logout, company));
  }

  /** Somebody else locks a row for a time. */
  async lock(table: LockedTable, id: string, ms: number): Promise<void> {
    this.passing.begin(ms, await this.world.clock.track(this.locks.lock(table, id)));
  }

  /** Whether a company's messages wait for its number. */
  async setHold({ organizationId }: Company, on: boolean): Promise<void> {
    await this.world.sql`insert into private.message_settings as s
        (organization_id, hold_messages, hold_for)
      select o.id, ${on}, '3 minutes' from public.organizations o where o.id = ${organizationId}
      on conflict (organization_id) do update set hold_messages = excluded.hold_messages`;
  }

  /** Sets a company's policy. */
  async savePolicy(company: Company, policy: Policy): Promise<void> {
    await this.world.sql`insert into ghost_repair.policies
      select o.id, ${policy} from public.organizations o where o.id = ${company.organizationId}
      on conflict (organization_id) do update set policy = excluded.policy`;
    if (company.policy === policy) return;
    company.policy = policy;
    company.policySince = this.world.clock.monotonicMs();
  }

  /** Calls a function as an invocation that may die; time has to be moved for it. */
  begin(by: Worker, name: FunctionName, body: unknown, call: CallOptions): Promise<Answer> {
    return this.invocations.run(by, () => this.world.begin(name, body, call));
  }

  /** Lets what has begun come to its first request, so that its place in the line is its own. */
  lineUp(): Promise<void> {
    return this.world.clock.idle();
  }

  /** Hands a webhook over, as an invocation of its own. */
  async #deliver(request: Request): Promise<Response> {
    const path = new URL(request.url).pathname.replace(/^\/functions\/v1\/evolution-webhook/, "");
    const company = this.companies.find(({ instanceId }) => path.includes(instanceId));
    const isWrong = () => this.wrongSecrets.has(company?.instanceName ?? "");
    const wasWrong = isWrong();
    const { status } = await this.begin("webhook", "evolution-webhook", await request.text(), {
      token: null,
      path,
      headers: Object.fromEntries(request.headers),
    });
    if (company && FINAL_STATUSES.has(status) && !wasWrong && !isWrong()) {
      this.#hear(await judgeRefusal(this.world.sql, company, status));
    }
    return new Response(null, { status });
  }

  /** Moves time; the scheduler comes by at every full minute, whatever it did the last time. */
  readonly pass = async (ms: number): Promise<void> => {
    const { clock } = this.world;
    const end = clock.monotonicMs() + ms;
    while (this.#nextTickAt <= end) {
      await clock.advance(this.#nextTickAt - clock.monotonicMs());
      this.#nextTickAt += MINUTE;
      await this.#tick();
    }
    await clock.advance(end - clock.monotonicMs());
  };

  /** Moves time to so many ms before a tick: whatever the last one began is over. */
  async passToTick(beforeMs: number): Promise<void> {
    const left = this.#nextTickAt - this.world.clock.monotonicMs() - beforeMs;
    await this.pass(left >= 0 ? left : left + MINUTE);
  }

  /** Moves time while nobody works: the scheduler would find nothing to do. */
  async skip(ms: number): Promise<void> {
    await this.world.clock.advance(ms);
    this.#nextTickAt = this.world.clock.monotonicMs();
    await this.pass(0);
  }

  async #tick(): Promise<void> {
    if (this.isAway) return;
    const due = await dueFunctions(this.world.sql);
    for (const name of [EVERY_MINUTE, ...due] as const) {
      const call = this.begin(name, name, {}, { headers: { "x-cron-secret": CRON_SECRET } });
      call.catch((error) => this.violated(`${name} threw ${error}`));
      await this.lineUp();
    }
    let isSwept = false;
    const swept = runScheduledSql(this.world.sql).then(() => void (isSwept = true));
    await this.lineUp();
    if (isSwept) return this.#hear(await this.deletions.afterSweep());
    swept.catch(() => {});
    this.violated("the sweep waits for a row that somebody has locked");
  }

  /** Ends it. */
  async close(): Promise<void> {
    await this.locks.close();
    await this.world.close();
  }
}
