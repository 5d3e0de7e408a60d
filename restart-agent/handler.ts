/**
 * The agent over HTTP: a signed `POST /restart`, and `GET /health`. One call at a time: two at once
 * restart once.
 *
 * @module
 */

import { readCall } from "./call.ts";
import { decide } from "./decide.ts";
import type { History } from "./history.ts";
import type { Restarted } from "./restart.ts";
import type { Settings } from "./settings.ts";

/** A request is a few hundred bytes. */
const LARGEST_BODY = 64 * 1_024;

/** What the handler needs from outside. */
interface AgentEffects {
  readonly history: History;
  readonly restart: () => Promise<Restarted>;
  /** Epoch ms. */
  readonly now: () => number;
  /** One line of the log. */
  readonly log: (line: Readonly<Record<string, unknown>>) => void;
}

/**
 * Makes the handler. It answers `{result}`: `restarted`, or why not (`too_soon`, `outside_window`,
 * `not_curable`, `other_gateway`, `replayed`, `failed`).
 */
export function createHandler(
  settings: Settings,
  { history, restart, now, log }: AgentEffects,
): (request: Request) => Promise<Response> {
  let turn: Promise<unknown> = Promise.resolve();

  /** One after another, whatever becomes of the one before. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = turn.then(work);
    turn = mine.catch(() => {});
    return mine;
  };

  const act = async (headers: Headers, text: string): Promise<Response> => {
    const call = readCall(headers, text, settings.secrets);
    if (call.kind === "unsigned") {
      log({ level: "warn", event: "refused", result: "unsigned" });
      return answer(401, { result: "unsigned" });
    }
    if (call.kind === "unreadable") {
      log({ level: "warn", event: "refused", result: "unreadable", field: call.field });
      return answer(400, { result: "unreadable", field: call.field });
    }
    const { id, request } = call;
    const told = { event: "asked", id, reason: request.reason, share: request.share };
    if (!await history.takeCall(id, now())) {
      log({ level: "warn", ...told, result: "replayed" });
      return answer(409, { result: "replayed" });
    }
    const decision = decide(request, settings, history.restarts(), now());
    if (decision.result !== "restart") {
      log({ level: "info", ...told, ...decision });
      return answer(200, decision);
    }
    const began = now();
    await history.addRestart(began);
    const ended = await restart();
    const ms = now() - began;
    if (ended === "restarted") {
      log({ level: "info", ...told, result: "restarted", ms });
      return answer(200, { result: "restarted", ms });
    }
    log({ level: "error", ...told, result: "failed", why: ended, ms });
    return answer(200, { result: "failed", why: ended, ms });
  };

  return async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/health" && request.method === "GET") {
      const last = Math.max(...history.restarts(), 0);
      return answer(200, { ok: true, by: settings.means.by, lastRestart: isoOf(last) });
    }
    if (pathname !== "/restart") return answer(404, { result: "unknown_path" });
    if (request.method !== "POST") return answer(405, { result: "method_not_allowed" });
    const text = await readText(request);
    if (text === null) return answer(413, { result: "too_large" });
    try {
      return await inTurn(() => act(request.headers, text));
    } catch (error) {
      // Its memory cannot be written: without it there are no limits, so nothing is restarted.
      const name = error instanceof Error ? error.name : "unknown";
      log({ level: "error", event: "memory_failed", error: name });
      return answer(500, { result: "failed", why: "memory" });
    }
  };
}

function answer(status: number, body: object): Response {
  return Response.json(body, { status });
}

const isoOf = (at: number) => at === 0 ? null : new Date(at).toISOString();

/** The body; null where it is larger than a call ever is. */
async function readText(request: Request): Promise<string | null> {
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > LARGEST_BODY) return null;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
