import assert from "node:assert/strict";
import { createOperatorInbox } from "../../../dev/tasks/ghosts/operator-inbox.ts";
import { minutes, withoutProbes } from "../../support/ladder.ts";
import { sendToTheEnd, worldTest } from "../../support/world.ts";

const inbox = createOperatorInbox();

worldTest(
  "an owner's channel is told that a zombie needs somebody, and that it is back; both once",
  async (world) => {
    const { company, gateway: { control } } = world;
    await withoutProbes(world);
    const ask = (action: string, more: Readonly<Record<string, unknown>>) =>
      world.call("evolution-api", { action, ...more });
    const channel = {
      organizationId: company.organizationId,
      kind: "webhook",
      name: "Plantão",
      url: inbox.hook.url,
      secret: inbox.hook.secret,
      language: "en",
      quiet: false,
    };
    const saved = await ask("save_alert_channel", channel);
    assert.equal(saved.status, 200, JSON.stringify(saved.body));
    assert.ok(!JSON.stringify(saved.body).includes(inbox.hook.secret));
    const { id } = saved.body["channel"] as { id: string };

    for (
      const [change, field] of [
        [{ kind: undefined }, "kind"],
        [{ name: "" }, "name"],
        [{ organizationId: null }, "organizationId"],
        [{ kind: "slack" }, "url"],
        [{ quiet: { from: "22:00", until: "7h" } }, "quiet"],
        [{ events: ["up"] }, "events"],
      ] as const
    ) {
      const refused = await ask("save_alert_channel", { ...channel, ...change });
      assert.equal(refused.status, 400, field);
      assert.ok(String(refused.body["field"]).startsWith(field), JSON.stringify(refused.body));
    }
    const lacking = await ask("save_alert_channel", { ...channel, secret: "short" });
    assert.equal(lacking.body["errorCode"], "CHANNEL_INCOMPLETE");
    const unknown = await ask("test_alert_channel", { channelId: crypto.randomUUID() });
    assert.equal(unknown.body["errorCode"], "CHANNEL_NOT_FOUND");

    control.ghost(company.instanceName, "A2");
    await sendToTheEnd(world);
    await minutes(world, 6);
    control.restartProcess();
    await minutes(world, 7);
    const texts = inbox.calls.map(({ body }) => JSON.parse(body).data.text.split("\n")[0]);
    assert.equal(texts.length, 2, JSON.stringify(texts));
    assert.match(texts[0], /^🔴 Atendimento has been without WhatsApp since .* UTC\.$/);
    assert.match(texts[1], /^🟢 Atendimento is back, after \d+ min/);
    assert.ok(!JSON.stringify(inbox.calls).includes(company.phone));

    const listed = await ask("list_alert_channels", { organizationId: company.organizationId });
    const [view] = listed.body["channels"] as [Record<string, unknown>];
    assert.deepEqual([view["lastOutcome"], view["host"]], ["sent", "operator.test"]);
    assert.equal((await ask("delete_alert_channel", { channelId: id })).body["deleted"], true);
  },
  { aroundGateway: inbox.aroundGateway },
);
