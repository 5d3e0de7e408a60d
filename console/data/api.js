// @ts-check
/**
 * A Supabase project over HTTP: log in, call `evolution-api`, read rows. Tokens live in this module's
 * memory only: not in the URL, not in the browser's storage.
 *
 * @module
 */

/** @import { Language } from "./types.js" */

/** A request that did not work, with a sentence for a person. */
export class ApiFault extends Error {
  /**
   * @param {string} message
   * @param {{ status?: number, code?: string }} [about]
   */
  constructor(message, { status = 0, code = "" } = {}) {
    super(message);
    this.name = "ApiFault";
    /** HTTP status; 0 where there was no answer. */
    this.status = status;
    /** The stable `errorCode`, or "". */
    this.code = code;
  }
}

/** How long an answer may take, in milliseconds. */
const TIME_LIMIT_MS = 20_000;

/** @typedef {ReturnType<typeof createApi>} Api */

/**
 * @param {{ url: string, key: string, language: Language }} project Address, publishable key, and the
 * language that its sentences are asked for in.
 */
export function createApi({ url, key, language }) {
  let token = "";
  let refreshToken = "";

  /**
   * @param {string} path
   * @param {RequestInit} [init]
   * @param {number} [limitMs]
   * @param {string} [bearer] A publishable key is no token: without a login there is none.
   * @returns {Promise<{ status: number, ok: boolean, body: any }>}
   */
  const request = async (path, init = {}, limitMs = TIME_LIMIT_MS, bearer = token) => {
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

  /** @param {string} grant @param {Record<string, string>} body */
  const open = async (grant, body) => {
    const init = { method: "POST", body: JSON.stringify(body) };
    const answer = await request(`/auth/v1/token?grant_type=${grant}`, init, TIME_LIMIT_MS, "");
    if (!answer.ok || typeof answer.body?.access_token !== "string") {
      const message = answer.body?.msg ?? answer.body?.error_description ?? `HTTP ${answer.status}`;
      throw new ApiFault(message, { status: answer.status });
    }
    token = answer.body.access_token;
    refreshToken = answer.body.refresh_token ?? "";
  };

  /** @type {Promise<void> | null} */
  let renewing = null;
  /** An expired token is renewed once, by whoever notices first. */
  const renew = () =>
    renewing ??= open("refresh_token", { refresh_token: refreshToken }).catch((error) => {
      // No answer is no refusal.
      throw error.status === 0 ? error : new ApiFault(error.message, { status: 401 });
    }).finally(() => {
      renewing = null;
    });

  /** @param {string} path @param {RequestInit} [init] @param {number} [limitMs] */
  const authorized = async (path, init, limitMs) => {
    const answer = await request(path, init, limitMs);
    if (answer.status !== 401 || refreshToken === "") return answer;
    await renew();
    return await request(path, init, limitMs);
  };

  return {
    /** @param {string} email @param {string} password */
    login: (email, password) => open("password", { email, password }),

    /**
     * Calls an action of `evolution-api`.
     *
     * @param {string} action
     * @param {Record<string, unknown>} [body]
     * @param {number} [limitMs] How long the answer may take.
     * @returns {Promise<any>}
     */
    action: async (action, body = {}, limitMs = TIME_LIMIT_MS) => {
      const answer = await authorized("/functions/v1/evolution-api", {
        method: "POST",
        body: JSON.stringify({ action, ...body }),
      }, limitMs);
      if (answer.ok) return answer.body;
      throw new ApiFault(answer.body?.error ?? `HTTP ${answer.status}`, {
        status: answer.status,
        code: answer.body?.errorCode ?? "",
      });
    },

    /**
     * Reads rows of a table, as far as the user may see them.
     *
     * @param {string} table
     * @param {Record<string, string>} query PostgREST's parameters.
     * @returns {Promise<any[]>}
     */
    rows: async (table, query) => {
      const answer = await authorized(`/rest/v1/${table}?${new URLSearchParams(query)}`);
      if (answer.ok && Array.isArray(answer.body)) return answer.body;
      throw new ApiFault(answer.body?.message ?? `HTTP ${answer.status}`, {
        status: answer.status,
      });
    },
  };
}

/** @param {string} text */
function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
