/**
 * How soon `send_message_async` answers, against the least that storing a row over HTTP takes.
 *
 * @module
 */

import type { Findings } from "../figures.ts";
import { alternate, percentile, time } from "../measure.ts";
import type { Stage } from "../stage.ts";

const WARM_UP = 60;
const ONE_AT_A_TIME = 250;
const CROWD = 20;
const CROWD_ROUNDS = 15;

/** One round trip stores the message; the answer is out before anything else is asked. */
const TARGET_RATIO = 2;

/** Measures with calls one after another and {@linkcode CROWD} at once. */
export async function measureAcknowledgement(stage: Stage): Promise<Findings> {
  // Answered at once, so that the background half is over before the next measurement.
  await stage.setGateway(0);
  const floor = (count: number) => atOnce(count, () => insertRow(stage));
  const sends = async (count: number) => {
    const ended = stage.traffic.untilAnswered("finish_message", count);
    const times = await atOnce(count, () => send(stage));
    await ended;
    return times;
  };
  await alternate(WARM_UP, () => floor(1), () => sends(1));
  const single = await alternate(ONE_AT_A_TIME, () => floor(1), () => sends(1));
  const crowd = await alternate(CROWD_ROUNDS, () => floor(CROWD), () => sends(CROWD));
  const roundTrips = await countRoundTrips(stage);

  const what = "rpc that inserts one row";
  const figures = [
    ...([["", single, ""], ["_20", crowd, `, ${CROWD} at once`]] as const).flatMap(
      ([suffix, pair, label]) =>
        ([["p50", 0.5], ["p95", 0.95], ["p99", 0.99]] as const).map(([name, share]) => ({
          key: `ack${suffix}_${name}_ms`,
          label: `send_message_async answers${label}, ${name}`,
          value: percentile(pair.measured, share),
          unit: "ms" as const,
          floor: {
            key: `ack${suffix}_floor_${name}_ms`,
            value: percentile(pair.floor, share),
            what,
          },
        })),
    ),
    {
      key: "ack_ratio_p50",
      label: "send_message_async ÷ floor, p50",
      value: percentile(single.measured, 0.5) / percentile(single.floor, 0.5),
      unit: "×" as const,
      atMost: TARGET_RATIO,
    },
    {
      key: "ack_db_round_trips",
      label: "database round trips before the answer",
      value: roundTrips.length,
      unit: "" as const,
      atMost: 1,
    },
  ];
  return { figures };
}

/**
 * The database requests between a send and its answer, counted where they arrive.
 *
 * @returns The names of the SQL functions called. The stage's gateway answers slowly afterwards.
 */
export async function countRoundTrips(stage: Stage): Promise<readonly string[]> {
  // What the background writes down comes after the gateway's answer: long after ours.
  await stage.setGateway(1_000);
  stage.traffic.take();
  const ended = stage.traffic.untilAnswered("finish_message", 1);
  await send(stage);
  const before = stage.traffic.take();
  await ended;
  return before;
}

/** Sends a text as Ana; settles with the acknowledgement. */
export function send(stage: Stage): Promise<unknown> {
  return stage.call("/functions/v1/evolution-api", {
    action: "send_message_async",
    conversationId: stage.stack.company.conversationId,
    clientMessageId: crypto.randomUUID(),
    message: "Bom dia! O seu pedido saiu para entrega.",
  });
}

/** Stores a row with the same content, as Ana. */
export function insertRow(stage: Stage): Promise<unknown> {
  return stage.call("/rest/v1/rpc/bench_insert", {
    p_id: crypto.randomUUID(),
    p_content: "Bom dia! O seu pedido saiu para entrega.",
  });
}

function atOnce(count: number, run: () => Promise<unknown>): Promise<number[]> {
  return Promise.all(Array.from({ length: count }, () => time(run)));
}
