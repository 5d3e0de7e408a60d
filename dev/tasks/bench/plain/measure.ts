/**
 * Side by side: this project, and what people would have otherwise. Ratios of one run, in turns.
 *
 * @module
 */

import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { bundle, startTimes } from "../cold-start.ts";
import type { Figure, Findings } from "../figures.ts";
import { alternate, median, type Pair, ratioOf, time } from "../measure.ts";
import { makeDue, removeDue, tick } from "../reconnect.ts";
import { send, untilWrittenDown } from "../sends.ts";
import type { Stage } from "../stage.ts";
import { createPlainApi, type PlainProject } from "./evolution-api.ts";
import { createPlainReconnect } from "./auto-reconnect.ts";

const BLOCKS = 5;
const BLOCK = 20;
const GATEWAY_MS = 20;
const RECONNECT_GATEWAY_MS = 100;
const STARTS = 5;

/** Of the plain one so many are measured, and scaled. */
const SAMPLE = 15;
const DUE = 1_000;

/** Ours may take so many times as long as the plain one to answer, and to start. */
const TARGET = 1;

/** Measures how soon each answers a send, reconnects after an outage, and starts. */
export async function measurePlain(stage: Stage): Promise<Findings> {
  const ratios: Figure[] = [
    await compareAnswers(stage),
    await compareReconnects(stage),
    await compareStarts(),
  ];
  return { figures: ratios };
}

function projectOf({ stack }: Stage, gatewayUrl: string): PlainProject {
  return { url: stack.url, secretKey: stack.auth.secretKey, gatewayUrl, gatewayKey: "bench-key" };
}

async function compareAnswers(stage: Stage): Promise<Figure> {
  await stage.setGateway(GATEWAY_MS);
  const { conversationId } = stage.stack.company;
  const plain = createPlainApi(() => projectOf(stage, stage.gatewayAfter(GATEWAY_MS)));
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, plain);
  try {
    const address = `http://127.0.0.1:${server.addr.port}`;
    const init = {
      method: "POST",
      headers: {
        authorization: `Bearer ${stage.stack.userToken}`,
        "content-type": "application/json",
      },
      body: JSON.stringify({ conversationId, message: "Bom dia! O seu pedido saiu." }),
    };
    const theirs = () =>
      time(async () => {
        const response = await fetch(address, init);
        if (!response.ok) throw new Error(`plain: ${response.status} ${await response.text()}`);
        await response.body?.cancel();
      });
    const ours = () => untilWrittenDown(stage, 1, () => time(() => send(stage)));
    const blocks: Pair[] = [];
    await alternate(BLOCK, async () => [await theirs()], async () => [await ours()]);
    while (blocks.length < BLOCKS) {
      blocks.push(await alternate(BLOCK, async () => [await theirs()], async () => [await ours()]));
    }
    return {
      key: "plain_ack_ratio",
      label: `a send answered, ÷ the plain function, median of ${BLOCKS} blocks`,
      value: median(blocks.map(ratioOf)),
      unit: "×",
      atMost: TARGET,
    };
  } finally {
    await server.shutdown();
  }
}

async function compareReconnects(stage: Stage): Promise<Figure> {
  const project = projectOf(stage, stage.gatewayAfter(RECONNECT_GATEWAY_MS));
  const plain = createPlainReconnect(() => project, SAMPLE);
  const floors: number[] = [];
  const sample = async () => {
    await makeDue(stage, SAMPLE);
    floors.push(await time(plain) / 1_000 * DUE / SAMPLE);
  };
  await sample();
  await makeDue(stage, DUE);
  const { seconds } = await tick(stage);
  await sample();
  await removeDue(stage);
  return {
    key: "plain_reconnect_ratio",
    label: `${DUE} due numbers, ÷ one after another (${SAMPLE} measured, scaled)`,
    value: seconds / median(floors),
    unit: "×",
    atMost: TARGET,
  };
}

async function compareStarts(): Promise<Figure> {
  const folder = await Deno.makeTempDir({ prefix: "bench-plain-" });
  try {
    const plain = join(folder, "plain.js");
    await bundle(fileURLToPath(new URL("start.ts", import.meta.url)), plain);
    const ours = join(folder, "ours.js");
    await bundle(
      fileURLToPath(
        new URL("../../../../supabase/functions/evolution-api/index.ts", import.meta.url),
      ),
      ours,
    );
    const pair = await startTimes(
      folder,
      STARTS,
      pathToFileURL(plain).href,
      pathToFileURL(ours).href,
    );
    return {
      key: "plain_start_ratio",
      label: "evolution-api started, ÷ the plain function, both bundled and minified",
      value: ratioOf(pair),
      unit: "×",
      atMost: TARGET,
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
