import assert from "node:assert/strict";
import {
  type Answered,
  type GatewayUnderTest,
  KNOWN_NUMBER,
  openInstance,
  underTest,
} from "./gateway-under-test.ts";

async function delivers({ call, gateway }: GatewayUnderTest): Promise<boolean> {
  const before = gateway.control.delivered("x").length;
  const sent = await call("POST", "/message/sendText/x", { number: KNOWN_NUMBER, text: "?" });
  return sent.status === 201 && gateway.control.delivered("x").length === before + 1;
}

for (
  const [kind, back] of [["B1", 1_000], ["B2", 1_000], ["B3", 65_000], ["B4", 31_000]] as const
) {
  Deno.test(`${kind} heals by itself within ${back} ms of WhatsApp's return`, async () => {
    await underTest(async (world) => {
      await openInstance(world, "x");
      world.gateway.control.ghost("x", kind);
      await world.clock.advance(100_000);
      assert.equal(world.gateway.control.inspect("x").registry, "open");
      assert.equal(await delivers(world), false);
      world.gateway.control.whatsapp({ reachable: true });
      await world.clock.advance(back);
      assert.ok(await delivers(world));
    });
  });
}

Deno.test("a restart ends the wait of B3 and B4 as soon as WhatsApp answers again", async () => {
  for (const kind of ["B3", "B4"] as const) {
    await underTest(async (world) => {
      await openInstance(world, "x");
      world.gateway.control.ghost("x", kind);
      await world.clock.advance(5_000);
      world.gateway.control.whatsapp({ reachable: true });
      const { body } = await world.call("POST", "/instance/restart/x");
      assert.equal((body as { count: number }).count, 1);
      await world.clock.advance(500);
      assert.ok(await delivers(world));
    });
  }
});

Deno.test("an outage takes every open number, and none that was a ghost before", async () => {
  await underTest(async (world) => {
    const { control } = world.gateway;
    for (const name of ["x", "y", "zombie"]) await openInstance(world, name);
    control.ghost("zombie", "A2");
    control.whatsapp({ rejecting: 503 });
    await world.clock.advance(2_000);
    const kinds = () => ["x", "y", "zombie"].map((name) => control.inspect(name).ghost);
    assert.deepEqual(kinds(), ["B2", "B2", "A2"]);
    control.whatsapp({ reachable: true });
    await world.clock.advance(1_000);
    assert.deepEqual(kinds(), [null, null, "A2"]);
  });
});

Deno.test("logout in B1 and B2 is a lottery, and only an open websocket loses the pairing", async () => {
  await underTest(async (world) => {
    const seen = { B1: new Map<string, number>(), B2: new Map<string, number>() };
    await openInstance(world, "x");
    for (const kind of ["B1", "B2"] as const) {
      for (let ms = 200; ms < 450; ms += 5) {
        if (world.gateway.control.inspect("x").paired) world.gateway.control.ghost("x", kind);
        await world.clock.advance(ms);
        const { status } = await world.call("DELETE", "/instance/logout/x");
        const { paired, registry } = world.gateway.control.inspect("x");
        const outcome = `${status}/${registry}/${paired ? "paired" : "unpaired"}`;
        seen[kind].set(outcome, (seen[kind].get(outcome) ?? 0) + 1);
        if (paired) continue;
        world.gateway.control.whatsapp({ reachable: true });
        await world.call("GET", "/instance/connect/x");
        world.gateway.control.scan("x");
        await world.clock.advance(1_000);
      }
    }
    assert.deepEqual([...seen.B1.keys()].sort(), ["400/open/paired", "500/open/paired"]);
    assert.ok((seen.B1.get("500/open/paired") ?? 0) <= 6);
    assert.deepEqual([...seen.B2.keys()].sort(), [
      "200/close/unpaired",
      "400/open/paired",
      "500/open/paired",
    ]);
  });
});

Deno.test("a connect inside a live loop makes two sockets that throw each other out for ever", async () => {
  await underTest(async (world) => {
    const { gateway: { control }, call, clock } = world;
    await openInstance(world, "x");
    control.ghost("x", "B1");
    await clock.advance(250);
    const { body } = await call("GET", "/instance/connect/x");
    assert.equal((body as { count: number }).count, 1);
    control.whatsapp({ reachable: true });
    await clock.advance(30_000);
    assert.equal(control.inspect("x").ghost, "flapping-440");
    const closes = () => world.news().filter((what) => what === "connection.update:close/440");
    assert.ok(closes().length > 20);
    await call("POST", "/instance/restart/x");
    while (control.inspect("x").memory !== "open") await clock.advance(50);
    assert.equal((await call("DELETE", "/instance/logout/x")).status, 200);
    await clock.advance(30_000);
    assert.ok(closes().length > 20);
    control.restartProcess();
    await clock.advance(500);
    assert.equal(world.state("x"), "open/open/paired");
    world.news();
    await clock.advance(60_000);
    assert.deepEqual(closes(), []);
  });
});

Deno.test("a blip closes the memory alone and heals within a second", async () => {
  await underTest(async (world) => {
    await openInstance(world, "x");
    world.gateway.control.blip("x");
    assert.equal(world.state("x"), "close/open/paired");
    assert.equal(await delivers(world), false);
    await world.clock.advance(1_000);
    assert.ok(await delivers(world));
  });
});

Deno.test("of logouts at the same moment one succeeds, and the session is closed", async () => {
  await underTest(async (world) => {
    await openInstance(world, "x");
    const logouts = Array.from({ length: 5 }, () => world.start("DELETE", "/instance/logout/x"));
    const connect = world.start("GET", "/instance/connect/x");
    const answers: Answered[] = await world.clock.until(Promise.all(logouts));
    await world.clock.until(connect);
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 500, 500, 500, 500]);
    assert.equal((await world.call("DELETE", "/instance/logout/x")).status, 400);
    assert.equal(world.state("x"), "close/close/unpaired");
  });
});

Deno.test("what is written meanwhile waits at WhatsApp while the pairing is kept, else it is lost", async () => {
  await underTest(async (world) => {
    const { gateway: { control }, clock } = world;
    await openInstance(world, "x");
    const write = () => control.inbound("x", { from: "5511977776666", text: "oi" }).fate;
    assert.equal(write(), "delivered");
    control.ghost("x", "B1");
    assert.equal(write(), "held");
    await clock.advance(10_000);
    assert.equal(world.news().filter((what) => what.startsWith("messages.upsert")).length, 1);
    control.whatsapp({ reachable: true });
    await clock.advance(1_000);
    assert.equal(world.news().filter((what) => what.startsWith("messages.upsert")).length, 1);
    control.ghost("x", "E");
    assert.equal(write(), "lost");
  });
});
