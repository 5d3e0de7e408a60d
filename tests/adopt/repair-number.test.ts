import assert from "node:assert/strict";
import { openProjectDatabase } from "../../adopt/project-database.ts";
import { repairNumber, type Suspect } from "../../adopt/repair-number.ts";
import { createEvolutionSimulator } from "../../dev/evolution/simulator.ts";
import { VirtualClock } from "../../dev/world/virtual-clock.ts";

const SEND = { apiUrl: "http://evolution.test", apiKey: "key", instanceName: "vendas" };

/** A repair against the simulated gateway and a database that grants everything. */
async function repair(
  suspect: Suspect,
  prepare: (gateway: ReturnType<typeof createEvolutionSimulator>) => void,
  database: (name: string) => unknown = (name) =>
    ({
      ghost_repair_number: { id: "n1", confirm_at_ms: [1_000, 4_000], ladder: false },
      claim_ghost_repair: [{ claimed: true, reason: null, token: "t" }],
      confirm_ghost_repair: "go",
    })[name],
) {
  const clock = new VirtualClock();
  const gateway = createEvolutionSimulator({ clock, apiKey: "key" });
  gateway.control.createPaired({ name: "vendas", phone: "5511900000001" });
  prepare(gateway);
  const calls: string[] = [];
  const lines: string[] = [];
  await clock.until(repairNumber(SEND, suspect, {
    fetch: (input, init) => gateway.fetch(new Request(input, init)),
    clock,
    database: (name) => {
      calls.push(name);
      return Promise.resolve(database(name));
    },
    project: { url: "https://x.example", publicKey: null },
    log: (line) => lines.push(line),
  }));
  const logouts = gateway.calls.filter(({ route }) => route === "logout").length;
  await gateway.close();
  return { calls, lines, logouts };
}

Deno.test("a ghost is logged out once, and what became of it is told without names and keys", async () => {
  const { lines, logouts } = await repair(
    "answered",
    ({ control }) => control.ghost("vendas", "A2"),
  );
  assert.equal(logouts, 1);
  assert.deepEqual(lines, ["ghost repair: not_invalidated (number n1)"]);
});

const GAVE_UP: readonly (readonly [
  string,
  (gateway: ReturnType<typeof createEvolutionSimulator>) => void,
  number,
])[] = [
  ["the socket lives: it was a slow file", () => {}, 0],
  ["the gateway is away", ({ control }) => control.gatewayDown(true), 0],
  [
    "the socket is half-open",
    ({ control }) => control.ghost("vendas", "A1", { selfHeals: false }),
    1,
  ],
];

for (const [name, prepare, expected] of GAVE_UP) {
  Deno.test(`a caller gave up, and ${name}`, async () => {
    const { calls, logouts } = await repair("no_answer", prepare);
    assert.equal(logouts, expected);
    assert.equal(calls.length > 0, expected > 0);
  });
}

Deno.test("a number that the table does not have, and a database that fails, are told", async () => {
  const dead = ({ control }: ReturnType<typeof createEvolutionSimulator>) =>
    control.ghost("vendas", "A2");
  const unknown = await repair("answered", dead, () => null);
  assert.deepEqual(unknown.lines, [
    "ghost repair: the number of a failed send is not in the table",
  ]);
  const failing = await repair("answered", dead, () => {
    throw new TypeError("with secrets in it");
  });
  assert.deepEqual(failing.lines, ["ghost repair: failed (TypeError)"]);
  assert.deepEqual([unknown.logouts, failing.logouts], [0, 0]);
});

Deno.test("with a ladder the gateway is remembered, and its version read, before anything is claimed", async () => {
  const { calls } = await repair(
    "answered",
    ({ control }) => control.ghost("vendas", "A2"),
    (name) =>
      ({
        ghost_repair_number: { id: "n1", confirm_at_ms: [1_000], ladder: true },
        claim_gateway_versions: ["http://evolution.test"],
        claim_ghost_repair: [{ claimed: true, reason: null, token: "t" }],
        confirm_ghost_repair: "go",
      })[name],
  );
  assert.deepEqual(calls.slice(0, 5), [
    ...["ghost_repair_number", "ghost_repair_remember", "claim_gateway_versions"],
    ...["record_gateway_version", "claim_ghost_repair"],
  ]);
});

Deno.test("the database is called with the key of today, or else the legacy one", async () => {
  const seen: (readonly [string, string | null, string | null])[] = [];
  const fetcher: typeof fetch = (input, init) => {
    const headers = new Headers(init?.headers);
    seen.push([String(input), headers.get("apikey"), headers.get("authorization")]);
    return Promise.resolve(new Response("7"));
  };
  const url = "https://x.supabase.co";
  const open = (variables: Readonly<Record<string, string>>) =>
    openProjectDatabase((name) => variables[name], fetcher);
  assert.equal(open({ SUPABASE_URL: url }), null);
  const today = { SUPABASE_URL: url, SUPABASE_SECRET_KEYS: '{"default":"sb_secret_1"}' };
  assert.equal(await open({ ...today, SUPABASE_SERVICE_ROLE_KEY: "old" })!("f", {}), 7);
  await open({ SUPABASE_URL: `${url}/`, SUPABASE_SERVICE_ROLE_KEY: "old" })!("f", {});
  assert.deepEqual(seen, [
    [`${url}/rest/v1/rpc/f`, "sb_secret_1", null],
    [`${url}/rest/v1/rpc/f`, "old", "Bearer old"],
  ]);
});
