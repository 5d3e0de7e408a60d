import assert from "node:assert/strict";
import { z } from "zod";
import type { DeafKind } from "../../../dev/evolution/model/deaf-kinds.ts";
import { readJson } from "../../support/recordings.ts";
import {
  type GatewayUnderTest,
  openInstance,
  openTest,
  OWN_NUMBER,
  statusOf,
} from "./gateway-under-test.ts";

const PARTNER = "5511910000154";

/** What the laboratory saw within some seconds: `+0.2s`, or `-` for what never came. */
const seen = z.string().transform((time) => time !== "-");
const battery = z.object({
  selfSEND: seen,
  selfUPD_SERVER: seen,
  otherUPD_DELIV: seen,
  inUPSERT: seen,
});
const steps = z.array(z.looseObject({
  battery: z.unknown().optional(),
  webhooks: z.array(z.unknown()).optional(),
}));

const webhook = z.union([
  z.tuple([z.number(), z.string(), z.string(), z.unknown()])
    .transform(([, instance, event, data]) => ({ instance, event, data })),
  z.object({ instance: z.string(), event: z.string(), data: z.unknown() }),
]);

/** The last battery of a recorded scenario. */
function recordedBattery(name: string): z.infer<typeof battery> {
  const played = steps.parse(readJson(`recordings/${name}.json`));
  return battery.parse(played.findLast((step) => step.battery !== undefined)?.battery);
}

/** Which of the canary's events came, by instance: the pair canary's webhooks of one step. */
function recordedPair(name: string, place: number): ReadonlySet<string> {
  const played = steps.parse(readJson(`recordings/${name}.json`))
    .filter(({ battery, webhooks }) => battery === undefined && webhooks !== undefined)[place]!;
  return new Set(played.webhooks!.map((item) => {
    const { instance, event } = webhook.parse(item);
    return `${instance} ${event}`;
  }));
}

type Event = Readonly<Record<string, unknown>> & {
  readonly key?: { readonly id?: string };
  readonly keyId?: string;
};

function cameOf({ received }: GatewayUnderTest, instance: string, event: string, id: string) {
  return received.some((one) => {
    const data = one.data as Event;
    return one.body["instance"] === instance && one.event === event &&
      (data.key?.id ?? data.keyId) === id;
  });
}

async function send(gateway: GatewayUnderTest, name: string, number: string): Promise<string> {
  const sent = await gateway.call("POST", `/message/sendText/${name}`, { number, text: "canary" });
  assert.equal(sent.status, 201);
  return z.object({ key: z.object({ id: z.string() }) }).parse(sent.body).key.id;
}

/** What the laboratory's battery asks: a message in, one to oneself, one to somebody. */
async function playBattery(gateway: GatewayUnderTest): Promise<z.infer<typeof battery>> {
  const { control, clock } = gateway;
  const { id } = control.inbound("x", { from: "5511955550001", text: "in" });
  const self = await send(gateway, "x", OWN_NUMBER);
  const other = await send(gateway, "x", "5511977770001");
  await clock.advance(4_000);
  return {
    selfSEND: cameOf(gateway, "x", "send.message", self),
    selfUPD_SERVER: cameOf(gateway, "x", "messages.update", self),
    otherUPD_DELIV: cameOf(gateway, "x", "messages.update", other),
    inUPSERT: cameOf(gateway, "x", "messages.upsert", id),
  };
}

const BATTERIES: readonly (readonly [recording: string, kind: DeafKind | null, phoneOff?: true])[] =
  [
    ["DEAF-0-healthy__battery", null],
    ["DEAF-0-healthy-own-phone-off__battery", null, true],
    ["DEAF-2-durable__pair-canary-and-cheap-calls", "F2a"],
    ["DEAF-3-durable__pair-canary-and-cheap-calls", "F3"],
    ["DEAF-5-webhook-mute__probe", "F5"],
    ["DEAF-6-durable__pair-canary-and-cheap-calls", "F6"],
  ];

for (const [recording, kind, phoneOff] of BATTERIES) {
  openTest(
    `${kind ?? "hears"}: what own canary and messages come to, as recorded in ${recording}`,
    async (gateway) => {
      if (kind !== null) gateway.control.deaf("x", kind, { forMs: 0 });
      gateway.control.phoneOff("x", phoneOff ?? false);
      assert.deepEqual(await playBattery(gateway), recordedBattery(recording));
      assert.equal(gateway.state(), "open/open/paired");
      const probe = { number: OWN_NUMBER };
      assert.equal((await gateway.call("POST", "/chat/fetchBusinessProfile/x", probe)).status, 200);
    },
  );
}

