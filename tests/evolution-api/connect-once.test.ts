import assert from "node:assert/strict";
import * as z from "zod/mini";
import type { Effects } from "../../supabase/functions/_shared/runtime/effects.ts";
import { systemClock } from "../../supabase/functions/_shared/runtime/clock.ts";
import { createLog } from "../../supabase/functions/_shared/runtime/log.ts";
import { connectOnce } from "../../supabase/functions/evolution-api/connect-once.ts";

const NAME = "atendimento";
const CLAIM = {
  token: "0b0e7c1e-0000-4000-8000-000000000002",
  instance: {
    id: "0b0e7c1e-0000-4000-8000-000000000001",
    instance_name: NAME,
    api_url: "https://evolution.example",
    api_key: "key",
  },
};

type State = "open" | "close" | "connecting";

/** Connects at a gateway of these states; says what was called and what was written down. */
async function connect(registry: State | "away" | "none", memory: State = "open", isNew = false) {
  const called: string[] = [];
  let recorded: unknown;
  const answer = (path: string): unknown => {
    if (path.includes("fetchInstances")) {
      return registry === "none" ? [] : [{ name: NAME, connectionStatus: registry }];
    }
    return path.includes("connectionState")
      ? { instance: { instanceName: NAME, state: memory } }
      : { code: "2@x", base64: "data:image/png;base64,AAAA" };
  };
  const effects = {
    fetch: (input) => {
      const path = new URL(String(input)).pathname;
      called.push(path.split("/")[2] ?? "");
      if (registry === "away") return Promise.reject(new TypeError("Connection refused"));
      return Promise.resolve(Response.json(answer(path)));
    },
    clock: systemClock,
    database: {
      call: (_fn, args, shape) => {
        recorded = (args as { p_outcome: { result: string } }).p_outcome.result;
        return Promise.resolve(z.parse(shape, { status: "disconnected", qr: null }));
      },
    },
  } as Partial<Effects> as Effects;
  const call = { userId: "", effects, language: "en", log: createLog("error") } as const;
  const { failure } = await connectOnce(CLAIM, call, { isNew });
  return { called, recorded, failure };
}

for (
  const [what, states, called, recorded, failure] of [
    ["registry open", ["open"], ["fetchInstances"], "registry_open", null],
    ["registry close", ["close"], ["fetchInstances", "connect"], "qr", null],
    [
      "a QR that is showing",
      ["connecting", "connecting"],
      ["fetchInstances", "connectionState", "connect"],
      "qr",
      null,
    ],
    [
      "a session that is logging in",
      ["connecting", "open"],
      ["fetchInstances", "connectionState"],
      "no_qr_yet",
      null,
    ],
    [
      "a session that fell back to close",
      ["connecting", "close"],
      ["fetchInstances", "connectionState"],
      "no_qr_yet",
      null,
    ],
    ["no such instance", ["none"], ["fetchInstances"], "not_found", "not_found"],
    ["a gateway that is away", ["away"], ["fetchInstances"], "unknown", "unreachable"],
    ["a number that was just made", ["none", "open", true], ["connect"], "qr", null],
  ] as readonly (readonly [string, Parameters<typeof connect>, string[], string, string | null])[]
) {
  Deno.test(`asked for, ${what}: ${called.join(", ")}; written down as ${recorded}`, async () => {
    assert.deepEqual(await connect(...states), { called, recorded, failure });
  });
}
