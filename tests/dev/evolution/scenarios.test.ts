import assert from "node:assert/strict";
import { z } from "zod";
import type { GhostKind } from "../../../dev/evolution/model.ts";
import { type GatewayUnderTest, openInstance, underTest } from "./gateway-under-test.ts";
import { readJson } from "./recordings.ts";

/** Every recorded scenario: one ghost, five instances, one action on each, a minute of looking. */
const SCENARIOS = {
  "GHOST-A1-halfopen": "A1",
  "GHOST-A2-zombie": "A2",
  "GHOST-B1-refused": "B1",
  "GHOST-B2-reject503": "B2",
  "GHOST-B3-login-blackholed": "B3",
  "GHOST-C3-restart-while-refused": "restarted while refused",
} as const satisfies Record<string, GhostKind | "restarted while refused">;

const Session = z.union([z.string(), z.object({ me: z.string().nullable() })]);
const Action = z.object({
  after: z.record(z.string(), z.string()),
  response: z.object({ status: z.number() }).optional(),
  session: Session,
  webhooks: z.array(z.string()),
});
const Scenario = z.object({
  pre: z.object({ memDistribution2s: z.record(z.string(), z.number()) }),
  actions: z.record(z.string(), Action),
});

const REQUESTS: Readonly<Record<string, string>> = {
  restart: "POST /instance/restart",
  connect: "GET /instance/connect",
  logout: "DELETE /instance/logout",
  delete: "DELETE /instance/delete",
};

for (const [file, ghost] of Object.entries(SCENARIOS)) {
  const { pre, actions } = Scenario.parse(readJson(`recordings/${file}.json`));
  const steady = Object.keys(pre.memDistribution2s).length === 1 || ghost !== "B2";

  Deno.test(`${file}: the memory reads as it read on the real gateway`, async () => {
    await underTest(async (world) => {
      await haunt(world, ghost);
      const seen: Record<string, number> = {};
      for (let i = 0; i < 20; i++) {
        const memory = world.gateway.control.inspect("x").memory ?? "none";
        seen[memory] = (seen[memory] ?? 0) + 1;
        await world.clock.advance(103);
      }
      for (const [memory, count] of Object.entries(pre.memDistribution2s)) {
        assert.ok(Math.abs((seen[memory] ?? 0) - count) <= 4, JSON.stringify(seen));
      }
    });
  });

  for (const [action, recorded] of Object.entries(actions)) {
    Deno.test(`${file}: after ${action}, everything goes as on the real gateway`, async () => {
      await underTest(async (world) => {
        await haunt(world, ghost);
        // The recorded logout met the moment before the websocket opens.
        if (ghost === "B2" && action === "logout") await world.clock.advance(140);
        const begin = world.clock.now().getTime();
        world.received.length = 0;
        const answered = act(world, action);
        for (const [when, expected] of Object.entries(recorded.after)) {
          const due = begin + Number.parseFloat(when) * 1_000;
          await world.clock.advance(due - world.clock.now().getTime());
          compare(look(world), expected, steady, `${when} later`);
        }
        assert.equal((await world.clock.until(answered))?.status, recorded.response?.status);
        if (action === "delete") return;
        assert.equal(world.gateway.control.inspect("x").paired, isPaired(recorded.session));
        const elapsed = world.clock.now().getTime() - begin;
        compareWebhooks(webhooksOf(world, begin), recorded.webhooks, elapsed);
      });
    });
  }
}

async function haunt(world: GatewayUnderTest, ghost: string): Promise<void> {
  const { control } = world.gateway;
  await openInstance(world, "x");
  if (ghost === "restarted while refused") {
    control.whatsapp({ refusing: true });
    control.restartProcess();
    await world.clock.advance(300);
  } else {
    control.ghost("x", ghost as GhostKind);
    // Into the phase of the loop that the recorded actions met: closed; for B3, 5 s into a login.
    const phases: Readonly<Record<string, number>> = { B1: 250, B2: 820, B3: 5_000 };
    await world.clock.advance(phases[ghost] ?? 0);
  }
}

function act(world: GatewayUnderTest, action: string) {
  const [method = "", path] = REQUESTS[action]?.split(" ") ?? [];
  return path === undefined ? Promise.resolve(undefined) : world.start(method, `${path}/x`);
}

function look({ gateway: { control } }: GatewayUnderTest): { memory: string; registry: string } {
  if (!control.instances().includes("x")) return { memory: "404", registry: "404" };
  const { memory, registry } = control.inspect("x");
  return { memory: memory ?? "none", registry };
}

/** `mem=close reg=open`, where a flickering memory is compared by its kind. */
function compare(
  seen: { readonly memory: string; readonly registry: string },
  expected: string,
  steady: boolean,
  when: string,
): void {
  const memory = /mem=(\w+)/.exec(expected)?.[1];
  const registry = / reg=(\w+)/.exec(expected)?.[1];
  assert.equal(seen.registry, registry, when);
  if (steady || memory === "404") assert.equal(seen.memory, memory, when);
  else assert.ok(["close", "connecting"].includes(seen.memory), `${seen.memory} ${when}`);
}

function isPaired(session: z.infer<typeof Session>): boolean {
  return typeof session === "object" && session.me !== null;
}

interface Timed {
  readonly atS: number;
  readonly what: string;
}

function webhooksOf({ gateway }: GatewayUnderTest, begin: number): Timed[] {
  return gateway.control.inspect("x").webhooksSent.flatMap(({ event, at, data }) => {
    if (at.getTime() < begin) return [];
    const { state, status, statusReason, disconnectionReasonCode } = (data ?? {}) as Record<
      string,
      unknown
    >;
    const code = statusReason ?? disconnectionReasonCode;
    const what = code === undefined ? event : `${event}:${state ?? status}/${code}`;
    return [{ atS: (at.getTime() - begin) / 1_000, what }];
  });
}

/** A few webhooks are compared one by one; the hundreds of a loop by kind and number. */
function compareWebhooks(seen: readonly Timed[], recorded: readonly string[], ms: number): void {
  const total = /\((\d+) total\)/.exec(recorded.at(-1) ?? "")?.[1];
  const expected = recorded.filter((line) => line.startsWith("+")).map(timed);
  if (total !== undefined) {
    assert.deepEqual([...new Set(seen.map(({ what }) => what))], [expected[0]?.what]);
    const ratio = seen.length / Number(total);
    assert.ok(ratio > 0.75 && ratio < 1.25, `${seen.length} webhooks, not ${total}, in ${ms} ms`);
    return;
  }
  assert.deepEqual(seen.map(({ what }) => what), expected.map(({ what }) => what));
  for (const [i, { atS }] of seen.entries()) {
    assert.ok(Math.abs(atS - (expected[i]?.atS ?? NaN)) < 6, `${seen[i]?.what} at ${atS} s`);
  }
}

function timed(line: string): Timed {
  const [at = "", what = ""] = line.split(" ");
  return { atS: Number.parseFloat(at), what };
}
