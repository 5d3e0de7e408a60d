import assert from "node:assert/strict";
import { CRON_SECRET, type VirtualWorld } from "../../dev/world/virtual-world.ts";
import { connectionUpdate, postWebhook, webhookBody } from "../support/webhooks.ts";
import { beginSend, instanceRow, messageRow, worldTest } from "../support/world.ts";

/** Knows send, logout, connect and fetchInstances, and answers 404 to everything else. */
class MissionGateway {
  readonly calls: string[] = [];
  registry = "open";
  socket: "open" | "dead" | "opening" = "dead";

  readonly fetch: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    const url = new URL(request.url);
    const [, group, route, name = url.searchParams.get("instanceName")] = url.pathname.split("/");
    await request.body?.cancel();
    const answer = this.#answer(`${request.method} ${group}/${route}`, name);
    return Response.json(answer ?? { message: "not found" }, {
      status: answer === null ? 404 : "error" in answer ? 400 : 200,
    });
  };

  #answer(route: string, name: string | null): Record<string, unknown> | unknown[] | null {
    this.calls.push(route);
    switch (route) {
      case "POST message/sendText":
        return this.socket === "open"
          ? { key: { id: `3EB0${this.calls.length}` }, status: "PENDING" }
          : { error: "Bad Request", response: { message: ["Error: Connection Closed"] } };
      case "DELETE instance/logout":
        this.registry = "close";
        return { status: "SUCCESS", response: { message: "Instance logged out" } };
      case "GET instance/fetchInstances":
        return [{ name, connectionStatus: this.registry, ownerJid: null }];
      case "GET instance/connect":
        this.socket = "opening";
        return { instance: { instanceName: name, state: "connecting" } };
      default:
        return null;
    }
  }

  count(route: string): number {
    return this.calls.filter((call) => call.endsWith(route)).length;
  }
}

/** The whole cure, after `sends` messages of the same moment that find the session dead. */
async function cure(world: VirtualWorld, gateway: MissionGateway, sends: number): Promise<void> {
  const { clock } = world;
  const row = async () => (await instanceRow(world))["status"];
  const scheduler = { token: null, headers: { "x-cron-secret": CRON_SECRET } };

  // 1. The user sends. 2. Evolution answers Connection Closed, although its registry says open.
  assert.equal(await row(), "connected");
  const answers = await clock.until(Promise.all(
    Array.from({ length: sends }, (_, nth) => beginSend(world, { message: `oi ${nth}` })),
  ));
  assert.deepEqual(answers.map(({ status }) => status), Array(sends).fill(200));
  await world.settle();
  assert.equal(gateway.count("message/sendText"), sends);

  // 3. The session is logged out, once, with DELETE.
  assert.deepEqual(gateway.calls.filter((call) => call.includes("logout")), [
    "DELETE instance/logout",
  ]);
  // 4. The row is disconnected. 5. The messages have failed for the user.
  assert.equal(await row(), "disconnected");
  assert.notEqual((await instanceRow(world))["last_disconnected_at"], null);
  for (const { body } of answers) {
    const { status, error_code: code } = await messageRow(world, body["messageId"]);
    assert.deepEqual([status, code], ["failed", "connection_closed"]);
  }

  // 6. A minute later the scheduler looks. 7. The registry says close. 8. It connects, once.
  await clock.advance(60_000);
  const before = gateway.calls.length;
  const tick = await world.call("auto-reconnect-instances", {}, scheduler);
  assert.partialDeepStrictEqual(tick.body, { leased: 1, no_qr_yet: 1 });
  assert.deepEqual(gateway.calls.slice(before), [
    "GET instance/fetchInstances",
    "GET instance/connect",
  ]);
  assert.equal(await row(), "connecting");

  // 9. The socket opens. 10. The webhook says so. 11. The row is connected.
  [gateway.socket, gateway.registry] = ["open", "open"];
  assert.equal((await postWebhook(world, connectionUpdate(world, "open"))).status, 200);
  assert.equal(await row(), "connected");

  // 12. Messages come in again.
  const upsert = webhookBody(world, "messages.upsert", {
    key: { remoteJid: world.company.customerJid, fromMe: false, id: "3A00000000000000AAAA" },
    message: { conversation: "voltou?" },
    messageType: "conversation",
    messageTimestamp: Math.floor(clock.now().getTime() / 1000),
  });
  assert.equal((await postWebhook(world, upsert)).status, 200);
  const [received] = await world.sql`select content from public.messages where not is_from_me`;
  assert.equal(received?.["content"], "voltou?");

  // 13. The next send works.
  const { messageId } = (await beginSend(world, { message: "depois" })).body;
  await world.settle();
  assert.equal((await messageRow(world, messageId))["status"], "sent");
  assert.deepEqual([gateway.count("logout"), gateway.count("connect")], [1, 1]);
}

for (const sends of [1, 20]) {
  const gateway = new MissionGateway();
  worldTest(
    `the mission in its thirteen steps: ${sends} sends at once, one logout, one connect`,
    (world) => cure(world, gateway, sends),
    { aroundGateway: () => gateway.fetch },
  );
}
