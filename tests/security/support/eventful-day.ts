/**
 * Everything that can happen to a number, with recognisable words in all of it.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { GhostKind } from "../../../dev/evolution/model/ghost-kinds.ts";
import { webhookToken } from "../../../dev/evolution/webhooks/setting.ts";
import { CRON_SECRET } from "../../../dev/world/virtual-world.ts";
import { webhookBody } from "../../support/webhooks.ts";
import type { Canaries, Haystack } from "./canaries.ts";
import { type BareWorld, CRON_FUNCTIONS } from "./bare-world.ts";

/** Lives it; returns every answer that somebody got. */
export async function eventfulDay(bare: BareWorld, canaries: Canaries): Promise<Haystack[]> {
  const { world } = bare;
  const { clock, company, gateway: { control }, userToken } = world;
  const { instanceName: name, instanceId, conversationId, organizationId } = company;
  const answers: Haystack[] = [];
  let serial = 0;
  const word = (what: string) => canaries.plant("text", `canary-${what}-${++serial}-of-this-day`);

  const act = async (body: Record<string, unknown> | string) => {
    const told = await bare.ask("evolution-api", {
      headers: { authorization: `Bearer ${userToken}` },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
    const action = typeof body === "string" ? "none" : body["action"];
    answers.push({ where: `answer:${action}`, text: told.whole });
    return told;
  };
  const send = async (more: Record<string, unknown> = {}) => {
    const told = await act({
      action: "send_message_async",
      conversationId,
      message: word("text"),
      ...more,
    });
    await bare.settle();
    return told;
  };
  const minutes = async (count: number) => {
    for (let minute = 0; minute < count; minute++) {
      await clock.advance(60_000);
      for (const fn of CRON_FUNCTIONS) {
        const told = await bare.ask(fn, { headers: { "x-cron-secret": CRON_SECRET } });
        answers.push({ where: `answer:${fn}`, text: told.whole });
      }
      await world.sql`select public.sweep()`;
    }
  };
  const hook = async (body: string, bearer: string) => {
    const headers = { authorization: `Bearer ${bearer}` };
    const told = await bare.ask("evolution-webhook", { path: `/${instanceId}`, headers, body });
    answers.push({ where: "answer:webhook", text: told.whole });
  };

  // Sends that arrive, with everything that a message can hold.
  const address = () => `https://cdn.example/a.jpg?signature=${word("address")}`;
  const base64 = canaries.plant("text", btoa("canary in a document, of this day"));
  await send();
  await send({ media: { type: "image", url: address(), caption: word("caption") } });
  await send({ media: { type: "document", base64, fileName: word("file") } });
  await send({ message: `[VIDEO]${address()}\n${word("inline")}` });

  // Sends that fail in all the ways there are, where the gateway repeats what it was told.
  for (const status of [400, 401, 403, 404, 500]) {
    const message = word("echoed");
    control.fault("sendText", { status, body: { status, response: { message: [message] } } });
    await send({ message });
  }
  for (const fault of ["invalid-json", "cut", "hang"] as const) {
    control.fault("sendText", fault);
    await send();
  }
  await send({ conversationId: undefined, instanceId, remoteJid: "5511900000000" });

  // Requests that are refused.
  const bad = [
    { conversationId: word("id") },
    { media: { type: "image", url: `ftp://${word("host")}/` } },
    { media: { type: word("type"), url: address() } },
    { media: { type: "document", base64: word("base64") } },
    { clientMessageId: word("client") },
    { replyToWhatsAppMessageId: word("reply").repeat(20) },
    { remoteJid: word("jid"), conversationId: undefined, instanceId },
    { action: word("action") },
    { [word("key")]: word("value"), conversationId: 1 },
  ];
  for (const more of bad) assert.ok((await send(more)).status >= 400);
  await act(`{"action":"send_message_async","message":"${word("broken")}`);

  // Webhooks: messages in, refusals, and nonsense.
  control.inbound(name, { from: "5511966655544", text: word("in"), pushName: word("name") });
  control.inbound(name, {
    from: "5511966655544",
    media: { kind: "image", url: address(), caption: word("in") },
  });
  await clock.advance(5_000);
  const good = () => webhookToken(company.webhookSecret, clock.now());
  await hook(JSON.stringify(webhookBody(world, "messages.upsert", { key: word("key") })), good());
  await hook(JSON.stringify(webhookBody(world, word("event"), word("data"))), good());
  await hook(`{"event":"${word("cut")}`, good());
  await hook("{}", canaries.plant("secret", webhookToken("a forger's own key", clock.now())));

  // Each ghost, with its ladder; waiting messages for the second half of the day.
  const ghosts: readonly GhostKind[] = ["A1", "H1", "B1", "A2"];
  for (const [index, ghost] of ghosts.entries()) {
    if (index === 2) {
      await world.sql`insert into private.message_settings (organization_id, hold_messages)
        values (${organizationId}, true)`;
    }
    control.ghost(name, ghost, ghost === "A1" ? { selfHeals: false } : {});
    await send();
    await minutes(3);
    await act({ action: "get_qrcode", instanceId });
    if (control.inspect(name).socket === "pairing") control.scan(name);
    if (ghost === "B1") control.whatsapp({ reachable: true }, name);
    // The operator is told, and does what the message says.
    if (ghost === "A2") control.restartProcess();
    await minutes(3);
    await send();
  }

  // Every other action.
  await world.sql`update public.whatsapp_instances set manual_disconnect = false`;
  for (
    const action of [
      "list_instances",
      "get_status",
      "list_events",
      "update_webhook",
      "disconnect_instance",
    ]
  ) {
    await act({ action, instanceId, organizationId });
  }
  await act({ action: "reconnect_instance", instanceId });
  await act({ action: "get_qrcode", instanceId });
  await act({
    action: "create_instance",
    organizationId,
    displayName: "Vendas",
    gateway: { apiUrl: "http://evolution.test", apiKey: canaries.plant("secret", "wrong-key-01") },
  });
  await act({ action: "create_instance", organizationId, displayName: "Vendas" });
  await act({ action: "delete_instance", instanceId, confirmName: word("confirm") });
  await minutes(2);
  return answers;
}
