import assert from "node:assert/strict";
import { paceMs, startPulse } from "../../console/data/pulse.ts";
import { VirtualClock } from "../../dev/world/virtual-clock.ts";

/** A page that looks, under a clock that jumps. */
function page(clock: VirtualClock, { told = false } = {}) {
  const world = { pulse: 1, away: false, asked: 0, rests: [] as number[], faults: 0 };
  const now = () => clock.monotonicMs();
  const pulse = startPulse({
    ask: () => {
      world.asked++;
      return world.away ? Promise.reject(new Error("no_answer")) : Promise.resolve(world.pulse);
    },
    looking: () => ({ local: false, told }),
    onLook: (rest) => rest && world.rests.push(now()),
    onFault: () => world.faults++,
    now,
    later: (ms, run) => {
      let off = false;
      void clock.sleep(ms).then(() => off || run());
      return () => void (off = true);
    },
  });
  return { world, pulse };
}

const seconds = (clock: VirtualClock, amount: number) => clock.until(clock.sleep(amount * 1_000));

Deno.test("where nothing happens a page asks ever more seldom, at last every ten seconds", () => {
  const paces = Array.from(
    { length: 20 },
    (_, quiet) => paceMs(quiet, { local: false, told: false }),
  );
  assert.equal(paces[0], 1_500);
  assert.ok(paces.every((pace, index) => pace >= (paces[index - 1] ?? 0)));
  assert.equal(paces.at(-1), 10_000);
  assert.equal(paceMs(0, { local: false, told: true }), 30_000);
});

Deno.test("an hour of nothing costs fewer than 400 small questions", async () => {
  const clock = new VirtualClock();
  const { world, pulse } = page(clock);
  await seconds(clock, 3_600);
  pulse.stop();
  assert.ok(world.asked > 300 && world.asked < 400, `${world.asked}`);
});

Deno.test("what happened is read again at the next look, and then it is looked often", async () => {
  const clock = new VirtualClock();
  const { world, pulse } = page(clock);
  await seconds(clock, 600);
  const [before, { asked }] = [clock.monotonicMs(), { ...world }];
  world.pulse++;
  world.rests.length = 0;
  await seconds(clock, 17);
  assert.ok(world.rests[0]! - before <= 10_000);
  assert.ok(world.asked - asked >= 5, `${world.asked - asked}`);
  pulse.stop();
});

Deno.test("a page that nobody sees asks nothing, and looks at once when it is seen again", async () => {
  const clock = new VirtualClock();
  const { world, pulse } = page(clock);
  await seconds(clock, 10);
  pulse.see(false);
  const asked = world.asked;
  await seconds(clock, 600);
  assert.equal(world.asked, asked);
  world.rests.length = 0;
  pulse.see(true);
  await seconds(clock, 0.01);
  assert.deepEqual([world.asked, world.rests.length], [asked + 1, 1]);
  pulse.stop();
});

Deno.test("a project that does not answer is asked again, and somebody is told", async () => {
  const clock = new VirtualClock();
  const { world, pulse } = page(clock);
  await seconds(clock, 5);
  world.away = true;
  await seconds(clock, 30);
  assert.ok(world.faults >= 8, `${world.faults}`);
  world.away = false;
  const { faults } = world;
  await seconds(clock, 5);
  assert.equal(world.faults, faults);
  pulse.stop();
});
