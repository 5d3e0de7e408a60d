/**
 * The reconnection with a work list in memory and a gateway that answers as it is told.
 *
 * @module
 */

import * as z from "zod/mini";
import { VirtualClock } from "../../dev/world/virtual-clock.ts";
import { createHandler } from "../../supabase/functions/auto-reconnect-instances/handler.ts";
import type { Effects } from "../../supabase/functions/_shared/runtime/effects.ts";
import { createLog } from "../../supabase/functions/_shared/runtime/log.ts";

/** The scheduler's secret. */
export const CRON_SECRET = "cron-secret-of-the-test";
/** The gateway's key: never to be seen anywhere else. */
const API_KEY = "gateway-key-of-the-test";
/** The database's instant of the first lease, with its microseconds. */
export const TICK_STARTED = "2026-11-22T22:00:00.123456+00:00";

/** How the gateway answers about an instance; "hang" never does, "refused" is no connection. */
export type Answer = "hang" | "refused" | { readonly status?: number; readonly body: unknown };

/** A due instance. */
interface Due {
  readonly registry: Answer;
  readonly connect?: Answer;
  /** What `begin_reconnect_attempt` answers; true unless told. */
  readonly begin?: () => boolean;
  /** What `record_connect` answers; true unless told. */
  readonly record?: () => boolean;
}

/** The registry's answer about an instance in a state. */
export function registry(name: string, connectionStatus: string): Answer {
  return { body: [{ name, connectionStatus, ownerJid: "5511900000001@s.whatsapp.net" }] };
}

/** Sets the scene; instances are due in the order given, by name. */
export function reconnectScene(due: Readonly<Record<string, Due>>, lease?: () => never) {
  const clock = new VirtualClock(new Date("2026-11-22T22:00:00.000Z"));
  const steps: string[] = [];
  const records: Record<string, unknown> = {};
  const leaseArguments: Record<string, unknown>[] = [];
  const lines: string[] = [];
  const waiting = Object.keys(due);

  const answers: Readonly<Record<string, (args: Record<string, unknown>) => unknown>> = {
    lease_due_reconnects: (args) => {
      leaseArguments.push(args);
      lease?.();
      return waiting.splice(0, Number(args.p_limit)).map((name) => ({
        instance_id: name,
        token: `token-${name}`,
        connection_epoch: 7,
        instance_name: name,
        api_url: "https://gateway.test",
        api_key: API_KEY,
        tick_started: TICK_STARTED,
      }));
    },
    begin_reconnect_attempt: (args) => {
      steps.push(`begin ${args.p_instance_id} ${args.p_token}`);
      return due[String(args.p_instance_id)]?.begin?.() ?? true;
    },
    record_connect: (args) => {
      steps.push(`record ${args.p_instance_id} ${args.p_token}`);
      records[String(args.p_instance_id)] = args.p_outcome;
      return { recorded: due[String(args.p_instance_id)]?.record?.() ?? true };
    },
  };

  const gateway = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const request = new Request(input, init);
    const url = new URL(request.url);
    const asked = url.searchParams.get("instanceName");
    const name = asked ?? decodeURIComponent(url.pathname.split("/").at(-1) ?? "");
    steps.push(`${request.method} ${asked === null ? "connect" : "registry"} ${name}`);
    const answer = asked === null ? due[name]?.connect : due[name]?.registry;
    if (answer === undefined) throw new Error(`nobody expects ${url.pathname}`);
    if (answer === "hang") return await new Promise<never>(() => {});
    if (answer === "refused") throw new TypeError("connection refused");
    return Response.json(answer.body, { status: answer.status ?? 200 });
  };

  const effects: Effects = {
    fetch: gateway,
    clock,
    database: {
      call: async (fn, args, answer) => await z.parseAsync(answer, answers[fn]?.(args)),
    },
    background: {
      run: () => {
        throw new Error("a tick is done when it is answered");
      },
      settled: () => Promise.resolve(),
    },
    log: createLog("debug", (line) => lines.push(line)),
    cronSecrets: [CRON_SECRET],
    metricsTokens: [],
    operatorHook: undefined,
    supabaseUrl: "https://project.supabase.co",
    resolve: () => Promise.resolve([]),
    allowPrivate: true,
  };
  const handle = createHandler(effects);
  return {
    steps,
    records,
    leaseArguments,
    lines,
    clock,
    /** One tick, as the scheduler calls it. */
    tick: (headers: Record<string, string> = { "x-cron-secret": CRON_SECRET }) =>
      clock.until(handle(
        new Request("https://project.supabase.co/auto-reconnect-instances", {
          method: "POST",
          headers,
          body: "{}",
        }),
      )),
  };
}
