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

function answer(path: string, instanceName: string, body: string): Response {
  switch (path) {
    case "chat/fetchBusinessProfile": {
      const { number } = z.object({ number: z.string() }).parse(JSON.parse(body));
      return Response.json({ isBusiness: false, exists: true, jid: `${number}@s.whatsapp.net` });
    }
    case "instance/fetchInstances":
      return Response.json([{ name: instanceName, connectionStatus: "close", ownerJid: null }]);
    case "instance/connect":
      return Response.json({ pairingCode: null, code: "2@bench", base64: QR, count: 1 });
    case "message/sendText":
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
