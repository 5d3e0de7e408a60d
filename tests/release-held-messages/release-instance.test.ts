import assert from "node:assert/strict";
import { VirtualClock } from "../../dev/world/virtual-clock.ts";
import { releaseInstance } from "../../supabase/functions/release-held-messages/release-instance.ts";

interface Scene {
  /** How many messages wait. */
  readonly waiting: number;
  readonly probe?: "alive" | "connection_closed" | "timeout";
  /** How long each send takes, in ms. */
  readonly sendMs?: number;
  /** The message that fails. */
  readonly fails?: number;
}

/** Releases messages that are named by number, in virtual time. */
async function release({ waiting, probe = "alive", sendMs = 0, fails }: Scene) {
  const clock = new VirtualClock(new Date(0));
  const sends: { message: number; second: number }[] = [];
  let next = 0;
  const end = await clock.until(releaseInstance<number>({
    clock,
    probe: () => Promise.resolve({ outcome: probe }),
    claim: () => Promise.resolve(next < waiting ? next++ : null),
    send: async (message) => {
      sends.push({ message, second: clock.monotonicMs() / 1_000 });
      await clock.sleep(sendMs);
      return message !== fails;
    },
  }));
  return { ...end, sends, left: waiting - next };
}

Deno.test("what waits goes out in order, one message a second", async () => {
  assert.deepEqual(await release({ waiting: 3 }), {
    sent: 3,
    ended: "empty",
    sends: [{ message: 0, second: 0 }, { message: 1, second: 1 }, { message: 2, second: 2 }],
    left: 0,
  });
});

Deno.test("a message that fails is the last: the order is kept", async () => {
  const { sends, ...end } = await release({ waiting: 5, fails: 1 });
  assert.deepEqual(end, { sent: 1, ended: "failed", left: 3 });
  assert.deepEqual(sends.map(({ message }) => message), [0, 1]);
});

for (const probe of ["connection_closed", "timeout"] as const) {
  Deno.test(`where the probe ends as ${probe} nothing is claimed`, async () => {
    assert.deepEqual(await release({ waiting: 2, probe }), {
      sent: 0,
      ended: "not_alive",
      sends: [],
      left: 2,
    });
  });
}

Deno.test("a tick sends 30 messages at the most, and begins none after 40 seconds", async () => {
  assert.partialDeepStrictEqual(await release({ waiting: 99 }), { sent: 30, ended: "limit" });
  const slow = await release({ waiting: 99, sendMs: 9_500 });
  assert.deepEqual([slow.sent, slow.ended, slow.left], [4, "limit", 95]);
});
