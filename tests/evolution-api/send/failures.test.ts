import assert from "node:assert/strict";
import type { VirtualWorld } from "../../../dev/world/virtual-world.ts";
import type { SendFailure } from "../../../supabase/functions/_shared/gateway/outcomes.ts";
import { FAILURES } from "../../../supabase/functions/_shared/messages/sentences.ts";
import {
  addMembers,
  eventKinds,
  instanceRow,
  type Member,
  sendToTheEnd,
  worldTest,
} from "../../support/world.ts";

interface Case {
  readonly code: SendFailure;
  /** Makes the next send fail. */
  readonly break: (world: VirtualWorld, as: Member) => unknown;
  readonly body?: Readonly<Record<string, unknown>>;
}

/** Every way to fail that says nothing about the session. */
const CASES: readonly Case[] = [
  {
    code: "number_not_on_whatsapp",
    break: () => {},
    body: { conversationId: undefined, remoteJid: "5511900000000" },
  },
  {
    code: "invalid_request",
    break: ({ gateway }, { company }) =>
      gateway.control.fault("sendText", {
        status: 400,
        body: {
          status: 400,
          error: "Bad Request",
          response: { message: [['instance requires property "text"']] },
        },
      }, { instance: company.instanceName }),
  },
  {
    code: "instance_not_found",
    break: ({ sql }, { company }) =>
      sql`update public.whatsapp_instances set instance_name = ${company.instanceName + "-old"}
        where id = ${company.instanceId}`,
  },
  {
    code: "gateway_unauthorized",
    break: ({ sql }, { company }) =>
      sql`update private.instance_credentials set api_key = 'another'
        where instance_id = ${company.instanceId}`,
  },
  {
    code: "gateway_unreachable",
    break: ({ gateway }) => gateway.control.gatewayDown(true),
  },
  {
    code: "gateway_timeout",
    break: ({ gateway: { control } }, { company }) => {
      control.fault("sendText", "cut", { instance: company.instanceName });
      // Nor does a report tell that it left.
      control.webhooks({ drop: ["send.message"] });
    },
  },
  {
    code: "gateway_error",
    break: ({ gateway }, { company }) => gateway.control.ghost(company.instanceName, "C3"),
  },
];

worldTest(
  "every failure has its code and its sentence, and leaves text and number alone",
  async (world) => {
    for (const { code, break: breakIt, body } of CASES) {
      for (const [header, language] of [["en-US,en;q=0.9", "en"], ["", "pt"]] as const) {
        const [as] = await addMembers(world, 1);
        const target = { instanceId: as!.company.instanceId, message: `${code} em ${language}` };
        const before = await instanceRow(world, as!.company.instanceId);
        await breakIt(world, as!);
        const headers = { "accept-language": header };
        const row = await sendToTheEnd(world, { ...target, ...body }, { as: as!, headers });
        world.gateway.control.gatewayDown(false);

        assert.deepEqual([row["status"], row["error_code"]], ["failed", code]);
        assert.equal(row["error_message"], FAILURES[code][language]);
        assert.equal(row["content"], target.message);
        assert.notEqual(row["failed_at"], null);
        const after = await instanceRow(world, as!.company.instanceId);
        assert.equal(after["status"], "connected", code);
        assert.deepEqual(
          [
            after["connection_epoch"],
            after["last_disconnected_at"],
            after["reconnect_attempts_count"],
          ],
          [before["connection_epoch"], null, 0],
        );
        // A gateway that lost the instance, or stumbled over it, is looked into; nothing else is.
        const strange = code === "instance_not_found" || code === "gateway_error";
        const suspected = strange ? ["suspected"] : [];
        assert.deepEqual(await eventKinds(world, as!.company.instanceId), suspected, code);
      }
    }
  },
);

worldTest("after a part that failed the rest of its request is not sent", async (world) => {
  const { control } = world.gateway;
  control.fault("sendMedia", { status: 500, body: { response: { message: ["boom"] } } });
  const row = await sendToTheEnd(world, {
    message: "um\n[IMAGE]https://cdn.example/a.jpg\nlegenda\ntrês",
  });
  assert.equal(row["status"], "sent");
  const parts = await world.sql`
    select message_type, content, caption, status, error_code from public.messages order by part`;
  assert.deepEqual([...parts], [
    { message_type: "text", content: "um", caption: null, status: "sent", error_code: null },
    {
      message_type: "image",
      content: null,
      caption: "legenda",
      status: "failed",
      error_code: "gateway_error",
    },
    {
      message_type: "text",
      content: "três",
      caption: null,
      status: "failed",
      error_code: "gateway_error",
    },
  ]);
  assert.deepEqual(control.delivered(world.company.instanceName).map((each) => each.content), [
    "um",
  ]);
});
