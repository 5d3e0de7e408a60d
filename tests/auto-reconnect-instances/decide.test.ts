import assert from "node:assert/strict";
import type {
  ConnectOutcome,
  RegistryOutcome,
} from "../../supabase/functions/_shared/gateway/outcomes.ts";
import {
  decideByConnect,
  decideByRegistry,
  type ReconnectRecord,
} from "../../supabase/functions/auto-reconnect-instances/decide.ts";

const measured = { ms: 14, httpStatus: 200 };
const registered = { ownNumber: "5511900000001", disconnectionReasonCode: null, ...measured };

for (const outcome of ["close", "connecting"] as const) {
  Deno.test(`a registry that says ${outcome} leads to a connect`, () => {
    assert.deepEqual(decideByRegistry({ outcome, ...registered }), { next: "connect" });
  });
}

const byRegistry: readonly (readonly [RegistryOutcome, ReconnectRecord])[] = [
  [
    { outcome: "open", ...registered },
    { result: "registry_open", step: "registry", ...measured },
  ],
  [
    { outcome: "not_found", ms: 5, httpStatus: 404 },
    { result: "not_found", step: "registry", ms: 5, httpStatus: 404 },
  ],
  [
    { outcome: "unauthorized", ms: 5, httpStatus: 401 },
    { result: "unknown", outcome: "unauthorized", step: "registry", ms: 5, httpStatus: 401 },
  ],
  [
    { outcome: "invalid", ms: 5, httpStatus: 500 },
    { result: "unknown", outcome: "invalid", step: "registry", ms: 5, httpStatus: 500 },
  ],
  [
    { outcome: "timeout", ms: 8000 },
    { result: "unknown", outcome: "timeout", step: "registry", ms: 8000 },
  ],
  [
    { outcome: "unreachable", ms: 2 },
    { result: "unknown", outcome: "unreachable", step: "registry", ms: 2 },
  ],
];
for (const [registry, record] of byRegistry) {
  Deno.test(`a registry that ends as ${registry.outcome} never leads to a connect`, () => {
    assert.deepEqual(decideByRegistry(registry), { next: "record", record });
  });
}

const qr = { code: "2@x", base64: "data:image/png;base64,y", pairingCode: null };
const byConnect: readonly (readonly [ConnectOutcome, ReconnectRecord])[] = [
  [{ outcome: "open", ...measured }, { result: "open", step: "connect", ...measured }],
  [{ outcome: "no_qr_yet", ...measured }, { result: "no_qr_yet", step: "connect", ...measured }],
  [{ outcome: "refused", ...measured }, { result: "refused", step: "connect", ...measured }],
  [
    { outcome: "qr", ...qr, ...measured },
    {
      result: "qr",
      qr: { code: qr.code, base64: qr.base64, pairing_code: null },
      step: "connect",
      ...measured,
    },
  ],
  [
    { outcome: "not_found", ms: 5, httpStatus: 404 },
    { result: "not_found", step: "connect", ms: 5, httpStatus: 404 },
  ],
  [
    { outcome: "unauthorized", ms: 5, httpStatus: 403 },
    { result: "unknown", outcome: "unauthorized", step: "connect", ms: 5, httpStatus: 403 },
  ],
  [
    { outcome: "timeout", ms: 20_000 },
    { result: "unknown", outcome: "timeout", step: "connect", ms: 20_000 },
  ],
  [
    { outcome: "unreachable", ms: 2 },
    { result: "unknown", outcome: "unreachable", step: "connect", ms: 2 },
  ],
  [
    { outcome: "invalid", ms: 5, httpStatus: 502 },
    { result: "unknown", outcome: "invalid", step: "connect", ms: 5, httpStatus: 502 },
  ],
];
for (const [connect, record] of byConnect) {
  Deno.test(`a connect that ends as ${connect.outcome} is recorded as ${record.result}`, () => {
    assert.deepEqual(decideByConnect(connect), record);
  });
}
