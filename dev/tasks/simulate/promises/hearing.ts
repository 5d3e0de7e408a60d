/**
 * The promises of canaries: whom they reach, how many there are, what they leave behind, and that nobody
 * is called deaf who hears.
 *
 * @module
 */

import type { Scene } from "../scene.ts";

const DAY_MS = 24 * 3_600_000;
/** From the word that a canary may be sent until it has left, at the most. */
const SENDING_MS = 180_000;
const CANARIES_A_DAY = 4;

/** What was asked while a number was deaf may be said so long after, in ms. */
const SAID_WITHIN_MS = 15 * 60_000;

const MARK = "[canary ";

/** WhatsApp's ids of the canaries that have left. */
export function canaryIds({ world }: Scene): ReadonlySet<string> {
  const { control } = world.gateway;
  return new Set(
    control.instances().flatMap((name) => control.delivered(name))
      .filter(({ content }) => content.includes(MARK)).map(({ id }) => id),
  );
}

/** Looks at what has happened since it looked last. */
export class Hearing {
  #lastEvent = 0;
  /** Whose each phone is, also where its number was deleted after a canary had left for it. */
  readonly #owners = new Map<string, string | undefined>();

  /** @param scene What is checked. */
  constructor(private readonly scene: Scene) {}

  /** Throws nothing: what is broken goes to the scene's list. */
  async check(): Promise<void> {
    this.#checkCanaries();
    await this.#checkRows();
    await this.#checkVerdicts();
  }

  /** Each goes from a number of an organization to one of the same, four a day. */
  #checkCanaries(): void {
    const { world, organizationOf, violated } = this.scene;
    const { control } = world.gateway;
    for (const name of control.instances()) {
      this.#owners.set(control.inspect(name).phone, organizationOf(name));
    }
    for (const name of control.instances()) {
      const sent = control.delivered(name).filter(({ content }) => content.includes(MARK));
      for (const { number } of sent) {
        const owner = this.#owners.get(number.replace(/\D.*/, ""));
        if (owner === undefined || owner !== organizationOf(name)) {
          violated(`a canary of ${name} has left for somebody else`);
        }
      }
      const times = sent.map(({ at }) => at.getTime());
      const tooSoon = times.some((at, place) =>
        place >= CANARIES_A_DAY && at - times[place - CANARIES_A_DAY]! < DAY_MS - SENDING_MS
      );
      if (tooSoon) violated(`${name} has sent more than ${CANARIES_A_DAY} canaries in a day`);
    }
  }

  /** It is nobody's message, and opens nobody's conversation. */
  async #checkRows(): Promise<void> {
    const rows = await this.scene.world.sql<{ what: string }[]>`
      select 'a canary is a message of ' || i.instance_name as what
      from public.messages m join public.whatsapp_instances i on i.id = m.whatsapp_instance_id
      where strpos(m.content, ${MARK}) > 0
      union all
      select 'a canary has opened a conversation of ' || i.instance_name
      from public.conversations c join public.whatsapp_instances i on i.id = c.whatsapp_instance_id
      join public.whatsapp_instances o on o.organization_id = c.organization_id
        and ghost_repair.person_key(o.phone_number || '@s.whatsapp.net')
          = ghost_repair.person_key(c.remote_jid)`;
    for (const { what } of rows) this.scene.violated(what);
  }

  /** Nobody is called deaf who hears; with the own phone off it may be suspected, which is no more. */
  async #checkVerdicts(): Promise<void> {
    const { world, deafUntil, violated } = this.scene;
    const { control } = world.gateway;
    const now = world.clock.monotonicMs();
    const said = await world.sql<{ id: number; name: string; verdict: string; age: number }[]>`
      select e.id::int as id, i.instance_name as name, e.detail ->> 'verdict' as verdict,
        (extract(epoch from ghost_repair.now() - e.created_at) * 1000)::float8 as age
      from public.instance_events e join public.whatsapp_instances i on i.id = e.instance_id
      where e.kind = 'hearing' and e.id > ${this.#lastEvent} order by e.id`;
    for (const { id, name, verdict, age } of said) {
      this.#lastEvent = id;
      if (!["deaf", "suspected_deaf"].includes(verdict)) continue;
      if (!control.instances().includes(name)) continue;
      const { deaf, phoneOff } = control.instance(name);
      if (deaf || (deafUntil.get(name) ?? -Infinity) + SAID_WITHIN_MS >= now - age) continue;
      if (verdict === "suspected_deaf" && phoneOff) continue;
      violated(`called ${verdict}: ${name}, which hears`);
    }
  }
}