/** `HB` is the partner that hears, the other one is the number itself. */
const PAIRS: readonly (readonly [recording: string, name: string, kind: DeafKind])[] = [
  ["DEAF-2-durable__pair-canary-and-cheap-calls", "D2", "F2a"],
  ["DEAF-3-durable__pair-canary-and-cheap-calls", "D3", "F3"],
  ["DEAF-6-durable__pair-canary-and-cheap-calls", "D6", "F6"],
];

for (const [recording, name, kind] of PAIRS) {
  openTest(`${kind}: what a pair canary comes to on both sides, as recorded`, async (gateway) => {
    await openInstance(gateway, "HB", { phone: PARTNER });
    gateway.control.deaf("x", kind, { forMs: 0 });
    const to = await send(gateway, "HB", OWN_NUMBER);
    const from = await send(gateway, "x", PARTNER);
    await gateway.clock.advance(4_000);
    const came = recordedPair(recording, 0);
    for (const [instance, recorded] of [["HB", "HB"], ["x", name]] as const) {
      for (const event of ["send.message", "messages.update", "messages.upsert"]) {
        assert.equal(
          [to, from].some((id) => cameOf(gateway, instance, event, id)),
          came.has(`${recorded} ${event}`),
          `${recorded} ${event}`,
        );
      }
    }
  });
}

openTest(
  "both own phones off: the upsert and the device's own receipt come, as recorded",
  async (gateway) => {
    const { control, clock } = gateway;
    await openInstance(gateway, "HB", { phone: PARTNER });
    control.phoneOff("x", true);
    control.phoneOff("HB", true);
    const canary = async () => {
      const id = await send(gateway, "HB", OWN_NUMBER);
      await clock.advance(4_000);
      return new Set(
        ([["HB", "H0"], ["x", "H1"]] as const).flatMap(([instance, recorded]) =>
          ["send.message", "messages.update", "messages.upsert"]
            .filter((event) => cameOf(gateway, instance, event, id))
            .map((event) => `${recorded} ${event}`)
        ),
      );
    };
    const recorded = (place: number) =>
      new Set([...recordedPair("CANARY-pair__own-phones-off", place)]
        .filter((event) => /send\.message|messages\./.test(event)));
    assert.deepEqual(await canary(), recorded(0));
    control.deaf("x", "F2a", { forMs: 0 });
    assert.deepEqual(await canary(), recorded(1));
    await gateway.call("POST", "/instance/restart/x");
    await clock.advance(2_000);
    assert.deepEqual(await canary(), recorded(2));
  },
);

/** Whether a message that came while the number was deaf is told, after each cure. */
const CURES: readonly (readonly [
  kind: DeafKind,
  restart: "told" | "never" | "at its end",
  process: "told" | "lost",
])[] = [
  ["F2a", "told", "told"],
  ["F3", "at its end", "lost"],
  ["F3b", "never", "lost"],
  ["F6", "told", "told"],
];

for (const [kind, restart, process] of CURES) {
  openTest(`${kind}: a restart and a process restart do what was measured`, async (gateway) => {
    const { control, clock } = gateway;
    const told = (id: string) => cameOf(gateway, "x", "messages.upsert", id);
    control.deaf("x", kind, { forMs: restart === "at its end" ? 100_000 : 0 });
    const { id } = control.inbound("x", { from: "5511955550001", text: "in" });
    assert.equal(await statusOf(gateway, "POST /instance/restart"), 200);
    await clock.advance(2_000);
    assert.equal(told(id), restart === "told");
    // Where the queue is blocked its close event waits in it: the restart has made a ghost.
    assert.equal(control.inspect("x").socket, restart === "told" ? "open" : "closed");
    await clock.advance(120_000);
    assert.equal(told(id), restart !== "never");

    control.restartProcess();
    await clock.advance(2_000);
    control.deaf("x", kind, { forMs: 0 });
    const { id: another } = control.inbound("x", { from: "5511955550001", text: "in" });
    control.restartProcess();
    await clock.advance(2_000);
    assert.equal(told(another), process === "told");
    assert.equal(control.inspect("x").socket, "open");
  });
}

