import assert from "node:assert/strict";
import { qrWaitMs } from "../../console/number/use-qr.ts";

const QR = { code: "1", base64: null, pairingCode: null, expiresAt: "2026-03-01T12:00:45Z" };
const answer = { success: true, status: "awaiting_qr", reason: null } as const;

Deno.test("a code that is shown is renewed every two seconds; without one it is waited as told", () => {
  assert.equal(qrWaitMs({ ...answer, qr: QR, retryAfterSeconds: 3 }), 2_000);
  assert.equal(qrWaitMs({ ...answer, qr: null, retryAfterSeconds: 30 }), 30_000);
  assert.equal(qrWaitMs({ ...answer, qr: null, retryAfterSeconds: 0 }), 2_000);
  assert.equal(qrWaitMs(null), 10_000);
});
