/**
 * A gateway that does nothing but wait and answer, in a process of its own, so that its work is not
 * counted as ours. The address says how long an answer takes: `http://…:PORT/after-100` is 100 ms.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { z } from "zod";
import { systemClock } from "../../../supabase/functions/_shared/runtime/clock.ts";
import type { CleanUp } from "../../process/clean-up.ts";

/**
 * Starts it.
 *
 * @param cleanUp Gets what ends it.
 * @returns Where the gateway is that answers after so many milliseconds.
 * @throws {Error} When it does not come up.
 */
export async function startGateway(cleanUp: CleanUp): Promise<(ms: number) => string> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-check", "--allow-net", fileURLToPath(import.meta.url)],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  cleanUp.add("gateway", async () => {
    await child.stdin.close();
    await child.status;
  });
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value } = await lines.read();
  if (value === undefined) throw new Error("the gateway did not come up");
  lines.releaseLock();
  return (ms) => `http://127.0.0.1:${value.trim()}/after-${ms}`;
}

/** As long as the picture of a real one. */
const QR = `data:image/png;base64,${"iVBORw0KGgo".repeat(900)}`;
let sent = 0;

/** So many messages the gateway has stored of every instance: one a second, until it began. */
export const STORED_MESSAGES = 10_000;
const began = Math.floor(Date.now() / 1000);

const question = z.object({
  where: z.object({ messageTimestamp: z.object({ gte: z.string(), lte: z.string() }) }),
  page: z.number(),
  offset: z.number(),
});

/** A page of them, newest first. Long enough to be of a real conversation. */
function findMessages(body: string): unknown {
  const { where: { messageTimestamp: { gte, lte } }, page, offset } = question.parse(
    JSON.parse(body),
  );
  const seconds = (bound: string) => Math.floor(Date.parse(bound) / 1000);
  const newest = Math.min(seconds(lte), began);
  const oldest = Math.max(seconds(gte), began - STORED_MESSAGES + 1);
  const total = Math.max(0, newest - oldest + 1);
  const first = newest - (page - 1) * offset;
  const records = Array.from(
    { length: Math.max(0, Math.min(offset, first - oldest + 1)) },
    (_, at) => {
      const messageTimestamp = first - at;
      const customer = 5_511_970_000_000 + messageTimestamp % 200;
      return {
        id: `cm${messageTimestamp}`,
        key: {
          id: `3A${messageTimestamp}BENCH`,
          fromMe: false,
          remoteJid: `${customer}@s.whatsapp.net`,
          participant: "",
          addressingMode: "pn",
        },
        pushName: "Cliente",
        messageType: "conversation",
        message: { conversation: "Bom dia! Meu pedido ainda não chegou. ".repeat(4) },
        messageTimestamp,
        instanceId: "1bfd4bb3-622d-4079-b0c8-e804214d19f3",
        source: "ios",
        contextInfo: null,
        MessageUpdate: [],
      };
    },
  );
  return { messages: { total, pages: Math.ceil(total / offset), currentPage: page, records } };
}

function answer(path: string, instanceName: string, body: string): Response {
  if (path.startsWith("picture/")) {
    return new Response("JPEG", { headers: { "content-type": "image/jpeg" } });
  }
  switch (path) {
    case "chat/fetchBusinessProfile": {
      const { number } = z.object({ number: z.string() }).parse(JSON.parse(body));
      return Response.json({ isBusiness: false, exists: true, jid: `${number}@s.whatsapp.net` });
    }
    case "chat/findMessages":
      return Response.json(findMessages(body));
    case "instance/fetchInstances":
      return Response.json([{ name: instanceName, connectionStatus: "close", ownerJid: null }]);
    case "instance/connect":
      return Response.json({ pairingCode: null, code: "2@bench", base64: QR, count: 1 });
    case "hook/":
      return new Response(null, { status: 204 });
    case "message/sendText":
    case "message/sendMedia":
      return Response.json({
        key: { remoteJid: "5511988887777@s.whatsapp.net", fromMe: true, id: `BENCH${++sent}` },
        status: "PENDING",
      }, { status: 201 });
    default:
      return Response.json({ status: 404, error: "Not Found" }, { status: 404 });
  }
}

/** In its own process: prints its port, and leaves when its standard input ends. */
if (import.meta.main) {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: ({ port }) => console.log(port) },
    async (request) => {
      const url = new URL(request.url);
      const [, after = "", area = "", call = "", name = ""] = url.pathname.split("/");
      const body = await request.text();
      await systemClock.sleep(Number(after.replace("after-", "")));
      return answer(`${area}/${call}`, url.searchParams.get("instanceName") ?? name, body);
    },
  );
  for await (const _ of Deno.stdin.readable);
  await server.shutdown();
}
