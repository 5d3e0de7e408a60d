/**
 * How long the test files take that take longest, so that both lanes end at about the same time.
 *
 * @module
 */

/**
 * Seconds of a file's tests, rounded: the sum of what `task test` says behind each. What is not here
 * takes less than two, on average less than half of one. An old figure makes the tests slower,
 * never wrong.
 */
export const HEAVY_FILES: Readonly<Record<string, number>> = {
  "tests/adopt/adopted.test.ts": 3,
  "tests/adopt/host-rows.test.ts": 2,
  "tests/adopt/ladder.test.ts": 5,
  "tests/advance-ghost-repairs/ladder/crashes.test.ts": 8,
  "tests/advance-ghost-repairs/ladder/ends.test.ts": 4,
  "tests/advance-ghost-repairs/ladder/handover.test.ts": 2,
  "tests/advance-ghost-repairs/ladder/operator.test.ts": 3,
  "tests/advance-ghost-repairs/ladder/outage.test.ts": 6,
  "tests/advance-ghost-repairs/ladder/qr-code.test.ts": 2,
  "tests/advance-ghost-repairs/ladder/suspicion.test.ts": 2,
  "tests/advance-ghost-repairs/ladder/ticks-at-once.test.ts": 2,
  "tests/advance-ghost-repairs/ladder/two-sockets.test.ts": 5,
  "tests/advance-ghost-repairs/ladder/untrusted.test.ts": 9,
  "tests/database/messages/claim-message.test.ts": 3,
  "tests/database/messages/enqueue-messages.test.ts": 2,
  "tests/database/messages/message-order.test.ts": 3,
  "tests/database/migrations-twice.test.ts": 2,
  "tests/database/numbers/lost-attempts.test.ts": 4,
  "tests/database/numbers/watched-numbers.test.ts": 3,
  "tests/database/numbers/webhook-storm.test.ts": 3,
  "tests/database/repair/session-conflict.test.ts": 5,
  "tests/database/scheduler.test.ts": 9,
  "tests/dev/bench/plans.test.ts": 10,
  "tests/evolution-api/actions/create.test.ts": 2,
  "tests/evolution-api/actions/life.test.ts": 2,
  "tests/evolution-api/send/keys.test.ts": 3,
  "tests/evolution-webhook/unit/read-event.test.ts": 2,
  "tests/evolution-webhook/unit/read-body.test.ts": 3,
  "tests/security/canaries.test.ts": 4,
  "tests/security/canary-budget.test.ts": 5,
  "tests/security/faults-one.test.ts": 4,
  "tests/security/faults-two.test.ts": 4,
  "tests/security/locks.test.ts": 3,
  "tests/simulation/fleet/deafness.test.ts": 5,
  "tests/simulation/fleet/fleet.test.ts": 9,
  "tests/simulation/histories.test.ts": 7,
  "tests/simulation/ladder/kinds-keep-pairing.test.ts": 7,
  "tests/simulation/ladder/kinds-logout-first.test.ts": 6,
  "tests/simulation/ladder/story.test.ts": 2,
  "tests/simulation/ladder/versions.test.ts": 6,
  "tests/simulation/promises.test.ts": 7,
  "tests/simulation/row-locks.test.ts": 3,
  "tests/watch-instances/connected.test.ts": 9,
  "tests/watch-instances/deaf.test.ts": 9,
  "tests/watch-instances/watch-instances.test.ts": 3,
};
