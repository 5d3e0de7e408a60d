import assert from "node:assert/strict";
import * as z from "zod/mini";
import type { Effects } from "../../supabase/functions/_shared/runtime/effects.ts";
import { VirtualClock } from "../../dev/world/virtual-clock.ts";
import { createConversationQueue } from "../../supabase/functions/_shared/messages/conversation-queue.ts";
import { createLog } from "../../supabase/functions/_shared/runtime/log.ts";
import { connectOnce } from "../../supabase/functions/evolution-api/connect-once.ts";

const NAME = "atendimento";
const CLAIM = {
  token: "0b0e7c1e-0000-4000-8000-000000000002",
  epoch: 4,
  instance: {
    id: "0b0e7c1e-0000-4000-8000-000000000001",
    instance_name: NAME,
    api_url: "https://evolution.example",
    api_key: "key",
  },
};

type State = "open" | "close" | "connecting";

const EMPTY = { count: 0 };
const code = (name: string) => ({ code: name, base64: "data:image/png;base64,AAAA", count: 1 });

/** A gateway: its registry, its memory at each look (the last one stays), its answers to a connect. */
interface Scene {
  readonly registry?: State | "away" | "none";
  readonly memory?: readonly State[];
  readonly connects?: readonly unknown[];
  readonly isNew?: boolean;
  readonly shown?: string;
  /** How long each connect takes. */
  readonly connectMs?: number;
}

/** Connects; says what was called and what was written down. */
async function connect(
  { registry = "close", memory = ["open"], connects = [code("2@new")], ...rest }: Scene,
) {
  const clock = new VirtualClock(new Date("2026-11-22T22:00:00.000Z"));
  const { isNew = false, shown = null, connectMs = 0 } = rest;
  const looks = [...memory];
  const answers = [...connects];
  const called: string[] = [];
  let recorded: Record<string, unknown> = {};
  const effects = {
    fetch: async (input) => {
      const path = new URL(String(input)).pathname.split("/")[2] ?? "";
      called.push(path);
      if (registry === "away") throw new TypeError("Connection refused");
      if (path === "fetchInstances") {
        return Response.json(
          registry === "none" ? [] : [{ name: NAME, connectionStatus: registry }],
        );
      }
      if (path === "connectionState") {
        const state = looks.length > 1 ? looks.shift() : looks[0];
        return Response.json({ instance: { instanceName: NAME, state } });
      }
      if (connectMs > 0) await clock.sleep(connectMs);
      return Response.json(answers.shift());
    },
    clock,
    database: {
      call: (_fn, args, shape) => {
        recorded = args;
        return Promise.resolve(z.parse(shape, { status: "disconnected", qr: null }));
      },
    },
  } as Partial<Effects> as Effects;
  const queue = createConversationQueue(clock);
  const call = {
    userId: "",
    effects,
    queue,
    language: "en",
    log: createLog("error", () => {}),
  } as const;
  const { failure } = await clock.until(connectOnce({ ...CLAIM, shown }, call, { isNew }));
  const { result, qr } = recorded["p_outcome"] as { result: string; qr?: { code: string } };
  return { called: called.join(" "), result, code: qr?.code, epoch: recorded["p_epoch"], failure };
}

for (
  const [what, scene, called, result, failure] of [
    ["registry open", { registry: "open" }, "fetchInstances", "registry_open", null],
    ["registry close", {}, "fetchInstances connect", "qr", null],
    [
      "a QR that is showing",
      { registry: "connecting", memory: ["connecting"] },
      "fetchInstances connectionState connect",
      "qr",
      null,
    ],
    [
      "a session that is logging in",
      { registry: "connecting", memory: ["open"] },
      "fetchInstances connectionState",
      "no_qr_yet",
      null,
    ],
    [
      "a session that was scanned a moment ago",
      { registry: "connecting", memory: ["close", "close", "connecting"] },
      "fetchInstances connectionState connectionState connectionState",
      "no_qr_yet",
      null,
    ],
    [
      "a session of 2.4 that was scanned three seconds ago",
      { registry: "connecting", memory: [...Array(11).fill("close"), "connecting"] },
      ["fetchInstances", ...Array(12).fill("connectionState")].join(" "),
      "no_qr_yet",
      null,
    ],
    ["no such instance", { registry: "none" }, "fetchInstances", "not_found", "not_found"],
    ["a gateway that is away", { registry: "away" }, "fetchInstances", "unknown", "unreachable"],
    ["a number that was just made", { registry: "none", isNew: true }, "connect", "qr", null],
  ] as readonly (readonly [string, Scene, string, string, string | null])[]
) {
  Deno.test(`asked for, ${what}: ${called}; written down as ${result}`, async () => {
    const answer = await connect(scene);
    assert.partialDeepStrictEqual(answer, { called, result, failure, epoch: CLAIM.epoch });
  });
}

Deno.test("memory that stays close under a registry that says connecting is the QR limit: connected", async () => {
  const limit = { registry: "connecting", memory: ["close"] } as const;
  const { called, result } = await connect(limit);
  assert.equal(result, "qr");
  assert.deepEqual(called.split(" ").filter((route) => route === "connect"), ["connect"]);
});

for (
  const [what, first] of [
    ["nothing", EMPTY],
    ["a count and no code", { pairingCode: null, count: 1 }],
    ["the code that is old", code("2@old")],
  ] as const
) {
  Deno.test(`a connect that brings ${what} is made once more, and its code is taken`, async () => {
    const scene = { memory: ["connecting"], connects: [first, code("2@new")], shown: "2@old" };
    assert.partialDeepStrictEqual(await connect({ ...scene, memory: ["connecting"] }), {
      called: "fetchInstances connect connectionState connect",
      code: "2@new",
    });
  });
}

Deno.test("an old code is better than none, and two connects are the most", async () => {
  const old = { memory: ["connecting"], shown: "2@old" } as const;
  const { called, code: taken } = await connect({ ...old, connects: [code("2@old"), EMPTY] });
  assert.equal(called.match(/\bconnect\b/g)?.length, 2);
  assert.equal(taken, "2@old");
});

Deno.test("no second connect while somebody scans, nor at a gateway that is slow", async () => {
  const scanning = await connect({ memory: ["open"], connects: [EMPTY, code("2@new")] });
  assert.deepEqual([scanning.called, scanning.result], [
    "fetchInstances connect connectionState",
    "no_qr_yet",
  ]);
  const slow = await connect({ connects: [EMPTY, code("2@new")], connectMs: 19_999, isNew: true });
  assert.equal(slow.called, "connect connectionState");
  const slower = await connect({
    registry: "connecting",
    memory: ["close"],
    connectMs: 19_000,
    connects: [EMPTY, code("2@new")],
  });
  assert.equal(slower.called.match(/\bconnect\b/g)?.length, 1);
});
