/**
 * How soon a signed webhook is acknowledged, against a request that asks the database for nothing.
 *
 * @module
 */

import { webhookToken } from "../../evolution/webhooks/setting.ts";
import type { Figure, Findings } from "./figures.ts";
import { alternate, percentileFigures, ratioOf, time } from "./measure.ts";
import type { Stage } from "./stage.ts";

const WARM_UP = 30;
const ROUNDS = 150;

/**
 * One round trip and a signature; the floor is one that does nothing. The gateway gives up after 30 s,
 * so this keeps a queue of webhooks short, no more.
 */
const TARGET_RATIO = 4;

/** Measures `messages.upsert` and `connection.update`. */
export async function measureWebhooks({ call, stack, traffic }: Stage): Promise<Findings> {
  const { company } = stack;
  const post = (event: string, data: unknown) =>
    call(`/functions/v1/evolution-webhook/${company.instanceId}`, {
      event,
      instance: company.instanceName,
      data,
      destination: stack.url,
      date_time: new Date().toISOString(),
      sender: `${company.phone}@s.whatsapp.net`,
      server_url: "http://evolution.test",
      apikey: "not-read",
    }, {
      authorization: `Bearer ${webhookToken(company.webhookSecret, new Date())}`,
      "content-type": "application/json",
    });
  const webhooks = {
    upsert: () =>
      post("messages.upsert", {
        key: { remoteJid: company.customerJid, fromMe: false, id: crypto.randomUUID() },
        pushName: "Cliente",
        message: { conversation: "Bom dia, o meu pedido já saiu?" },
        messageType: "conversation",
        messageTimestamp: Math.floor(Date.now() / 1000),
        status: "DELIVERY_ACK",
      }),
    connection: () =>
      post("connection.update", {
        instance: company.instanceName,
        wuid: `${company.phone}@s.whatsapp.net`,
        state: "open",
        statusReason: 200,
      }),
  };

  const figures: Figure[] = [];
  for (const [event, webhook] of Object.entries(webhooks)) {
    const floor = async () => [await time(() => call("/rest/v1/rpc/bench_one", {}))];
    const measured = async () => [await time(webhook)];
    await alternate(WARM_UP, floor, measured);
    const pair = await alternate(ROUNDS, floor, measured);
    const name = `webhook_${event}`;
    figures.push(
      ...percentileFigures(pair, [50, 95], {
        name,
        label: `webhook (${event}) acknowledged`,
        what: "rpc that answers 1",
      }),
      {
        key: `${name}_ratio_p50`,
        label: `webhook (${event}) ÷ floor, p50`,
        value: ratioOf(pair),
        unit: "×",
        atMost: TARGET_RATIO,
      },
    );
  }
  const slowest = Math.max(...figures.map(({ key, value }) => key.endsWith("p95_ms") ? value : 0));
  traffic.take();
  await webhooks.upsert();
  const trips = traffic.take();
  figures.push({
    key: "webhook_db_round_trips",
    label: `database round trips of a webhook, its number's keys known: ${trips.join(", ")}`,
    value: trips.length,
    unit: "",
    atMost: 1,
  }, {
    key: "webhook_p95_ms",
    label: "webhook acknowledged, the slower of both, p95",
    value: slowest,
    unit: "ms",
  });
  return { figures };
}
