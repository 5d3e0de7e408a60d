/**
 * How soon a signed webhook is acknowledged, against a request that asks the database for nothing.
 *
 * @module
 */

import { webhookToken } from "../../../evolution/webhooks/webhook-signature.ts";
import type { Figure, Findings } from "../figures.ts";
import { alternate, percentile, time } from "../measure.ts";
import type { Stage } from "../stage.ts";

const WARM_UP = 30;
const ROUNDS = 150;

/**
 * Two round trips (the keys, the change) and a signature; the floor is one that does nothing. The
 * gateway gives up after 30 s, so this keeps a queue of webhooks short, no more.
 */
const TARGET_RATIO = 4;

/** Measures `messages.upsert` and `connection.update`. */
export async function measureWebhooks(stage: Stage): Promise<Findings> {
  const { company } = stage.stack;
  const post = (event: string, data: unknown) => {
    const headers = {
      authorization: `Bearer ${webhookToken(company.webhookSecret, new Date())}`,
      "content-type": "application/json",
    };
    const body = {
      event,
      instance: company.instanceName,
      data,
      destination: stage.stack.url,
      date_time: new Date().toISOString(),
      sender: `${company.phone}@s.whatsapp.net`,
      server_url: "http://evolution.test",
      apikey: "not-read",
    };
    return stage.call(`/functions/v1/evolution-webhook/${company.instanceId}`, body, headers);
  };
  const message = () =>
    post("messages.upsert", {
      key: { remoteJid: company.customerJid, fromMe: false, id: crypto.randomUUID() },
      pushName: "Cliente",
      message: { conversation: "Bom dia, o meu pedido já saiu?" },
      messageType: "conversation",
      messageTimestamp: Math.floor(Date.now() / 1000),
      status: "DELIVERY_ACK",
    });
  const connection = () =>
    post("connection.update", {
      instance: company.instanceName,
      wuid: `${company.phone}@s.whatsapp.net`,
      state: "open",
      statusReason: 200,
    });

  const figures: Figure[] = [];
  for (const [event, webhook] of [["upsert", message], ["connection", connection]] as const) {
    const floor = async () => [await time(() => stage.call("/rest/v1/rpc/bench_one", {}))];
    const measured = async () => [await time(webhook)];
    await alternate(WARM_UP, floor, measured);
    figures.push(...describe(event, await alternate(ROUNDS, floor, measured)));
  }
  const slowest = Math.max(...figures.map(({ key, value }) => key.endsWith("p95_ms") ? value : 0));
  figures.push({
    key: "webhook_p95_ms",
    label: "webhook acknowledged, the slower of both, p95",
    value: slowest,
    unit: "ms",
  });
  return { figures };
}

function describe(
  event: string,
  pair: { readonly floor: readonly number[]; readonly measured: readonly number[] },
): Figure[] {
  const key = `webhook_${event}`;
  const shares = [["p50", 0.5], ["p95", 0.95]] as const;
  return [
    ...shares.map(([name, share]): Figure => ({
      key: `${key}_${name}_ms`,
      label: `webhook (${event}) acknowledged, ${name}`,
      value: percentile(pair.measured, share),
      unit: "ms",
      floor: {
        key: `${key}_floor_${name}_ms`,
        value: percentile(pair.floor, share),
        what: "rpc that answers 1",
      },
    })),
    {
      key: `${key}_ratio_p50`,
      label: `webhook (${event}) ÷ floor, p50`,
      value: percentile(pair.measured, 0.5) / percentile(pair.floor, 0.5),
      unit: "×",
      atMost: TARGET_RATIO,
    },
  ];
}
