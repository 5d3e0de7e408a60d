import assert from "node:assert/strict";
import { z } from "zod";
import {
  type GatewayUnderTest,
  NEW_NUMBER,
  openInstance,
  underTest,
} from "./gateway-under-test.ts";
import { readJson } from "./recordings.ts";

const CASES = z.record(
  z.string(),
  z.object({ after: z.record(z.string(), z.string()), webhooks: z.array(z.string()) }),
).parse(readJson("recordings/GHOST-D-close-codes.json"));

/** How each recorded close is brought about here. */
function bringAbout({ gateway: { control } }: GatewayUnderTest, close: string): void {
  const code = Number(/^login-failure-(\d+)$/.exec(close)?.[1] ?? 0);
  if (close === "stream-401-device_removed") control.removeDevice("x");
  else if (code === 401 || code === 402 || code === 403 || code === 406) {
    control.removeDevice("x", code);
  } else if (code > 0) control.ghost("x", "B2", { code });
  else control.blip("x");
}

for (const [close, recorded] of Object.entries(CASES)) {
  Deno.test(`a close by ${close} goes as on the real gateway`, async () => {
    await underTest(async (world) => {
      await openInstance(world, "x");
      const begin = world.clock.now().getTime();
      bringAbout(world, close);
      for (const [when, expected] of Object.entries(recorded.after)) {
        const due = begin + Number.parseFloat(when) * 1_000;
        await world.clock.advance(due - world.clock.now().getTime());
        const { memory, registry } = world.gateway.control.inspect("x");
        // Where the loop goes on, the memory flickers: only the registry can be compared.
        const loops = recorded.webhooks.at(-1)?.includes("total") ?? false;
        if (loops) assert.ok(expected.endsWith(`reg=${registry}`), `${registry} after ${when}`);
        else assert.equal(`mem=${memory} reg=${registry}`, expected, `after ${when}`);
      }
      const seen = [...new Set(world.news())];
      const expected = recorded.webhooks.filter((line) =>
        line.startsWith("+") && !/send\.message|messages\.update/.test(line)
      ).map((line) => line.split(" ")[1]);
      assert.deepEqual(seen, [...new Set(expected)]);
    });
  });
}

Deno.test("a removed device answers Connection Closed, refuses logout and connects to a fresh QR", async () => {
  await underTest(async (world) => {
    const { gateway: { control }, call } = world;
    await openInstance(world, "x");
    control.ghost("x", "D");
    assert.equal(world.state("x"), "close/close/unpaired");
    const sent = await call("POST", "/message/sendText/x", { number: NEW_NUMBER, text: "?" });
    assert.equal(sent.status, 500);
    assert.equal((await call("DELETE", "/instance/logout/x")).status, 400);
    const { body } = await call("GET", "/instance/connect/x");
    assert.equal((body as { count: number }).count, 2);
    assert.equal(control.inspect("x").qr.showing, true);
  });
});

Deno.test("a zombie does not hear that the phone removed its device, until a process restart", async () => {
  await underTest(async (world) => {
    const { gateway: { control }, clock } = world;
    await openInstance(world, "x");
    control.ghost("x", "A2");
    control.removeDevice("x");
    await clock.advance(60_000);
    assert.equal(world.state("x"), "open/open/paired");
    control.restartProcess();
    await clock.advance(1_000);
    assert.equal(world.state("x"), "close/close/unpaired");
  });
});
