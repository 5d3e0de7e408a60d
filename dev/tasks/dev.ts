/**
 * `deno task dev`: keeps the local stack up.
 *
 * Environment: PORT (54321; 0 = any), SPEED (1; 10 makes a minute six seconds), TICK_SECONDS
 * (60 / SPEED; 0 = no scheduler), LEGACY_KEYS (on; off = a project that has switched off its legacy
 * API keys), EVOLUTION_URL, EVOLUTION_API_KEY and EVOLUTION_INSTANCE (a real
 * Evolution server instead of the simulator; its minutes are minutes, so SPEED is 1).
 * Standard output has one JSON line, when everything is ready; log lines go to standard error.
 *
 * @module
 */

import { z } from "zod";
import { readCommandLine } from "../process/command-line.ts";
import { reportMissingBinary } from "../platform/database/binaries.ts";
import { closeOnExit, createCleanUp } from "../process/clean-up.ts";
import { type StackOptions, startStack } from "../platform/start-stack.ts";

const environment = z.object({
  PORT: z.coerce.number().int().min(0).max(65_535).default(54_321),
  TICK_SECONDS: z.coerce.number().min(0).max(86_400).optional(),
  SPEED: z.coerce.number().min(1).max(60).default(1),
  LEGACY_KEYS: z.enum(["on", "off"]).default("on"),
  EVOLUTION_URL: z.url({ protocol: /^https?$/ }).optional(),
  EVOLUTION_API_KEY: z.string().min(1).optional(),
  EVOLUTION_INSTANCE: z.string().min(1).default("atendimento"),
}).refine(
  (value) => value.EVOLUTION_URL === undefined || value.EVOLUTION_API_KEY !== undefined,
  { path: ["EVOLUTION_API_KEY"], message: "needed with EVOLUTION_URL" },
).refine(
  (value) => value.EVOLUTION_URL === undefined || value.SPEED === 1,
  { path: ["SPEED"], message: "a real Evolution server goes by its own clock" },
);

function readOptions(): StackOptions {
  const parsed = environment.safeParse(Deno.env.toObject());
  if (!parsed.success) {
    for (const issue of parsed.error.issues) {
      console.error(`${issue.path.join(".")}: ${issue.message}`);
    }
    Deno.exit(2);
  }
  const {
    PORT,
    SPEED,
    TICK_SECONDS = 60 / SPEED,
    LEGACY_KEYS,
    EVOLUTION_URL,
    EVOLUTION_API_KEY,
    EVOLUTION_INSTANCE,
  } = parsed.data;
  return {
    port: PORT,
    tickSeconds: TICK_SECONDS,
    speed: SPEED,
    legacyKeys: LEGACY_KEYS === "on",
    ...(EVOLUTION_URL === undefined || EVOLUTION_API_KEY === undefined ? {} : {
      evolution: {
        url: EVOLUTION_URL.replace(/\/+$/, ""),
        apiKey: EVOLUTION_API_KEY,
        instanceName: EVOLUTION_INSTANCE,
      },
    }),
  };
}

readCommandLine({
  task: "dev",
  about: "Keeps the local stack up: database, API, functions, Evolution simulator.",
  options: {},
  more: `Environment:
  PORT                where it listens; 0 takes any (54321)
  SPEED               10 makes a minute six seconds (1)
  TICK_SECONDS        from one tick of the scheduler to the next; 0: none (60 / SPEED)
  LEGACY_KEYS         off: the legacy API keys are refused, as where they are switched off (on)
  EVOLUTION_URL, EVOLUTION_API_KEY, EVOLUTION_INSTANCE
                      a real Evolution server instead of the simulator`,
  read: () => null,
});
const options = readOptions();
// The functions log with console.log; standard output belongs to the one line below.
console.log = console.error;
const cleanUp = createCleanUp();
closeOnExit(cleanUp);
try {
  const started = performance.now();
  const stack = await startStack(options, cleanUp);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.error(`The local stack is up (${seconds} s). Ctrl-C ends it.`);
  console.error(`Open ${stack.url} in a browser: break the number, send a message, see it cured.`);
  if (options.speed === 1) console.error("SPEED=10 makes a minute there six seconds.");
  const line = JSON.stringify({
    url: stack.url,
    publishableKey: stack.auth.publishableKey,
    secretKey: stack.auth.secretKey,
    ...(stack.auth.legacyKeys
      ? { anonKey: stack.auth.anonKey, serviceRoleKey: stack.auth.serviceRoleKey }
      : {}),
    cronSecret: stack.cronSecret,
    evolutionUrl: stack.evolutionUrl,
    evolutionApiKey: stack.evolutionApiKey,
    userToken: stack.userToken,
    organizationId: stack.company.organizationId,
    instanceId: stack.company.instanceId,
    conversationId: stack.company.conversationId,
    databaseUrl: stack.databaseUrl,
  });
  await Deno.stdout.write(new TextEncoder().encode(`${line}\n`));
} catch (error) {
  await cleanUp.close().catch(console.error);
  if (error instanceof Deno.errors.AddrInUse) {
    console.error(`Port ${options.port} is in use. Choose another one: PORT=0 takes any.`);
    Deno.exit(2);
  }
  reportMissingBinary(error);
}
