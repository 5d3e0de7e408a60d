/**
 * The webhook with a database that only writes down what it is asked.
 *
 * @module
 */

import { createHmac } from "node:crypto";
import * as z from "zod/mini";
import { VirtualClock } from "../../../dev/world/virtual-clock.ts";
import type { Effects } from "../../../supabase/functions/_shared/runtime/effects.ts";
import { createLog } from "../../../supabase/functions/_shared/runtime/log.ts";
import { createHandler } from "../../../supabase/functions/evolution-webhook/handler.ts";

/** The one instance that exists. */
export const INSTANCE = "6153276b-776c-4616-b0f0-1d54d11f8178";
/** What its webhooks are signed with. */
const SECRET = "s3cret-per-instance-key";

/** By which the database knows that key. */
export const KEY_ID = "key-of-now";

/** A question to the database. */
interface Call {
  readonly fn: string;
  readonly args: Readonly<Record<string, unknown>>;
}

/** What the database answers, by function; a function that throws is a fault. */
type Answers = Readonly<Record<string, () => unknown>>;

/** Sets the scene. */
export function webhookScene(answers: Answers = {}) {
  const clock = new VirtualClock(new Date("2026-11-22T22:00:00.000Z"));
  const calls: Call[] = [];
  const lines: string[] = [];
  const known: Answers = {
    apply_webhook: () => ({ result: "applied", refused: [] }),
    ...answers,
  };
  const effects: Effects = {
    fetch: () => Promise.reject(new Error("a webhook calls nobody")),
    clock,
    database: {
      call: async <T>(fn: string, args: Record<string, unknown>, answer: z.core.$ZodType<T>) => {
        calls.push({ fn, args });
        const given = fn === "webhook_keys" && known.webhook_keys === undefined
          ? args.p_instance_id === INSTANCE
            ? [{ webhook_secret: SECRET, webhook_token: "tok", key_id: KEY_ID }]
            : []
          : known[fn]?.();
        return await z.parseAsync(answer, given);
      },
    },
    background: {
      run: () => {
        throw new Error("a webhook is done when it is answered");
      },
      settled: () => Promise.resolve(),
    },
    log: createLog("debug", (line) => lines.push(line)),
    cronSecrets: [],
    metricsTokens: [],
    operatorHook: undefined,
    supabaseUrl: "https://project.supabase.co",
    resolve: () => Promise.resolve([]),
    allowPrivate: true,
  };
  return { handle: createHandler(effects), calls, lines, clock };
}

/** A bearer as Evolution makes it. */
export function bearer(issued: Date, secret = SECRET): string {
  const iat = Math.floor(issued.getTime() / 1000);
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = { iat, exp: iat + 600, app: "evolution", action: "webhook" };
  const signed = `${part({ alg: "HS256", typ: "JWT" })}.${part(claims)}`;
  return `Bearer ${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
}

/** A webhook on its way. */
export function webhook(
  body: unknown,
  headers: Record<string, string>,
  path = `/evolution-webhook/${INSTANCE}`,
): Request {
  return new Request(`https://project.supabase.co${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}
