/**
 * `task dev` in a process of its own, as people start it.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { z } from "zod";

const ready = z.object({
  url: z.string(),
  publishableKey: z.string(),
  secretKey: z.string(),
  /** Missing, like the next one, where the legacy keys are switched off. */
  anonKey: z.string().optional(),
  serviceRoleKey: z.string().optional(),
  cronSecret: z.string(),
  evolutionUrl: z.string(),
  evolutionApiKey: z.string(),
  userToken: z.string(),
  organizationId: z.string(),
  instanceId: z.string(),
  conversationId: z.string(),
  databaseUrl: z.string(),
});

/** What the stack says when it is ready. */
type DevStackAddresses = z.infer<typeof ready>;

/** A running stack. */
export interface DevStack extends DevStackAddresses {
  stop(): Promise<void>;
}

/**
 * Starts the stack on any free port, without a scheduler, its legacy API keys switched off.
 *
 * @param env More of its environment.
 */
export async function startDevStack(
  env: Readonly<Record<string, string>> = {},
): Promise<DevStack> {
  const process = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--quiet",
      fileURLToPath(new URL("../../dev/tasks/dev.ts", import.meta.url)),
    ],
    env: { PORT: "0", TICK_SECONDS: "0", LEGACY_KEYS: "off", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const stop = async () => {
    try {
      process.kill("SIGTERM");
    } catch { /* it has ended by itself */ }
    await process.status;
  };
  let text = "";
  for await (const part of process.stdout.pipeThrough(new TextDecoderStream())) {
    text += part;
    if (text.includes("\n")) break;
  }
  if (!text.includes("\n")) {
    await stop();
    throw new Error("the stack did not start: run `task dev` to see why");
  }
  return { ...ready.parse(JSON.parse(text)), stop };
}
