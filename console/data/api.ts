/**
 * A Supabase project over HTTP: log in, call `evolution-api`, read rows. Tokens live in this module's
 * memory only: not in the URL, not in the browser's storage.
 *
 * @module
 */

import type { Language } from "../types.ts";

/** A request that did not work, with a sentence for a person. */
export class ApiFault extends Error {
  /** HTTP status; 0 where there was no answer. */
  readonly status: number;
  /** The stable `errorCode`, or "". */
  readonly code: string;
  /** The path of the request's field that it is about, or "". */
  readonly field: string;

  constructor(
    message: string,
    { status = 0, code = "", field = "" }: { status?: number; code?: string; field?: string } = {},
  ) {
    super(message);
    this.name = "ApiFault";
    this.status = status;
    this.code = code;
    this.field = field;
  }
}

/** How long an answer may take, in milliseconds. */
const TIME_LIMIT_MS = 20_000;

/** A project that is signed in to. */
export type Api = ReturnType<typeof createApi>;

/** What an HTTP answer said. */
interface Answer {
  status: number;
  ok: boolean;
  body: unknown;
}

/** What answers say of what went wrong, each service in its own words. */
interface Failure {
  error?: unknown;
  errorCode?: unknown;
  field?: unknown;
  message?: unknown;
  msg?: unknown;
  error_description?: unknown;
}

/**
 * @param project Address, publishable key, and the language that its sentences are asked for in.
 */
export function createApi(
  { url, key, language }: { url: string; key: string; language: Language },
) {
  let token = "";
  let refreshToken = "";

  /** @param bearer A publishable key is no token: without a login there is none. */
  const request = async (
    path: string,
    init: RequestInit = {},
    limitMs = TIME_LIMIT_MS,
    bearer = token,
  ): Promise<Answer> => {
    const headers = new Headers({ apikey: key, "accept-language": language });
    if (bearer) headers.set("authorization", `Bearer ${bearer}`);
    if (init.body) headers.set("content-type", "application/json");
    try {
      const signal = AbortSignal.timeout(limitMs);
      const response = await fetch(url + path, { ...init, headers, signal, credentials: "omit" });
      const text = await response.text();
      return { status: response.status, ok: response.ok, body: parse(text) };
    } catch (cause) {
      throw Object.assign(new ApiFault("no_answer"), { cause });
    }
  };

  const open = async (grant: string, asked: Record<string, string>) => {
    const init = { method: "POST", body: JSON.stringify(asked) };
    const answer = await request(`/auth/v1/token?grant_type=${grant}`, init, TIME_LIMIT_MS, "");
    const { access_token: access, refresh_token: refresh } = (answer.body ?? {}) as {
      access_token?: unknown;
      refresh_token?: unknown;
    };
    if (!answer.ok || typeof access !== "string") throw faultOf(answer);
    token = access;
    refreshToken = typeof refresh === "string" ? refresh : "";
  };

  let renewing: Promise<void> | null = null;
  /** An expired token is renewed once, by whoever notices first. */
  const renew = () =>
    renewing ??= open("refresh_token", { refresh_token: refreshToken }).catch((error) => {
      // No answer is no refusal.
      throw error.status === 0 ? error : new ApiFault(error.message, { status: 401 });
    }).finally(() => {
      renewing = null;
    });

  const authorized = async (path: string, init?: RequestInit, limitMs?: number) => {
    const answer = await request(path, init, limitMs);
    if (answer.status !== 401 || refreshToken === "") return answer;
    await renew();
    return await request(path, init, limitMs);
  };

  return {
    /** The project's address. */
    url,

    /** What a live connection shows: the publishable key, and the token of now. */
    pass: () => ({ key, token }),

    /** Signs in. */
    login: (email: string, password: string) => open("password", { email, password }),

    /**
     * Calls an action of `evolution-api`.
     *
     * @param limitMs How long the answer may take.
     * @typeParam T What it answers, by the functions' own contract.
     */
    action: async <T>(
      action: string,
      body: Record<string, unknown> = {},
      limitMs = TIME_LIMIT_MS,
    ): Promise<T> => {
      const answer = await authorized("/functions/v1/evolution-api", {
        method: "POST",
        body: JSON.stringify({ action, ...body }),
      }, limitMs);
      if (answer.ok) return answer.body as T;
      throw faultOf(answer);
    },

    /**
     * Reads rows of a table, as far as the user may see them.
     *
     * @param query PostgREST's parameters.
     * @typeParam T The columns that it asks for.
     */
    rows: async <T>(table: string, query: Record<string, string>): Promise<T[]> => {
      const answer = await authorized(`/rest/v1/${table}?${new URLSearchParams(query)}`);
      if (answer.ok && Array.isArray(answer.body)) return answer.body as T[];
      throw faultOf(answer);
    },

    /**
     * Asks a function of the database that reads, as the user.
     *
     * @typeParam T What it returns.
     */
    ask: async <T>(name: string, query: Record<string, unknown>): Promise<T> => {
      const answer = await authorized(`/rest/v1/rpc/${name}`, {
        method: "POST",
        body: JSON.stringify(query),
      });
      if (answer.ok) return answer.body as T;
      throw faultOf(answer);
    },
  };
}

function faultOf({ status, body }: Answer): ApiFault {
  const { error, errorCode, field, message, msg, error_description } = (body ?? {}) as Failure;
  const said = [error, message, msg, error_description].find((each) => typeof each === "string");
  return new ApiFault(typeof said === "string" ? said : `HTTP ${status}`, {
    status,
    code: typeof errorCode === "string" ? errorCode : "",
    field: typeof field === "string" ? field : "",
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
