/**
 * A run's world: companies, an idle tenant, a network with faults, and the scheduler's minutes.
 *
 * @module
 */

import type { PostgresServer } from "../../platform/database/postgres.ts";
import type { Policy } from "../ghosts/kinds.ts";
import { runScheduledSql, SCHEDULED_FUNCTIONS } from "../../platform/scheduler.ts";
import type { Ground } from "../../world/ground.ts";
import type { SeededCompany } from "../../platform/seed.ts";
import {
  type Answer,
  type CallOptions,
  createVirtualWorld,
  CRON_SECRET,
  type VirtualWorld,
} from "../../world/virtual-world.ts";
import type { FunctionName } from "../../platform/function-handlers.ts";
import type { Plan } from "./actions.ts";
import { createIdleTenant, type IdleTenant } from "./idle-tenant.ts";
import { Invocations, type Worker } from "./invocations.ts";
import { type GatewayCall, isByPerson } from "./ledger.ts";
import { Network } from "./network.ts";
import { allowCall, watchTokens } from "./stale-writes.ts";

/** A live loop's pause: slower than the real one, and still heard in every look of 12 seconds. */
const RECONNECT_LOOP_MS = 7_000;
/** Two sockets' fight: slower than the real one, and still known for one within a minute. */
const CONFLICT_MS = 6_000;
const MINUTE = 60_000;
/** From a change of policy until no repair under the old one goes on, in ms. */
const POLICY_SETTLES_MS = 300_000;

/** A company of the run. */
export interface Company extends SeededCompany {
  readonly token: string;
  policy: Policy;
  /** Since when it has this policy, in virtual ms. */
  policySince: number;
}

/** A run's world. */
export class Scene {
  readonly companies: Company[] = [];
  readonly calls: GatewayCall[] = [];
  readonly violations: string[] = [];
  /** Numbers that the plan itself gave two sockets. */
  readonly flapping = new Set<string>();
  readonly startedAt: number;
  #nextTickAt: number;

  private constructor(
    readonly world: VirtualWorld,
    readonly network: Network,
    readonly invocations: Invocations,
    readonly idle: IdleTenant,
  ) {
    this.startedAt = world.clock.monotonicMs();
    this.#nextTickAt = this.startedAt + MINUTE;
  }

  /** Builds the world of a plan, on a ground of its own unless one is given. */
  static async open(server: PostgresServer, plan: Plan, ground?: Ground): Promise<Scene> {
    const network = new Network();
    const invocations = new Invocations();
    let scene: Scene | undefined;
    const world = await createVirtualWorld(server, {
      ...(ground ? { ground } : {}),
      aroundDatabase: (inner) => network.aroundDatabase(inner),
      aroundGateway: (inner) => network.aroundGateway(inner),
      simulator: {
        seed: plan.seed + 1,
        latency: () => 0,
        reconnectLoopMs: RECONNECT_LOOP_MS,
        conflictMs: CONFLICT_MS,
        deliver: (request) => scene!.#deliver(request),
      },
    });
    try {
      const idle = await createIdleTenant(world.sql, world.clock);
      scene = new Scene(world, network, invocations, idle);
      await scene.#settleIn(plan);
      return scene;
    } catch (error) {
      await world.close();
      throw error;
    }
  }

  async #settleIn(plan: Plan): Promise<void> {
    const { world, network, invocations } = this;
    for (const policy of plan.policies) {
      const { company, token } = this.companies.length === 0
        ? { company: world.company, token: world.userToken }
        : await world.addCompany({});
      this.companies.push({ ...company, token, policy, policySince: this.startedAt });
      await this.savePolicy(this.companies.at(-1)!, policy);
      // The policy holds from the beginning.
      this.companies.at(-1)!.policySince = Number.NEGATIVE_INFINITY;
    }
    const violated = (what: string) => void this.violations.push(what);
    network.surroundings = {
      clock: world.clock,
      control: world.gateway.control,
      invocations,
      violated,
      watch: watchTokens(world.sql, violated),
      arrived: (call) => void this.calls.push(call),
      unpaired: (logout) => this.#judgeLoss(logout),
      issued: (route, instance) =>
        allowCall(world.sql, { route, instance, by: invocations.by })
          .catch((error) => violated(`${error}`)),
    };
  }

  /** With keep-pairing no automatic logout costs a pairing that could have healed. */
  #judgeLoss(logout: GatewayCall): void {
    const company = this.companies.find(({ instanceName }) => instanceName === logout.instance);
    if (
      company?.policy === "keep-pairing" && !isByPerson(logout.by) &&
      logout.issuedAt - company.policySince > POLICY_SETTLES_MS &&
      !this.flapping.has(logout.instance)
    ) this.violations.push(`${logout.by} cost ${logout.instance} its pairing under keep-pairing`);
  }

  /** Sets a company's policy. */
  async savePolicy(company: Company, policy: Policy): Promise<void> {
    await this.world.sql`insert into ghost_repair.policies
      values (${company.organizationId}, ${policy})
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
    const { status } = await this.begin("webhook", "evolution-webhook", await request.text(), {
      token: null,
      path,
      headers: Object.fromEntries(request.headers),
    });
    return new Response(null, { status });
  }

  /** Moves time; the scheduler comes by at every full minute, whatever it did the last time. */
  async pass(ms: number): Promise<void> {
    const { clock } = this.world;
    const end = clock.monotonicMs() + ms;
    while (this.#nextTickAt <= end) {
      await clock.advance(this.#nextTickAt - clock.monotonicMs());
      this.#nextTickAt += MINUTE;
      await this.#tick();
    }
    await clock.advance(end - clock.monotonicMs());
  }

  /** Moves time while nobody works: the scheduler would find nothing to do. */
  async skip(ms: number): Promise<void> {
    await this.world.clock.advance(ms);
    this.#nextTickAt = this.world.clock.monotonicMs();
    await this.pass(0);
  }

  async #tick(): Promise<void> {
    for (const name of SCHEDULED_FUNCTIONS) {
      const call = this.begin(name, name, {}, { headers: { "x-cron-secret": CRON_SECRET } });
      call.catch((error) => this.violations.push(`${name} threw ${error}`));
      await this.lineUp();
    }
    await runScheduledSql(this.world.sql);
  }

  /** Ends it. */
  close(): Promise<void> {
    return this.world.close();
  }
}