openTest("presence tells a held mutex from a blocked queue", async (gateway) => {
  const { control, clock, call, received } = gateway;
  const presence = async (): Promise<boolean> => {
    const before = received.length;
    const body = { number: PARTNER, presence: "paused", delay: 200 };
    assert.equal((await call("POST", "/chat/sendPresence/x", body)).status, 201);
    await clock.advance(2_000);
    return received.slice(before).some(({ event }) => event === "presence.update");
  };
  assert.ok(await presence());
  control.deaf("x", "F2a");
  assert.ok(await presence());
  control.deaf("x", "F3");
  assert.equal(await presence(), false);
});

openTest("F2a and F3 end by themselves after 305 s, and nothing is lost", async (gateway) => {
  for (const kind of ["F2a", "F3"] as const) {
    gateway.control.deaf("x", kind);
    const { id } = gateway.control.inbound("x", { from: "5511955550001", text: "in" });
    await gateway.clock.advance(304_000);
    assert.ok(!cameOf(gateway, "x", "messages.upsert", id));
    await gateway.clock.advance(2_000);
    assert.ok(cameOf(gateway, "x", "messages.upsert", id));
  }
});

openTest("F7: a minute for each message, and a receipt behind them", async (gateway) => {
  const { control, clock } = gateway;
  control.deaf("x", "F7");
  const first = control.inbound("x", { from: "5511955550001", text: "1" }).id;
  const second = control.inbound("x", { from: "5511955550002", text: "2" }).id;
  const self = await send(gateway, "x", OWN_NUMBER);
  await clock.advance(61_000);
  assert.deepEqual(
    [first, second].map((id) => cameOf(gateway, "x", "messages.upsert", id)),
    [true, false],
  );
  assert.equal(cameOf(gateway, "x", "messages.update", self), false);
  await clock.advance(60_000);
  assert.ok(cameOf(gateway, "x", "messages.upsert", second));
  assert.ok(cameOf(gateway, "x", "messages.update", self));
});

openTest(
  "F9: what another device writes is heard at its second try, a customer is not",
  async (gateway) => {
    await openInstance(gateway, "HB", { phone: PARTNER });
    gateway.control.deaf("x", "F9");
    const { id } = gateway.control.inbound("x", { from: "5511955550001", text: "in" });
    const canary = await send(gateway, "HB", OWN_NUMBER);
    await gateway.clock.advance(1_000);
    assert.equal(cameOf(gateway, "x", "messages.upsert", canary), false);
    await gateway.clock.advance(1_000);
    assert.ok(cameOf(gateway, "x", "messages.upsert", canary));
    assert.equal(cameOf(gateway, "x", "messages.upsert", id), false);
  },
);

openTest(
  "F8 and F1: what waited while the device was away comes never, or late",
  async (gateway) => {
    const { control, clock } = gateway;
    for (const [kind, afterMs] of [["F8", null], ["F1", 30_000]] as const) {
      control.deaf("x", kind);
      control.whatsapp({ refusing: true }, "x");
      const { id } = control.inbound("x", { from: "5511955550001", text: "in" });
      control.whatsapp({ reachable: true }, "x");
      await clock.advance(10_000);
      assert.equal(cameOf(gateway, "x", "messages.upsert", id), false, kind);
      await clock.advance(25_000);
      assert.equal(cameOf(gateway, "x", "messages.upsert", id), afterMs !== null, kind);
      const { id: live } = control.inbound("x", { from: "5511955550001", text: "in" });
      await clock.advance(1_000);
      assert.ok(cameOf(gateway, "x", "messages.upsert", live), kind);
      control.hearAgain("x");
      await clock.advance(1_000);
      assert.ok(cameOf(gateway, "x", "messages.upsert", id), kind);
    }
  },
);

openTest(
  "F10: the registry is not answered, and everything comes when the lock is released",
  async (gateway) => {
    const { control, clock } = gateway;
    control.deaf("x", "F10");
    const { id } = control.inbound("x", { from: "5511955550001", text: "in" });
    const asked = gateway.start("GET", "/instance/fetchInstances?instanceName=x");
    let answered = false;
    asked.then(() => answered = true);
    await clock.advance(60_000);
    assert.equal(answered, false);
    control.hearAgain("x");
    await clock.advance(2_000);
    assert.ok(answered && cameOf(gateway, "x", "messages.upsert", id));
  },
);
