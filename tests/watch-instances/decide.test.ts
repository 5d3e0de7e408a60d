import assert from "node:assert/strict";
import {
  countTurns,
  lookAt,
  readOwedLogout,
} from "../../supabase/functions/watch-instances/decide.ts";

const measured = { ms: 5, httpStatus: 200 };

Deno.test("a look tells what the registry said and how long it took, and no number", () => {
  const open = {
    outcome: "open",
    ownNumber: "5511900000001",
    disconnectionReasonCode: null,
  } as const;
  assert.deepEqual(lookAt({ ...open, ...measured }), {
    outcome: "open",
    step: "registry",
    ...measured,
  });
  assert.deepEqual(lookAt({ outcome: "timeout", ms: 8_000 }), {
    outcome: "timeout",
    step: "registry",
    ms: 8_000,
  });
});

Deno.test("of a logout its answer is told, and what the registry says after it", () => {
  assert.deepEqual(
    readOwedLogout({ outcome: "socket_dead", ms: 15, httpStatus: 500 }, {
      outcome: "unreachable",
      ms: 1,
    }),
    { logout: "socket_dead", registry: "unreachable", ms: 15, httpStatus: 500 },
  );
});

Deno.test("each end of a turn has its own count", () => {
  assert.deepEqual(
    countTurns(["connected", "logout", "waits", "waits", "overtaken", "failed"]),
    { connected: 1, loggedOut: 1, waiting: 2, overtaken: 1, failed: 1 },
  );
});
