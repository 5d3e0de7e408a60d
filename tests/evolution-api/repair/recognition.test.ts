import assert from "node:assert/strict";
import {
  addMembers,
  beginSend,
  calls,
  eventKinds,
  messageRow,
  sendToTheEnd,
  worldTest,
} from "../../support/world.ts";

const KINDS = [
  { route: "sendText", body: { message: "bom dia" } },
  {
    route: "sendMedia",
    body: { message: "", media: { type: "image", url: "https://cdn.example/cat.jpg" } },
  },
  {
    route: "sendWhatsAppAudio",
    body: { message: "", media: { type: "audio", url: "https://cdn.example/voice.ogg" } },
  },
] as const;

const FORMS = [400, 500].flatMap((status) => [
  { status, body: { status, error: "Error", response: { message: "Connection Closed" } } },
  {
    status,
    body: { status, error: "Error", response: { message: ["Error: Connection Closed"] } },
  },
]);

worldTest(
  "every form of Connection Closed starts the repair, for text, image and audio",
  async (world) => {
    const cases = KINDS.flatMap((kind) => FORMS.map((fault) => ({ ...kind, fault })));
    const members = await addMembers(world, cases.length);
    // With as many that are well it is no outage.
    await addMembers(world, cases.length);
    for (const [index, { company }] of members.entries()) {
      const { route, fault } = cases[index]!;
      world.gateway.control.ghost(company.instanceName, "A2");
      world.gateway.control.fault(route, fault, { instance: company.instanceName });
    }
    const answers = await world.clock.until(
      Promise.all(members.map((as, index) => beginSend(world, cases[index]!.body, { as }))),
    );
    await world.settle();

    for (const [index, { company }] of members.entries()) {
      const what = JSON.stringify(cases[index]);
      const message = await messageRow(world, answers[index]!.body["messageId"]);
      assert.equal(message["error_code"], "connection_closed", what);
      assert.equal(calls(world, cases[index]!.route, company.instanceName), 1, what);
      assert.equal(calls(world, "logout", company.instanceName), 1, what);
      assert.deepEqual(await eventKinds(world, company.instanceId), [
        "connection_closed",
        "logout",
        "marked_disconnected",
        "verified",
      ], what);
    }
  },
);

worldTest("the phrase in the user's own words starts nothing", async (world) => {
  const { control } = world.gateway;
  const name = world.company.instanceName;
  const sends = [
    { message: "Connection Closed" },
    { message: "Error: Connection Closed" },
    {
      message: "",
      media: {
        type: "image",
        url: "https://cdn.example/a.jpg",
        caption: "Connection Closed",
        fileName: "Connection Closed",
      },
    },
  ];
  for (const body of sends) {
    assert.equal((await sendToTheEnd(world, body))["status"], "sent");
  }
  assert.deepEqual(control.delivered(name).map((message) => message.content), [
    "Connection Closed",
    "Error: Connection Closed",
    "Connection Closed",
  ]);
  assert.deepEqual(await eventKinds(world), []);
  assert.equal(calls(world, "logout") + calls(world, "fetchBusinessProfile"), 0);
});
