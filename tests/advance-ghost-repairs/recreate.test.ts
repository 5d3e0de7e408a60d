import assert from "node:assert/strict";
import { VirtualClock } from "../../dev/world/virtual-clock.ts";
import { capabilitiesOf } from "../../supabase/functions/_shared/gateway/capabilities.ts";
import type { RegistryOutcome } from "../../supabase/functions/_shared/gateway/outcomes.ts";
import type { Found } from "../../supabase/functions/_shared/gateway/versions.ts";
import { recreate } from "../../supabase/functions/advance-ghost-repairs/recreate-instances.ts";

const OURS = "https://project.test/functions/v1/evolution-webhook/1";
const INNER = "http://kong:8000/functions/v1/evolution-webhook/1";

const evolution = (version: string): Found => ({
  kind: "evolution",
  version,
  assumed: false,
  capabilities: capabilitiesOf(version),
});

type Word = RegistryOutcome["outcome"] | "own_key" | "own_settings" | "new";

function registryOf(word: Word): RegistryOutcome {
  const known = { ms: 1, ownNumber: "5511900000001" } as const;
  switch (word) {
    case "own_key":
    case "own_settings":
      return { ...known, outcome: "open", irreplaceable: word };
    case "new":
      return { ...known, outcome: "close", ownNumber: null };
    case "open":
    case "close":
    case "connecting":
      return { ...known, outcome: word };
    default:
      return { outcome: word, ms: 1 };
  }
}

interface Scene {
  readonly found?: Found;
  /** What the registry says, one look after the other; then the last. */
  readonly registry?: readonly Word[];
  readonly probe?: "alive" | "connection_closed";
  readonly webhook?: string;
  readonly granted?: boolean;
  readonly remove?: "removed" | "refused" | "timeout";
  /** What the creates answer, one after the other; then the last. */
  readonly create?: readonly ("created" | "name_taken" | "timeout" | "refused")[];
  readonly lease?: { begun?: boolean; ask?: boolean; webhook_url?: string };
}

/** Makes a number anew; says what it came to, and every changing call. */
async function play(scene: Scene) {
  const clock = new VirtualClock();
  const done: string[] = [];
  const registry = [...scene.registry ?? ["open"]];
  const create = [...scene.create ?? ["created"]];
  const next = <T>(of: T[]) => of.length > 1 ? of.shift()! : of[0]!;
  const answer = <O extends string>(what: string, outcome: O) => {
    done.push(what);
    return Promise.resolve({ outcome, ms: 1 });
  };
  const came = await clock.until(recreate({
    begun: false,
    ask: true,
    phone_number: "5511900000001",
    webhook_url: null,
    ...scene.lease,
  }, {
    clock,
    ourWebhook: OURS,
    find: () => Promise.resolve(scene.found ?? evolution("2.3.6")),
    begin: (url, token) => {
      done.push(`begin ${new URL(url).host} ${token === null ? "signed" : "with a token"}`);
      const keys = { webhook_secret: "the secret", webhook_token: token };
      return Promise.resolve(scene.granted === false ? null : keys);
    },
    gateway: {
      registry: () => Promise.resolve(registryOf(next(registry))),
      probe: () => Promise.resolve({ outcome: scene.probe ?? "connection_closed", ms: 1 }),
      webhook: () =>
        Promise.resolve(
          scene.webhook === undefined ? { outcome: "none", ms: 1 } : {
            outcome: "configured",
            url: scene.webhook,
            enabled: true,
            events: [],
            base64: false,
            ms: 1,
          },
        ),
      remove: () => answer("delete", scene.remove ?? "removed"),
      create: (settings) => {
        const { headers = {} } = settings?.webhook ?? {};
        const outcome = next(create);
        done.push(`create with ${Object.keys(headers)}`);
        return Promise.resolve({ outcome, ms: 1 });
      },
      setWebhook: () => answer("webhook/set", "set"),
    },
  }));
  return { came, done };
}

