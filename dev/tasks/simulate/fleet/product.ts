/**
 * The product in front of a fleet: its functions' real handlers, its database, and the scheduler.
 *
 * @module
 */

import { createBackground } from "../../../../supabase/functions/_shared/runtime/background.ts";
import type { UserEffects } from "../../../../supabase/functions/evolution-api/authenticator.ts";
import { createLog } from "../../../../supabase/functions/_shared/runtime/log.ts";
import { FUNCTION_FACTORIES, type FunctionName } from "../../../platform/function-handlers.ts";
import type { FunctionHandler } from "../../../platform/functions.ts";
import type { VirtualClock } from "../../../world/virtual-clock.ts";
import type { Policy } from "../../shared/kinds.ts";
import type { FleetDatabase } from "./database.ts";
import { FLEET_KEY, type FleetGateways } from "./gateways.ts";
import { trafficOf } from "./habits.ts";
import type { FleetPlan, PlannedNumber } from "./plan.ts";

const CRON_SECRET = "fleet-cron-secret-0001";

/** So much is behind a fleet that wants canaries. */
const HABIT_DAYS = 28;

/** People hear of what needs them (`people.ts`); here it is taken. */
const OPERATOR_HOOK = "http://operator.test/";

/** One organization a policy, and its user. */
const ORGANIZATIONS: Readonly<Record<Policy, { readonly id: string; readonly user: string }>> = {
  "logout-first": {
    id: "00000000-0000-4000-8000-0000000000a1",
    user: "00000000-0000-4000-8000-0000000000b1",
  },
  "keep-pairing": {
    id: "00000000-0000-4000-8000-0000000000a2",
    user: "00000000-0000-4000-8000-0000000000b2",
  },
};

/** A number's id in the database. */
export function instanceIdOf({ index }: PlannedNumber): string {
  return `00000000-0000-4000-8000-1${String(index).padStart(11, "0")}`;
}

/** The functions, and who calls them. */
export class Product {
  /** What the functions said went wrong. */
  readonly faults: string[] = [];
  readonly effects: UserEffects;
  readonly #handlers = new Map<FunctionName, FunctionHandler>();

  /** @param gateways Whom the functions call. */
  constructor(
    readonly database: FleetDatabase,
    readonly clock: VirtualClock,
    gateways: FleetGateways,
  ) {
    this.effects = {
      fetch: (input, init) =>
        String(input).startsWith(OPERATOR_HOOK)
          ? Promise.resolve(new Response())
          : gateways.fetch(input, init),
      clock,
      database,
      // The token is the user's id: who signs in is not what is played here.
      authenticator: {
        identify: (token) => Promise.resolve({ outcome: "user", userId: token.split(".")[1]! }),
      },
      background: createBackground(),
      log: createLog("error", (line) => this.faults.push(line)),
      cronSecrets: [CRON_SECRET],
      metricsTokens: [],
      operatorHook: { url: OPERATOR_HOOK, secret: CRON_SECRET },
      supabaseUrl: "http://supabase.test",
      resolve: () => Promise.resolve([]),
      allowPrivate: true,
    };
    for (const [name, create] of Object.entries(FUNCTION_FACTORIES)) {
      this.#handlers.set(name as FunctionName, create(this.effects));
    }
  }

