import assert from "node:assert/strict";
import { z } from "zod";
import { readJson } from "../../support/recordings.ts";
import { type GatewayUnderTest, openTest, summary } from "./gateway-under-test.ts";

/** Every recorded scenario: one ghost, five instances, one action on each, a minute of looking. */
const SCENARIOS = {
  "GHOST-A1-halfopen": "A1",
  "GHOST-A2-zombie": "A2",
  "GHOST-B1-refused": "B1",
  "GHOST-B2-reject503": "B2",
  "GHOST-B3-login-blackholed": "B3",
  "GHOST-C3-restart-while-refused": "restarted while refused",
} as const;

type Ghost = typeof SCENARIOS[keyof typeof SCENARIOS];

const Session = z.union([z.string(), z.object({ me: z.string().nullable() })]);
const Course = z.object({ after: z.record(z.string(), z.string()), webhooks: z.array(z.string()) });
const Scenario = z.object({
  pre: z.object({ memDistribution2s: z.record(z.string(), z.number()) }),
  actions: z.record(
    z.string(),
    Course.extend({
      response: z.object({ status: z.number() }).optional(),
      session: Session,
    }),
  ),
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

  openTest(`${file}: the memory reads as it read on the real gateway`, async (gateway) => {
    await enter(gateway, ghost);
    const seen: Record<string, number> = {};
    for (let i = 0; i < 20; i++) {
      const memory = gateway.control.inspect("x").memory ?? "none";
      seen[memory] = (seen[memory] ?? 0) + 1;
      await gateway.clock.advance(103);
    }
    for (const [memory, count] of Object.entries(pre.memDistribution2s)) {
      assert.ok(Math.abs((seen[memory] ?? 0) - count) <= 4, JSON.stringify(seen));
    }
  });

  for (const [action, recorded] of Object.entries(actions)) {
    openTest(`${file}: all goes as recorded after ${action}`, async (gateway) => {
      await enter(gateway, ghost);
      // The recorded logout met the moment before the websocket opens.
      if (ghost === "B2" && action === "logout") await gateway.clock.advance(140);
      const begin = gateway.clock.now().getTime();
      const answered = act(gateway, action);
      await follow(gateway, recorded.after, (seen, expected, when) => {
        assert.equal(seen.registry, expected.registry, when);
        // Where the memory flickers, it is compared by its kind.
        if (steady || seen.memory === "404") assert.equal(seen.memory, expected.memory, when);
        else assert.match(seen.memory, /^(?:close|connecting)$/, when);
      });
      assert.equal((await gateway.clock.until(answered))?.status, recorded.response?.status);
      if (action === "delete") return;
      const { session } = recorded;
      const paired = typeof session === "object" && session.me !== null;
      assert.equal(gateway.control.inspect("x").paired, paired);
      compareWebhooks(webhooksOf(gateway, begin), recorded.webhooks);
    });
  }
}

const CLOSES = z.record(z.string(), Course).parse(readJson("recordings/GHOST-D-close-codes.json"));

for (const [close, recorded] of Object.entries(CLOSES)) {
  openTest(`a close by ${close} goes as on the real gateway`, async (gateway) => {
    bringAbout(gateway, close);
    // Where the loop goes on, the memory flickers: only the registry can be compared.
    const loops = recorded.webhooks.at(-1)?.includes("total") ?? false;
    await follow(gateway, recorded.after, (seen, expected, when) => {
      assert.equal(seen.registry, expected.registry, when);
      if (!loops) assert.equal(seen.memory, expected.memory, when);
    });
    const about = recorded.webhooks.filter((line) => !/send\.message|messages\.update/.test(line));
    const expected = new Set(timed(about).map(({ what }) => what));
    assert.deepEqual([...new Set(gateway.news())], [...expected]);
  });
}

async function enter({ control, clock }: GatewayUnderTest, ghost: Ghost): Promise<void> {
  if (ghost === "restarted while refused") {
    control.whatsapp({ refusing: true });
    control.restartProcess();
    return await clock.advance(300);
  }
  control.ghost("x", ghost);
  // Into the phase of the loop that the recorded actions met: closed; for B3, 5 s into a login.
  const phases: Readonly<Record<string, number>> = { B1: 250, B2: 820, B3: 5_000 };
  await clock.advance(phases[ghost] ?? 0);
}

function act({ start }: GatewayUnderTest, action: string) {
  const [method = "", path] = REQUESTS[action]?.split(" ") ?? [];
  return path === undefined ? Promise.resolve(undefined) : start(method, `${path}/x`);
}

/** How each recorded close is brought about here. */
function bringAbout({ control }: GatewayUnderTest, close: string): void {
  const code = Number(/^login-failure-(\d+)$/.exec(close)?.[1] ?? 0);
  if (close === "stream-401-device_removed") control.removeDevice("x");
  else if (code === 401 || code === 402 || code === 403 || code === 406) {
    control.removeDevice("x", code);
  } else if (code > 0) control.ghost("x", "B2", { code });
  else control.blip("x");
}

/** What the process and the registry say of an instance. */
const Look = z.object({ memory: z.string(), registry: z.string() });
type Look = z.infer<typeof Look>;

/** Looks at `x` at every recorded moment. */
async function follow(
  { control, clock }: GatewayUnderTest,
  after: Readonly<Record<string, string>>,
  compare: (seen: Look, expected: Look, when: string) => void,
): Promise<void> {
  const begin = clock.now().getTime();
  for (const [when, expected] of Object.entries(after)) {
    const due = begin + Number.parseFloat(when) * 1_000;
    await clock.advance(due - clock.now().getTime());
    const gone = !control.instances().includes("x");
    const { memory, registry } = gone ? { memory: "404", registry: "404" } : control.inspect("x");
    const seen = { memory: memory ?? "none", registry };
    // Behind either word the recorder may have noted more.
    const words = /^mem=(?<memory>\w+).* reg=(?<registry>\w+)/.exec(expected)?.groups;
    compare(seen, Look.parse(words), `after ${when}`);
  }
}

interface Timed {
  readonly atS: number;
  readonly what: string;
}

function webhooksOf({ control }: GatewayUnderTest, begin: number): Timed[] {
  return control.inspect("x").webhooksSent.filter(({ at }) => at.getTime() >= begin)
    .map(({ event, at, data }) => ({
      atS: (at.getTime() - begin) / 1_000,
      what: summary({ event, data: (data ?? {}) as Record<string, unknown> }),
    }));
}

/** `+0.2s connection.update:close/401`, and at the end of many `(300 total)`. */
function timed(recorded: readonly string[]): Timed[] {
  return recorded.filter((line) => line.startsWith("+")).map((line) => {
    const [at = "", what = ""] = line.split(" ");
    return { atS: Number.parseFloat(at), what };
  });
}

/** A few webhooks are compared one by one; the hundreds of a loop by kind and number. */
function compareWebhooks(seen: readonly Timed[], recorded: readonly string[]): void {
  const total = /\((\d+) total\)/.exec(recorded.at(-1) ?? "")?.[1];
  const expected = timed(recorded);
  if (total !== undefined) {
    assert.deepEqual([...new Set(seen.map(({ what }) => what))], [expected[0]?.what]);
    const ratio = seen.length / Number(total);
    assert.ok(ratio > 0.75 && ratio < 1.25, `${seen.length} webhooks, not ${total}`);
    return;
  }
  assert.deepEqual(seen.map(({ what }) => what), expected.map(({ what }) => what));
  for (const [i, { atS }] of seen.entries()) {
    assert.ok(Math.abs(atS - (expected[i]?.atS ?? NaN)) < 6, `${seen[i]?.what} at ${atS} s`);
  }
}
