/**
 * Each function at its largest work, in a process of its own, against what the platform gives it: 2 s
 * of processor and 150 s for an invocation, 256 MB, 100 log lines in 10 seconds.
 *
 * @module
 */

import { systemClock } from "../../../../supabase/functions/_shared/runtime/clock.ts";
import { webhookToken } from "../../../evolution/webhooks/setting.ts";
import type { Figure, Findings } from "../figures.ts";
import { time } from "../measure.ts";
import type { Stage } from "../stage.ts";
import { removeWork, SCHEDULED_WORK } from "./scheduled-work.ts";
import { type Isolate, startIsolate } from "./start-isolate.ts";

const TARGET_CPU_S = 2;
const TARGET_S = 150;
const TARGET_MB = 220;
const TARGET_LINES = 100;

/** What one function's largest work used. */
interface Used {
  readonly name: string;
  readonly what: string;
  /** Of one invocation. */
  readonly cpuSeconds: number;
  /** Until the invocation was answered, or its background has ended. */
  readonly seconds: number;
  readonly peakMb: number;
  readonly lines: number;
}

/** See the module. */
export async function measureLimits(stage: Stage): Promise<Findings> {
  const used: Used[] = [];
  for (const { name, what, prepare } of SCHEDULED_WORK) {
    await prepare(stage);
    used.push(
      await inIsolate(
        name,
        what,
        1,
        (isolate) =>
          isolate.call(`/${name}`, { headers: { "x-cron-secret": stage.stack.cronSecret } }),
      ),
    );
  }
  await removeWork(stage);
  for (const measure of [sendMedia, readHistories, sendManyParts, takeLargeBodies]) {
    used.push(await measure(stage));
  }
  const worst = (of: (each: Used) => number) => Math.max(...used.map(of));
  const target = (
    key: string,
    label: string,
    value: number,
    unit: Figure["unit"],
    atMost: number,
  ): Figure => ({ key, label, value, unit, atMost });
  return {
    figures: [
      ...used.map(({ name, what, peakMb, cpuSeconds, seconds, lines }): Figure => ({
        key: `limits_${name.replaceAll("-", "_")}_${
          what.replace(/[^a-z]+/gi, "_").toLowerCase()
        }_mb`
          .slice(0, 70),
        label: `${name}, ${what}: ${cpuSeconds.toFixed(2)} s of processor, ${
          seconds.toFixed(1)
        } s, ${lines} lines in 10 s`,
        value: peakMb,
        unit: "MB",
      })),
      target(
        "rss_peak_mb",
        "the most memory of any",
        worst(({ peakMb }) => peakMb),
        "MB",
        TARGET_MB,
      ),
      target(
        "invocation_cpu_s",
        "the most processor of an invocation",
        worst(({ cpuSeconds }) => cpuSeconds),
        "s",
        TARGET_CPU_S,
      ),
      target("invocation_s", "the longest", worst(({ seconds }) => seconds), "s", TARGET_S),
      target(
        "log_lines_10_s",
        "the most log lines in ten seconds",
        worst(({ lines }) => lines),
        "",
        TARGET_LINES,
      ),
    ],
  };
}

/** @param invocations That `work` makes: processor is told for one. */
async function inIsolate(
  name: string,
  what: string,
  invocations: number,
  work: (isolate: Isolate) => Promise<unknown>,
): Promise<Used> {
  console.error(`  ${name}: ${what} …`);
  const isolate = await startIsolate(name);
  try {
    const { cpuSeconds: before } = await isolate.usage();
    const seconds = await time(() => work(isolate)) / 1_000;
    const { cpuSeconds, peakMb } = await isolate.usage();
    return {
      name,
      what,
      cpuSeconds: (cpuSeconds - before) / invocations,
      seconds: invocations === 1 ? seconds : 0,
      peakMb,
      lines: isolate.mostLines(),
    };
  } finally {
    await isolate.stop();
  }
}

const json = (authorization: string, body: unknown): RequestInit => ({
  headers: { authorization, "content-type": "application/json" },
  body: JSON.stringify(body),
});

const PICTURE_BYTES = 200_000;
const SENDS = 200;
const SENDS_A_SECOND = 20;