  /** Writes the fleet's rows: all are connected. */
  async enrol(plan: FleetPlan, gateways: FleetGateways): Promise<void> {
    const { database } = this;
    const { members } = plan;
    const rows = members.map((member) => ({
      id: instanceIdOf(member),
      organization: ORGANIZATIONS[member.policy].id,
      name: member.name,
      phone: member.phone,
      url: gateways.of(member).url,
    }));
    const told = `json_to_recordset($1::text::json)
      as r (id uuid, organization uuid, name text, phone text, url text)`;
    for (const [policy, { id, user }] of Object.entries(ORGANIZATIONS)) {
      await database.run("insert into auth.users (id, email) values ($1, $2)", [
        user,
        `${policy}@example.test`,
      ]);
      await database.run("insert into public.organizations (id, name) values ($1, $2)", [
        id,
        policy,
      ]);
      await database.run(
        `insert into public.organization_members (organization_id, user_id, role)
          values ($1, $2, 'owner')`,
        [id, user],
      );
      await database.run("insert into ghost_repair.policies values ($1, $2)", [id, policy]);
    }
    const json = [JSON.stringify(rows)];
    await database.run(
      `insert into public.whatsapp_instances
          (id, organization_id, instance_name, phone_number, status, connection_epoch)
        select r.id, r.organization, r.name, r.phone, 'connected', 1 from ${told}`,
      json,
    );
    await database.run(
      `insert into private.instance_credentials (instance_id, api_url, api_key, webhook_secret)
        select r.id, r.url, '${FLEET_KEY}', r.id::text from ${told}`,
      json,
    );
    // Known from the first call on: no version is read while the fleet is played.
    await database.run(
      `insert into private.gateways as g (api_url, version, version_read_at, version_asked_at,
          version_due_at, last_webhook_at)
        select distinct r.url, '2.3.7', ghost_repair.now(), ghost_repair.now(),
          'infinity'::timestamptz, ghost_repair.now() from ${told}
        on conflict (api_url) do update set version = excluded.version,
          version_read_at = excluded.version_read_at, version_asked_at = excluded.version_asked_at,
          version_due_at = excluded.version_due_at, last_webhook_at = excluded.last_webhook_at`,
      json,
    );
    if (plan.canaries) await this.#giveHabits(plan);
    await database.sql.unsafe("analyze");
  }

  /** Canaries are wanted, and everybody has weeks behind them in which customers wrote as they do. */
  async #giveHabits({ seed, members }: FleetPlan): Promise<void> {
    const { database, clock } = this;
    const startMs = clock.now().getTime();
    const past = members.flatMap((member) =>
      Array.from({ length: HABIT_DAYS }, (_, day) => day - HABIT_DAYS).flatMap((day) =>
        trafficOf({ seed, number: member.index, habit: member.habit, day, startMs })
          .filter(({ direction }) => direction === "inbound")
          .map(({ at }) => ({ id: instanceIdOf(member), at: (startMs + at) / 1000 }))
      )
    );
    await database.run(
      "update ghost_repair.hearing set heard_since = ghost_repair.now() - $1::text::interval",
      [`${HABIT_DAYS} days`],
    );
    await database.run(
      `with spells as (
          select distinct p.id, floor(p.at / 300) * 300 as at
          from json_to_recordset($1::text::json) p (id uuid, at float8)
        ), hours as (
          select s.id, ((floor(s.at / 3600)::bigint) % 168)::smallint as slot,
            (floor(s.at / 3600)::bigint / 168)::int as week from spells s
        ), weeks as (
          select h.*, max(h.week) over (partition by h.id, h.slot) as newest from hours h
        )
        insert into ghost_repair.habit_hours (instance_id, slot, week, spells, faded, counted_at)
        select w.id, w.slot, w.newest, count(*) filter (where w.week = w.newest),
          coalesce(sum(power(s.habit_fade, w.newest - w.week)) filter (where w.week < w.newest), 0),
          ghost_repair.now() - interval '1 hour'
        from weeks w, ghost_repair.settings s group by w.id, w.slot, w.newest`,
      [JSON.stringify(past)],
    );
    await database.run(
      "insert into ghost_repair.canary_policies (organization_id) select id from public.organizations",
    );
  }

  /** Calls a scheduled function; time has to be moved for it. */
  schedule(name: FunctionName): void {
    const request = new Request(`${this.effects.supabaseUrl}/functions/v1/${name}`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-cron-secret": CRON_SECRET },
      body: "{}",
    });
    this.#begin(name, this.#handlers.get(name)!(request));
  }

  /** A user sends a message from a number; time has to be moved for it. */
  send(number: PlannedNumber): void {
    const request = new Request(`${this.effects.supabaseUrl}/functions/v1/evolution-api`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        authorization: `Bearer fleet.${ORGANIZATIONS[number.policy].user}.user`,
      },
      body: JSON.stringify({
        action: "send_message_async",
        instanceId: instanceIdOf(number),
        remoteJid: `55119${String(80_000_000 + number.index)}@s.whatsapp.net`,
        message: "Olá!",
      }),
    });
    this.#begin("evolution-api", this.#handlers.get("evolution-api")!(request));
  }

  #begin(name: string, answer: Promise<Response> | Response): void {
    const work = Promise.resolve(answer).then(async (response) => {
      if (response.status >= 500) this.faults.push(`${name}: ${await response.text()}`);
    });
    this.effects.background.run(work, this.effects.log);
  }
}
