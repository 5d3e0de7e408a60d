/**
 * A run's world: companies, an idle tenant, a network with faults, and the scheduler's minutes.
 *
 * @module
 */

import type { PostgresServer } from "../../platform/database/postgres.ts";
import type { Policy } from "../shared/kinds.ts";
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
import { Guards } from "./guards.ts";
import { createIdleTenant, type IdleTenant } from "./idle-tenant.ts";
import { Invocations, isByPerson, type Worker } from "./invocations.ts";
import { type GatewayCall, Network } from "./network.ts";
import type { Plan } from "./plan.ts";

/** A live loop's pause: slower than the real one, and still heard in every look of 12 seconds. */
const RECONNECT_LOOP_MS = 7_000;
/** A session conflict's pause: slower than the real one, and still known for one in a minute. */
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
  readonly conflicts = new Set<string>();
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
    let scene: Scene | undefined;
    const world = await createVirtualWorld(server, {
      ...(ground ? { ground } : {}),
      aroundDatabase: (inner) => network.around("database", inner),
      aroundGateway: (inner) => network.around("gateway", inner),
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
      scene = new Scene(world, network, new Invocations(), idle);
      await scene.#settleIn(plan);
      return scene;
    } catch (error) {
      await world.close();
      throw error;
    }
  }

  async #settleIn({ policies }: Plan): Promise<void> {
    const { world, network, invocations } = this;
    for (const policy of policies) {
      const { company, token } = this.companies.length === 0
        ? { company: world.company, token: world.userToken }
        : await world.addCompany({});
      // The policy holds from the beginning.
      const member = { ...company, token, policy, policySince: Number.NEGATIVE_INFINITY };
      this.companies.push(member);
      await this.savePolicy(member, policy);
    }
    network.surroundings = {
      clock: world.clock,
      control: world.gateway.control,
      invocations,
      guards: new Guards(world.sql, (what) => this.violated(what)),
      arrived: (call) => void this.calls.push(call),
      unpaired: (logout) => this.#judgeLoss(logout),
    };
  }

  /** A promise was broken. */
  violated(what: string): void {
    this.violations.push(what);
  }

  /** With keep-pairing no automatic logout costs a pairing that could have healed. */
  #judgeLoss({ by, instance, issuedAt }: GatewayCall): void {
    const company = this.companies.find(({ instanceName }) => instanceName === instance);
    if (
      company?.policy === "keep-pairing" && !isByPerson(by) && !this.conflicts.has(instance) &&
      issuedAt - company.policySince > POLICY_SETTLES_MS
    ) this.violated(`${by} cost ${instance} its pairing under keep-pairing`);
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
      call.catch((error) => this.violated(`${name} threw ${error}`));
      await this.lineUp();
    }
    await runScheduledSql(this.world.sql);
  }

  /** Ends it. */
  close(): Promise<void> {
    return this.world.close();
  }
}