const WHOLE = ["delete", "create with jwt_key"];

Deno.test("it is deleted and made anew, with its webhook, and its name waited for", async () => {
  const { came, done } = await play({ create: ["name_taken", "created"] });
  assert.deepEqual(came, { next: "recreated" });
  assert.deepEqual(done, ["begin project.test signed", ...WHOLE, "create with jwt_key"]);
  const inner = await play({ webhook: INNER });
  assert.equal(inner.done[0], "begin kong:8000 signed");
  const others = await play({ webhook: "https://n8n.test/hook" });
  assert.equal(others.done[0], "begin project.test signed");
});

Deno.test("a gateway that cannot sign gets a token, and never the secret", async () => {
  const { done } = await play({ found: evolution("2.2.3") });
  assert.deepEqual(done, [
    "begin project.test with a token",
    "delete",
    "create with x-webhook-token",
  ]);
});

/** What is not deleted, and why. */
const REFUSED: readonly (readonly [why: string, scene: Scene, calls?: readonly string[]])[] = [
  ["version", { found: evolution("2.3.7") }],
  ["version", { found: { kind: "unusable", what: "WAHA" } }],
  ["not_found", { registry: ["not_found"] }],
  ["own_key", { registry: ["own_key"] }],
  ["own_settings", { registry: ["own_settings"] }],
  ["delete_refused", { remove: "refused" }, ["begin project.test signed", "delete"]],
];

for (const [why, scene, calls = []] of REFUSED) {
  Deno.test(`nothing is made anew: ${why}, ${Object.keys(scene)}`, async () => {
    const { came, done } = await play(scene);
    assert.deepEqual(came, { next: "refused", why });
    assert.deepEqual(done, calls);
  });
}

Deno.test("who answers is not deleted, unless it is deaf", async () => {
  assert.deepEqual(await play({ probe: "alive" }), { came: { next: "alive" }, done: [] });
  const { came } = await play({ probe: "alive", lease: { ask: false } });
  assert.deepEqual(came, { next: "recreated" });
});

/** What waits, without a delete. */
const WAITS: readonly Scene[] = [
  { found: { kind: "silent" } },
  { found: { kind: "page" } },
  { registry: ["timeout"] },
  { granted: false },
];

for (const scene of WAITS) {
  Deno.test(`nothing is deleted while nobody knows: ${JSON.stringify(scene)}`, async () => {
    const { came, done } = await play(scene);
    assert.equal(came.next, "wait");
    assert.ok(!done.includes("delete"));
  });
}

Deno.test("what was begun goes on: gone is made, whatever the version is by then", async () => {
  const begun = { begun: true, webhook_url: INNER };
  const gone = await play({ lease: begun, registry: ["not_found"], found: evolution("2.3.7") });
  assert.deepEqual(gone, {
    came: { next: "recreated" },
    done: ["begin kong:8000 signed", "create with jwt_key"],
  });
  const there = await play({ lease: begun });
  assert.deepEqual(there.done.slice(1), WHOLE);
  const kept = await play({ lease: begun, remove: "refused" });
  assert.equal(kept.came.next, "wait");
});

Deno.test("an answer that was lost is looked up: who has no number is the new one", async () => {
  const deleted = await play({ remove: "timeout", registry: ["open", "not_found"] });
  assert.deepEqual(deleted.came, { next: "recreated" });
  const made = await play({ create: ["timeout"], registry: ["open", "new"] });
  assert.deepEqual(made.came, { next: "recreated" });
  assert.equal(made.done.at(-1), "webhook/set");
  const unmade = await play({ create: ["timeout"], registry: ["open", "not_found"] });
  assert.equal(unmade.came.next, "wait");
  const taken = await play({ create: ["name_taken"], registry: ["open", "open"] });
  assert.equal(taken.came.next, "wait");
  assert.equal(taken.done.filter((call) => call.startsWith("create")).length, 6);
});
