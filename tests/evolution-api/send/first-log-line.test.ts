import assert from "node:assert/strict";
import type { VirtualWorld } from "../../../dev/world/virtual-world.ts";
import { worldTest } from "../../support/world.ts";

const UNKNOWN = "00000000-0000-4000-8000-000000000000";

/** The first line of a request, without what is on every line. */
async function firstLine(world: VirtualWorld, body: Record<string, unknown>) {
  const before = world.logs.length;
  await world.call("evolution-api", { action: "send_message_async", message: "oi", ...body });
  const { requestId, level, event, function: name, ...line } = JSON.parse(world.logs[before]!);
  assert.equal(typeof requestId, "string");
  assert.deepEqual([level, event, name], ["info", "request", "evolution-api"]);
  return line;
}

worldTest(
  "the first line of a request names the instance, or else the conversation",
  async (world) => {
    const { conversationId, instanceId } = world.company;
    const action = "send_message_async";
    const said = [
      [{ remoteJid: "5511977776666", instanceId }, { action, instanceId }],
      [{ conversationId, instanceId }, { action, instanceId }],
      [{ conversationId }, { action, conversationId }],
      ...["", null, "undefined", 7].map((none) =>
        [{ conversationId, instanceId: none }, { action, conversationId }] as const
      ),
      // Also where the request is refused.
      [{ conversationId: UNKNOWN }, { action, conversationId: UNKNOWN }],
      [{ conversationId, instanceId: "", message: "" }, { action, conversationId }],
      [{}, { action }],
      [{ action: "no such action", conversationId }, { conversationId }],
    ] as const;
    for (const [body, line] of said) {
      assert.deepEqual(await firstLine(world, body), line, JSON.stringify(body));
    }
  },
);

worldTest("every line of a request carries its id, also those of the background", async (world) => {
  const { body } = await world.call("evolution-api", {
    action: "send_message_async",
    conversationId: world.company.conversationId,
    message: "oi",
  });
  await world.settle();
  const lines = world.logs.map((line) => JSON.parse(line));
  assert.deepEqual(lines.map((line) => line.event), ["request", "send_answered"]);
  assert.equal(lines[1].requestId, lines[0].requestId);
  assert.partialDeepStrictEqual(lines[1], {
    instanceId: world.company.instanceId,
    conversationId: world.company.conversationId,
    messageId: body["messageId"],
    outcome: "sent",
    httpStatus: 201,
  });
});
