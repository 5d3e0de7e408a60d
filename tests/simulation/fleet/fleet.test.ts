import assert from "node:assert/strict";
import { fleetPlanOf } from "../../../dev/tasks/simulate/fleet/plan.ts";
import type { Happening } from "../../../dev/tasks/simulate/fleet/happening.ts";
import { fleetTest, type SmallFleet } from "./fleet-test.ts";

const MINUTE = 60_000;

/** Numbers that nobody writes to much, for so many hours. */
function calm(numbers: number, hours: number, happenings: readonly Happening[]): SmallFleet {
  return { numbers, hours, habit: "receives only", happenings };
}

/** Every kind of death, a few minutes apart, and then what else goes wrong. */
function everything(): SmallFleet {
  const { happenings } = fleetPlanOf({ seed: 1, numbers: 24, days: 2 });
  const deaths = happenings.filter((it) => it.kind === "death").slice(0, 12)
    .map((death, index) => ({
      ...death,
      number: index,
      at: (2 + 3 * index) * MINUTE,
      forMs: Math.min(death.forMs, 6 * MINUTE),
    }));
  const troubles: Happening[] = [
    { at: 42 * MINUTE, kind: "gateway", gateway: 0, mood: "hangs", forMs: 4 * MINUTE },
    { at: 43 * MINUTE, kind: "gateway", gateway: 1, mood: "answers anything", forMs: 4 * MINUTE },
    { at: 48 * MINUTE, kind: "gateway", gateway: 0, mood: "down", forMs: 3 * MINUTE },
    { at: 49 * MINUTE, kind: "process restart", gateway: 1, forgets: [] },
    { at: 50 * MINUTE, kind: "webhooks away", gateway: null, forMs: 3 * MINUTE },
    { at: 51 * MINUTE, kind: "rate limit", number: 20, forMs: 5 * MINUTE },
    { at: 52 * MINUTE, kind: "blip", number: 21 },
  ];
  return calm(24, 1, [...deaths, ...troubles]);
}

const AT = 3 * MINUTE;
const DEATH: Happening = { at: AT, kind: "death", number: 3, ghost: "A2", options: {}, forMs: 0 };

const EVERYBODY: Happening = {
  at: AT,
  kind: "whatsapp away",
  change: { hanging: "login" },
  forMs: 20 * MINUTE,
};

fleetTest(
  "every kind of death is found, and nobody is repaired in vain",
  everything(),
  ({ deaths, inbound, violations, probesPerNumberAndDay }) => {
    assert.deepEqual(violations, []);
    // Also what was given up while webhooks reached nobody, and what waited for a scan.
    assert.deepEqual({ ...inbound, here: 0 }, { here: 0, waits: 0, "at the gateway": 0 });
    assert.ok(inbound.here > 0);
    assert.ok(deaths.length >= 12, `${deaths.length} deaths`);
    for (const { foundAfterMs, over, ghost } of deaths) {
      assert.ok(over || foundAfterMs !== null, `${ghost} was not found`);
      assert.ok((foundAfterMs ?? 0) <= 420_000, `${ghost}: ${foundAfterMs} ms`);
    }
    assert.ok(probesPerNumberAndDay > 150 && probesPerNumberAndDay < 600);
  },
);

fleetTest(
  "with the watch switched off the death of a silent number is missed, and its story told",
  calm(10, 1.1, [DEATH]),
  ({ missed, violations }) => {
    assert.equal(missed, 1);
    assert.match(violations[0]!, /^0d 01:03:\d\d number-4 .*missed: dead \(A2\) for an hour/);
    assert.match(violations[0]!, /\n {4}0d 00:03:00 dies: A2/);
  },
  ["update ghost_repair.settings set watch_interval = null"],
);

fleetTest(
  "an outage of WhatsApp for everybody makes no storm",
  calm(10, 0.5, [EVERYBODY]),
  ({ violations, deaths }) => {
    assert.deepEqual(violations, []);
    assert.equal(deaths.filter(({ isOutage }) => isOutage).length, 10);
  },
);

fleetTest(
  "where nobody sees that it is everybody, a storm is seen",
  calm(10, 0.5, [EVERYBODY]),
  ({ violations }) => {
    assert.ok(violations.length > 0);
    assert.match(violations[0]!, /storm: a logout under keep-pairing while WhatsApp is away/);
  },
  [
    "ghost_repair.is_outage(p_repair_id uuid)",
    "ghost_repair.is_gateway_dead(p_instance_id uuid)",
    "public.connecting_seen(p_instance_id uuid, p_seconds float8)",
  ].map((never) =>
    `create or replace function ${never} returns boolean language sql stable as 'select false'`
  ),
);

fleetTest(
  "a repair of a number that is alive is seen",
  calm(10, 0.2, []),
  ({ falseRepairs, violations }) => {
    assert.ok(falseRepairs > 0);
    assert.match(violations[0]!, /false repair: suspected of a number that was alive/);
  },
  [
    `create function public.planted() returns trigger language plpgsql as
      'begin perform public.suspect_session(new.id, ''planted''); return null; end'`,
    `create trigger planted after update of last_alive_at on public.whatsapp_instances
      for each row execute function public.planted()`,
  ],
);
