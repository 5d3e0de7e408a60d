/**
 * What must hold at every call: whose claim or lease no longer holds changes nothing, and nothing
 * automatic touches a number that a person disconnected or whose QR waits, but for the logout that the
 * person wanted.
 *
 * @module
 */

import type postgres from "postgres";
import type { EvolutionControl } from "../../../evolution/control/control.ts";
import { isByPerson, type Worker } from "../invocations.ts";

/** The functions that write under a token. */
const UNDER_TOKEN = [
  "record_connect",
  "record_repair_step",
  "record_ghost_logout",
  "record_watch",
];

/** The calls that change a session. */
const CHANGING = ["logout", "connect", "restart", "delete"];

/** What the database must never have to answer. */
const NEVER: Readonly<Record<string, string>> = {
  "40P01": "a deadlock",
  "23503": "a broken reference",
  "23514": "flags that contradict each other",
};

type Arguments = Readonly<Record<string, unknown>>;

/** Looks at calls. Nobody else works on the database meanwhile. */
export class Guards {
  /**
   * @param sql The database.
   * @param violated Hears what must not be.
   */
  constructor(
    private readonly sql: postgres.Sql,
    readonly violated: (what: string) => void,
  ) {}

  /** Looks at an instance's row before and after a call of an SQL function that shows a token. */
  async aroundWrite(
    fn: string,
    args: Arguments,
    run: () => Promise<Response>,
  ): Promise<Response> {
    const target = UNDER_TOKEN.includes(fn) ? await this.#findTarget(fn, args) : undefined;
    const before = target && await this.#readRow(target.id);
    const answer = await run();
    if (target?.holds === false && await this.#readRow(target.id) !== before) {
      this.violated(`${fn} wrote under a token that no longer held`);
    }
    return answer;
  }

  /** Looks at an answer that is an error. */
  async afterRefusal(fn: string, answer: Response): Promise<void> {
    const said = await answer.json().catch(() => null) as { readonly code?: string } | null;
    const what = NEVER[said?.code ?? ""];
    if (what !== undefined) this.violated(`${fn} ended with ${what}`);
  }

  /** Looks at a number when a connect arrives: in a live loop it makes a second socket. */
  onConnect(control: EvolutionControl, instance: string, by: Worker | null): void {
    if (!control.instances().includes(instance)) return;
    const { life, memory } = control.inspect(instance);
    if (life === "reconnect" && memory === "close") {
      this.violated(`live loop: ${by} connects ${instance} into one`);
    }
  }

  /** Looks at a number when a logout arrives: it cures no deafness, and costs the pairing. */
  async onLogout(control: EvolutionControl, instance: string, by: Worker | null): Promise<void> {
    if (isByPerson(by) || !control.instances().includes(instance)) return;
    const { deafness, socket } = control.inspect(instance);
    if (deafness === null || socket !== "open") return;
    const [row] = await this.sql`select manual_disconnect from public.whatsapp_instances
      where instance_name = ${instance}`;
    if (row?.["manual_disconnect"] !== true) {
      this.violated(`${by} logs ${instance} out, which is deaf (${deafness}) and lives`);
    }
  }

  /** Looks at a number before a call to its gateway. */
  async beforeCall(route: string, instance: string, by: Worker | null): Promise<void> {
    if (isByPerson(by) || !CHANGING.includes(route)) return;
    if (route === "delete") return this.violated(`${by} deletes ${instance}`);
    const [row] = await this.sql`select status, manual_disconnect
      from public.whatsapp_instances where instance_name = ${instance}`;
    if (by === "watch-instances" && route === "restart") {
      if (!await this.#isCured(instance)) {
        this.violated(`${by} restarts ${instance}, not proven deaf`);
      }
    } else if (by === "watch-instances") {
      // It looks only, but for what a person wanted and the gateway did not do.
      if (route !== "logout" || row?.["manual_disconnect"] === false) {
        this.violated(`${by} calls ${route} on ${instance}`);
      }
    } else if (row?.["manual_disconnect"]) {
      this.violated(`${by} calls ${route} on ${instance}, which a person disconnected`);
    } else if (row?.["status"] === "awaiting_qr" && route === "logout") {
      this.violated(`${by} logs ${instance} out while its QR waits for the scan`);
    }
  }

  /**
   * A call has made a number deaf, or its next pairing impossible: a person's alone may, and one whose
   * gateway's version nobody could read.
   */
  async onSpoiled(instance: string, by: Worker | null): Promise<void> {
    const [row] = await this.sql`select i.manual_disconnect, g.version
      from public.whatsapp_instances i
      left join private.instance_credentials k on k.instance_id = i.id
      left join private.gateways g on g.api_url = k.api_url
      where i.instance_name = ${instance}`;
    if (isByPerson(by) || row?.["manual_disconnect"] || row?.["version"] == null) return;
    this.violated(
      `made deaf: ${by} logs ${instance} out, which ${row["version"]} does not survive`,
    );
  }

  /** Whether canaries have proven a number deaf, and it was written down that it is restarted. */
  async #isCured(instance: string): Promise<boolean> {
    const [repair] = await this.sql`select from public.ghost_repairs r
      join public.whatsapp_instances i on i.id = r.instance_id
      where i.instance_name = ${instance} and r.closed_at is null and r.hearing = 'deaf'
        and r.restart_called_at is not null`;
    return repair !== undefined;
  }

  async #readRow(id: string): Promise<string> {
    const [row] = await this.sql`select status, connection_epoch, manual_disconnect,
        reconnect_attempts_count, disconnected_since is null as never_disconnected
      from public.whatsapp_instances where id = ${id}`;
    return JSON.stringify(row ?? null);
  }

  /** The instance that a call is about, and whether its token holds. */
  async #findTarget(fn: string, args: Arguments) {
    const { sql } = this;
    const token = String(args["p_token"]);
    const [found] = fn === "record_repair_step"
      ? await sql<{ id: string; holds: boolean }[]>`
        select r.instance_id as id, r.closed_at is null and not i.manual_disconnect
          and exists (select from ghost_repair.leases l
            where l.subject = r.id and l.token = ${token} and l.expires_at > ghost_repair.now()) as holds
        from public.ghost_repairs r join public.whatsapp_instances i on i.id = r.instance_id
        where r.id = ${String(args["p_repair_id"])}`
      : fn === "record_watch"
      ? await sql<{ id: string; holds: boolean }[]>`
        select d.id, d.connection_epoch = ${Number(args["p_epoch"])}
          and exists (select from ghost_repair.leases l
            where l.subject = d.id and l.token = ${token} and l.expires_at > ghost_repair.now()) as holds
        from ghost_repair.waiting_numbers d where d.id = ${String(args["p_instance_id"])}`
      : fn === "record_ghost_logout"
      ? await sql<{ id: string; holds: boolean }[]>`
        select i.id, exists (select from ghost_repair.claims c
          where c.instance_id = i.id and c.token = ${token}
            and c.connection_epoch = i.connection_epoch) as holds
        from public.whatsapp_instances i where i.id = ${String(args["p_instance_id"])}`
      : await sql<{ id: string; holds: boolean }[]>`
        select i.id, not i.manual_disconnect and i.status <> 'connected'
          and not exists (select from public.ghost_repairs r
            where r.instance_id = i.id and r.closed_at is null)
          and exists (select from ghost_repair.leases l
            where l.subject = i.id and l.token = ${token} and l.expires_at > ghost_repair.now()) as holds
        from public.whatsapp_instances i where i.id = ${String(args["p_instance_id"])}`;
    return found;
  }
}
