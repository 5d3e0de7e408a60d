/**
 * The frame around every function: request id, CORS, JSON out, errors as answers.
 *
 * @module
 */

import { DatabaseError } from "../runtime/database.ts";
import type { Bytes } from "../runtime/large-text.ts";
import { errorName, type Log } from "../runtime/log.ts";
import { ApiError, errorBody, ERRORS } from "./errors.ts";
import { chooseLanguage, type Language } from "./language.ts";

const CORS = {
  "access-control-allow-origin": "*",
  "access-control-allow-methods": "POST, OPTIONS",
  // What supabase-js sends, some of it where a frontend asks for it: retries, traces, a region.
  "access-control-allow-headers": "authorization, apikey, content-type, x-client-info, " +
    "x-retry-count, traceparent, tracestate, baggage, x-region",
  "access-control-max-age": "86400",
};

/** What a function's own code gets to see of a request. */
export interface RequestContext {
  readonly requestId: string;
  readonly language: Language;
  readonly log: Log;
}

/** Every answer's. */
const HEADERS = { ...CORS, "cache-control": "no-store" };

/** Answers with JSON. */
export function jsonResponse(status: number, body: unknown): Response {
  return Response.json(body, { status, headers: HEADERS });
}

/** Answers with a success whose JSON is written already. */
export function jsonStream(body: ReadableStream<Bytes>): Response {
  return new Response(body, { headers: { ...HEADERS, "content-type": "application/json" } });
}

/**
 * Wraps a function: preflight, POST only unless told, and every error as its answer.
 *
 * @param name The function's name, for the log.
 * @param answer The function's own code; an {@linkcode ApiError} it throws becomes the answer.
 * @param methods What it answers to besides a preflight.
 */
export function serveJson(
  name: string,
  log: Log,
  answer: (request: Request, context: RequestContext) => Promise<Response>,
  methods: readonly string[] = ["POST"],
): (request: Request) => Promise<Response> {
  return async (request) => {
    if (request.method === "OPTIONS") return new Response(null, { status: 204, headers: CORS });
    const requestId = crypto.randomUUID();
    const language = chooseLanguage(request.headers.get("accept-language"));
    const context = { requestId, language, log: log.with({ requestId, function: name }) };
    try {
      if (!methods.includes(request.method)) throw new ApiError("METHOD_NOT_ALLOWED");
      return await answer(request, context);
    } catch (thrown) {
      const error = toApiError(thrown);
      context.log.write(error === thrown ? "info" : "error", "refused", {
        errorCode: error.code,
        error: error === thrown ? undefined : errorName(thrown),
      });
      return jsonResponse(ERRORS[error.code].status, errorBody(error, language, requestId));
    }
  };
}

function toApiError(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown;
  if (thrown instanceof DatabaseError) {
    return new ApiError("DATABASE_UNAVAILABLE", {}, { cause: thrown });
  }
  return new ApiError("INTERNAL", {}, { cause: thrown });
}
