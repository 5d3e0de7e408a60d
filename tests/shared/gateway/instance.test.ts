import assert from "node:assert/strict";
import {
  type ConnectRecord,
  decideByRegistry,
  finding,
  readConnect,
} from "../../../supabase/functions/_shared/gateway/instance.ts";
import type {
  ConnectOutcome,
  RegistryOutcome,
} from "../../../supabase/functions/_shared/gateway/outcomes.ts";

const measured = { ms: 14, httpStatus: 200 };
const registered = { ownNumber: "5511900000001", ...measured };
const FAULTS = [
  { outcome: "unauthorized", ms: 5, httpStatus: 401 },
  { outcome: "invalid", ms: 5, httpStatus: 500 },
  { outcome: "timeout", ms: 8000 },
  { outcome: "unreachable", ms: 2 },
] as const;

Deno.test("a registry that says close leads to a connect; connecting is for who asks to decide", () => {
  const close: RegistryOutcome = { outcome: "close", ...registered };
  const connecting: RegistryOutcome = { outcome: "connecting", ...registered };
  assert.deepEqual(decideByRegistry(close), { next: "connect" });
  assert.deepEqual(decideByRegistry(connecting), { next: "connecting" });
});

const byRegistry: readonly (readonly [RegistryOutcome, Partial<ConnectRecord>])[] = [
  [{ outcome: "open", ...registered }, { result: "registry_open" }],
  [{ outcome: "not_found", ms: 5, httpStatus: 404 }, { result: "not_found" }],
  ...FAULTS.map((fault) => [fault, { result: "unknown", outcome: fault.outcome }] as const),
];
for (const [registry, found] of byRegistry) {
  Deno.test(`a registry that ends as ${registry.outcome} never leads to a connect`, () => {
    const record = { ...found, ...finding("registry", registry) };
    assert.deepEqual(decideByRegistry(registry), { next: "record", record });
  });
}

const qr = { code: "2@x", base64: "data:image/png;base64,y" };
const byConnect: readonly (readonly [ConnectOutcome, Partial<ConnectRecord>])[] = [
  ...(["open", "no_qr_yet", "refused"] as const).map((outcome) =>
    [{ outcome, ...measured }, { result: outcome }] as const
  ),
  [
    { outcome: "qr", ...qr, pairingCode: null, ...measured },
    { result: "qr", qr: { ...qr, pairing_code: null } },
  ],
  [{ outcome: "not_found", ms: 5, httpStatus: 404 }, { result: "not_found" }],
  ...FAULTS.map((fault) => [fault, { result: "unknown", outcome: fault.outcome }] as const),
];
for (const [connect, found] of byConnect) {
  Deno.test(`a connect that ends as ${connect.outcome} is recorded as ${found.result}`, () => {
    assert.deepEqual(readConnect(connect), { ...found, ...finding("connect", connect) });
  });
}

Deno.test("what was measured is recorded: which call, how long, and the status where there was one", () => {
  assert.deepEqual(finding("memory", { ms: 7 }), { step: "memory", ms: 7 });
  assert.deepEqual(finding("connect", measured), { step: "connect", ...measured });
});
