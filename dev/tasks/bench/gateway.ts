/**
 * Starts the gateway of the benchmarks.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import type { CleanUp } from "../../process/clean-up.ts";

/** Where the gateway is that answers after so many milliseconds. */
export type GatewayAfter = (ms: number) => string;

/**
 * Starts it.
 *
 * @param cleanUp Gets what ends it.
 * @throws {Error} When it does not come up.
 */
export async function startGateway(cleanUp: CleanUp): Promise<GatewayAfter> {
  const program = new URL("gateway-process.ts", import.meta.url);
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-check", "--allow-net", fileURLToPath(program)],
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
