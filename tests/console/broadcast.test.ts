import assert from "node:assert/strict";
import { listen, type Socket } from "../../console/data/broadcast.ts";
import { VirtualClock } from "../../dev/world/virtual-clock.ts";

interface Said {
  readonly topic: string;
  readonly event: string;
  readonly payload: Record<string, unknown>;
}

/** Realtime as a page meets it: connections, what was said on each, and a way to answer. */
function realtime(clock: VirtualClock, organizations: readonly string[]) {
  const connections: { address: string; said: Said[]; open: boolean; socket: Socket }[] = [];
  const heard = { changes: 0, told: [] as boolean[] };
  const pass = { key: "sb_publishable_0", token: "token-1" };
  const stop = listen("https://project.test", organizations, {
    connect: (address) => {
      const said: Said[] = [];
      const socket = {
        send: (text: string) => said.push(JSON.parse(text)),
        close: () => {
          connection.open = false;
          socket.onclose?.();
        },
        onopen: null as (() => void) | null,
        onmessage: null as ((event: { data: string }) => void) | null,
        onclose: null as (() => void) | null,
      };
      const connection = { address, said, open: true, socket: socket as unknown as Socket };
      connections.push(connection);
      return connection.socket;
    },
    pass: () => pass,
    onChange: () => heard.changes++,
    onTold: (told) => heard.told.push(told),
    later: (ms, run) => {
      let off = false;
      void clock.sleep(ms).then(() => off || run());
      return () => void (off = true);
    },
  });
  const newest = () => connections.at(-1)!;
  const call = (name: "onopen" | "onmessage" | "onclose", event?: unknown) =>
    (newest().socket[name] as unknown as ((event?: unknown) => void) | null)?.(event);
  return {
    connections,
    heard,
    pass,
    stop,
    newest,
    open: () => call("onopen"),
    answer: (message: unknown) => call("onmessage", { data: JSON.stringify(message) }),
    breakOff: () => call("onclose"),
  };
}

const ok = (topic: string) => ({ topic, event: "phx_reply", payload: { status: "ok" } });
const seconds = (clock: VirtualClock, amount: number) => clock.until(clock.sleep(amount * 1_000));

Deno.test("each organization's private channel is joined with the reader's own token", () => {
  const world = realtime(new VirtualClock(), ["a", "b"]);
  assert.equal(
    world.newest().address,
    "wss://project.test/realtime/v1/websocket?apikey=sb_publishable_0&vsn=1.0.0",
  );
  world.open();
  assert.deepEqual(
    world.newest().said.map(({ topic, event, payload }) => [topic, event, payload.access_token]),
    [
      ["realtime:fleet:a", "phx_join", "token-1"],
      ["realtime:fleet:b", "phx_join", "token-1"],
    ],
  );
  const config = world.newest().said[0]!.payload.config as { private: boolean };
  assert.equal(config.private, true);
  world.answer(ok("realtime:fleet:a"));
  assert.deepEqual(world.heard.told, []);
  world.answer(ok("realtime:fleet:b"));
  assert.deepEqual(world.heard.told, [true]);
  world.stop();
});

Deno.test("a broadcast of one of them is a change, anybody else's is none", () => {
  const world = realtime(new VirtualClock(), ["a"]);
  world.open();
  world.answer(ok("realtime:fleet:a"));
  const { changes } = world.heard;
  world.answer({ topic: "realtime:fleet:a", event: "broadcast", payload: { event: "change" } });
  world.answer({ topic: "realtime:fleet:z", event: "broadcast", payload: { event: "change" } });
  assert.equal(world.heard.changes, changes + 1);
  world.stop();
});

Deno.test("a token that was renewed is shown with the next heartbeat", async () => {
  const clock = new VirtualClock();
  const world = realtime(clock, ["a"]);
  world.open();
  world.pass.token = "token-2";
  await seconds(clock, 26);
  const later = world.newest().said.slice(1);
  assert.deepEqual(later.map(({ event }) => event), ["heartbeat", "access_token"]);
  assert.equal(later[1]!.payload.access_token, "token-2");
  world.stop();
});

Deno.test("a connection that breaks is made again, ever later, and polling goes on meanwhile", async () => {
  const clock = new VirtualClock();
  const world = realtime(clock, ["a"]);
  world.open();
  world.answer(ok("realtime:fleet:a"));
  world.breakOff();
  assert.deepEqual(world.heard.told, [true, false]);
  await seconds(clock, 1.5);
  assert.equal(world.connections.length, 2);
  for (let breaks = 0; breaks < 12; breaks++) {
    world.breakOff();
    await seconds(clock, 61);
  }
  assert.equal(world.connections.length, 14);
  world.stop();
  world.breakOff();
  await seconds(clock, 120);
  assert.equal(world.connections.length, 14);
});

Deno.test("a channel that is refused ends in polling, not in a storm", async () => {
  const clock = new VirtualClock();
  const world = realtime(clock, ["a"]);
  const refuse = () => {
    world.open();
    world.answer({ topic: "realtime:fleet:a", event: "phx_reply", payload: { status: "error" } });
  };
  refuse();
  assert.equal(world.newest().open, false);
  for (let tries = 0; tries < 600; tries += 10) {
    await seconds(clock, 10);
    if (world.newest().open) refuse();
  }
  assert.ok(world.connections.length < 18, `${world.connections.length}`);
  assert.ok(!world.heard.told.includes(true));
  world.stop();
});

Deno.test("without organizations nothing is connected", () => {
  assert.equal(realtime(new VirtualClock(), []).connections.length, 0);
});