/** Twenty sends a second, with a picture each, to twenty customers. */
async function sendMedia(stage: Stage): Promise<Used> {
  await stage.setGateway(50);
  const picture = "A".repeat(PICTURE_BYTES);
  const what = `${SENDS_A_SECOND} sends a second with a picture of 150 KB`;
  return await inIsolate("evolution-api", what, SENDS, async (isolate) => {
    const began = performance.now();
    await Promise.all(Array.from({ length: SENDS }, async (_, place) => {
      const due = began + place * 1_000 / SENDS_A_SECOND;
      await systemClock.sleep(Math.max(0, due - performance.now()));
      await isolate.call(
        "/evolution-api",
        askAs(stage, {
          remoteJid: `55117${String(place % 20).padStart(8, "0")}@s.whatsapp.net`,
          instanceId: stage.stack.company.instanceId,
          media: { type: "image", base64: picture, mimetype: "image/jpeg" },
        }),
      );
    }));
    await untilSent(stage);
  });
}

/** No message is under way any more. */
async function untilSent({ sql }: Stage): Promise<void> {
  while ((await sql`select from public.messages where status = 'sending' limit 1`).length > 0) {
    await systemClock.sleep(100);
  }
}

function askAs({ stack }: Stage, more: Readonly<Record<string, unknown>>): RequestInit {
  return json(`Bearer ${stack.userToken}`, {
    action: "send_message_async",
    clientMessageId: crypto.randomUUID(),
    ...more,
  });
}

const HISTORIES = 10_000;
const AT_ONCE = 40;

/** A phone's whole life, in ten thousand webhooks. */
async function readHistories({ stack }: Stage): Promise<Used> {
  const { company } = stack;
  const text = "Bom dia! Meu pedido ainda não chegou. ";
  const body = JSON.stringify({
    event: "messages.set",
    instance: company.instanceName,
    data: Array.from({ length: 20 }, (_, place) => ({
      key: { id: `OLD${place}`, remoteJid: company.customerJid, fromMe: false },
      message: { conversation: text },
      messageTimestamp: 1_600_000_000 + place,
    })),
  });
  const headers = {
    authorization: `Bearer ${webhookToken(company.webhookSecret, new Date())}`,
    "content-type": "application/json",
  };
  const what = "a history of 10,000 webhooks";
  return await inIsolate("evolution-webhook", what, HISTORIES, async (isolate) => {
    let left = HISTORIES;
    await Promise.all(Array.from({ length: AT_ONCE }, async () => {
      while (left-- > 0) {
        await isolate.call(`/evolution-webhook/${company.instanceId}`, { headers, body });
      }
    }));
  });
}

const PARTS = 10;

/** Ten pictures at a gateway that takes 25 s for each: what does not fit is left to the scheduler. */
async function sendManyParts(stage: Stage): Promise<Used> {
  await stage.setGateway(25_000);
  const message = Array.from(
    { length: PARTS },
    (_, part) => `[IMAGE] ${stage.gatewayAfter(0)}/picture/${part}.jpg`,
  ).join("\n");
  return await inIsolate("evolution-api", "ten parts of 25 s", 1, async (isolate) => {
    const handedOver = stage.traffic.untilAnswered("hand_over_messages", 1);
    const { conversationId } = stage.stack.company;
    await isolate.call("/evolution-api", askAs(stage, { conversationId, message }));
    await Promise.race([handedOver, untilSent(stage)]);
  });
}

const LARGE_BODIES = 5;

/** Five bodies of 16 MB at once, each answered and sent. */
async function takeLargeBodies(stage: Stage): Promise<Used> {
  await stage.setGateway(50);
  const file = "A".repeat(Math.floor(16 * 1024 * 1024 / 3) * 4);
  const what = "five bodies with 16 MB of media at once";
  return await inIsolate("evolution-api", what, LARGE_BODIES, async (isolate) => {
    await Promise.all(Array.from({ length: LARGE_BODIES }, (_, place) =>
      isolate.call(
        "/evolution-api",
        askAs(stage, {
          remoteJid: `55116${String(place).padStart(8, "0")}@s.whatsapp.net`,
          instanceId: stage.stack.company.instanceId,
          media: { type: "document", base64: file, mimetype: "application/pdf", fileName: "a.pdf" },
        }),
      )));
    await untilSent(stage);
  });
}
