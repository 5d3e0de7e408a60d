import assert from "node:assert/strict";
import type { PlayedKind } from "../../../dev/tasks/shared/kinds.ts";
import { GHOST_OPTIONS } from "../../../dev/tasks/shared/kinds.ts";
import {
  createOperatorInbox,
  type OperatorInbox,
} from "../../../dev/tasks/ghosts/operator-inbox.ts";
import type { VirtualWorld } from "../../../dev/world/virtual-world.ts";
import { beginAdvance, openRepair, repairRow, setPolicy } from "../../support/ladder.ts";
import { instanceRow, worldTest } from "../../support/world.ts";

/** The function's calls, counted, and its death before one of them: nothing it does gets out then. */
class Life {
  /** The calls of the life so far. */
  calls: string[] = [];
  #diesBefore = Infinity;
  #dead = false;

  begin(diesBefore: number): void {
    this.calls = [];
    this.#diesBefore = diesBefore;
    this.#dead = false;
  }

  /** Another invocation. One that did not live to its end is the last that dies. */
  invoke(): void {
    if (this.#dead) this.#diesBefore = Infinity;
    this.#dead = false;
  }

  around(nameOf: (url: URL) => string | null): (inner: typeof fetch) => typeof fetch {
    return (inner) => async (input, init) => {
      const name = nameOf(new URL(input instanceof Request ? input.url : String(input)));
      if (name === null) return await inner(input, init);
      if (this.#dead || this.calls.length + 1 === this.#diesBefore) {
        this.#dead = true;
        // Half of the deaths are silent: the time limits end the wait.
        return await (this.#diesBefore % 2 === 0
          ? new Promise<never>(() => {})
          : Promise.reject(new TypeError("the process died")));
      }
      this.calls.push(name);
      return await inner(input, init);
    };
  }
}

const OWN = /\/rpc\/(\w*(?:repair|connecting_seen|operator_notice)\w*)$/;
const rpcName = ({ pathname }: URL) => OWN.exec(pathname)?.[1] ?? null;
const routeName = ({ pathname }: URL) => pathname.split("/").slice(1, 3).join("/");

/** The repair's life from the same beginning; everything before is forgotten. */
async function relive(world: VirtualWorld, kind: PlayedKind): Promise<void> {
  const { control } = world.gateway;
  await world.sql`delete from public.ghost_repairs`;
  await world.sql`delete from ghost_repair.connecting_signals`;
  await world.sql`delete from public.instance_events`;
  control.ghost(world.company.instanceName, kind, GHOST_OPTIONS[kind]);
  await openRepair(world);
}

/** Ticks until the repair has ended, or a person was told. */
async function toTheEnd(world: VirtualWorld, life: Life): Promise<string> {
  for (let tick = 0; tick < 12; tick++) {
    await world.clock.advance(60_000);
    life.invoke();
    await world.clock.until(beginAdvance(world));
    const { state, outcome } = await repairRow(world);
    const [due] = await world
      .sql`select 1 from ghost_repair.operator_notices where sent_at is null`;
    if (state === "closed" || (state === "needs_operator" && !due)) return outcome ?? state;
  }
  return "unfinished";
}

function routes(world: VirtualWorld, from: number, route: string): number {
  return world.gateway.calls.slice(from).filter((call) => call.route === route).length;
}

/**
 * Of the samples of a look the first and the last stand for all; and of the rest every second one, as
 * the seeded histories kill at every other place.
 */
function pointsOf(calls: readonly string[]): number[] {
  const isSample = (name: string | undefined) => name === "instance/connectionState";
  const inside = (index: number) => [-1, 0, 1].every((step) => isSample(calls[index + step]));
  return calls.flatMap((_, index) => inside(index) ? [] : [index + 1])
    .filter((_, index) => index % 2 === 0);
}

const KINDS = [
  { kind: "A1", end: "healed", restarts: 1, connects: 0, status: "connected" },
  { kind: "H1", end: "healed", restarts: 0, connects: 1, status: "connected" },
  // On a zombie a restart leaves no trace: one whose answer was lost is made again, once.
  { kind: "A2", end: "needs_operator", restarts: 2, connects: 0, status: "disconnected" },
] as const;

for (const { kind, end, restarts, connects, status } of KINDS) {
  const life = new Life();
  const inbox: OperatorInbox = createOperatorInbox();
  worldTest(
    `${kind}: wherever advance-ghost-repairs dies, the next ones come to the same end`,
    async (world) => {
      await setPolicy(world, "keep-pairing");
      const { instanceName, instanceId } = world.company;
      const liveOnce = async (diesBefore: number, where: string) => {
        await relive(world, kind);
        const from = world.gateway.calls.length;
        const noticed = inbox.calls.length;
        life.begin(diesBefore);
        assert.equal(await toTheEnd(world, life), end, where);
        assert.equal((await instanceRow(world, instanceId))["status"], status, where);
        assert.equal(world.gateway.control.inspect(instanceName).paired, true, where);
        assert.ok(routes(world, from, "connect") <= connects, where);
        assert.ok(routes(world, from, "restart") <= restarts, where);
        assert.ok(routes(world, from, "logout") <= 1, where);
        const ids = inbox.calls.slice(noticed).map(({ headers }) => headers.get("webhook-id"));
        assert.equal(new Set(ids).size, end === "needs_operator" ? 1 : 0, where);
      };
      await liveOnce(Infinity, "undisturbed");
      const undisturbed = [...life.calls];
      assert.ok(undisturbed.length > 20);
      for (const point of pointsOf(undisturbed)) {
        await liveOnce(point, `dying before call ${point}, ${undisturbed[point - 1]}`);
      }
    },
    {
      environment: { operatorHook: inbox.hook },
      aroundDatabase: life.around(rpcName),
      aroundGateway: (inner) => life.around(routeName)(inbox.aroundGateway(inner)),
    },
  );
}
