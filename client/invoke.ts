/**
 * Two ways to reach the function `evolution-api`: supabase-js, and plain fetch.
 *
 * @module
 */

/** An HTTP answer, its JSON parsed. */
export interface InvokedAnswer {
  /** Any status, also an error's. */
  readonly status: number;
  /** Null where the body was no JSON. */
  readonly body: unknown;
}

/** Calls the function `evolution-api` with a body. Rejects where there was no answer at all. */
export type Invoke = (body: Readonly<Record<string, unknown>>) => Promise<InvokedAnswer>;

/** The part of `supabase.functions` that is used. */
export interface SupabaseFunctions {
  /** Posts `body` to the function `name`. */
  invoke(
    name: string,
    options: { body: Record<string, unknown>; headers?: Record<string, string> },
  ): Promise<{ data: unknown; error: unknown }>;
}

/**
 * Invokes through supabase-js, as the user who is signed in there.
 *
 * @param language For the sentences of errors; the browser's own unless told.
 */
export function invokeWithSupabase(functions: SupabaseFunctions, language?: string): Invoke {
  return async (body) => {
    const { data, error } = await functions.invoke("evolution-api", {
      body: { ...body },
      ...(language === undefined ? {} : { headers: { "accept-language": language } }),
    });
    if (!error) return { status: 200, body: data };
    // supabase-js keeps the answer of another status than 2xx in the error.
    const { context } = error as { context?: unknown };
    if (context instanceof Response) return await readResponse(context);
    throw error;
  };
}

/** What {@linkcode invokeWithFetch} needs. */
export interface FetchOptions {
  /** The project: `https://<ref>.supabase.co`. */
  readonly url: string;
  /** The publishable key. */
  readonly apiKey: string;
  /** The signed-in user's access token, asked for at every call. */
  readonly token: () => string | Promise<string>;
  /** For the sentences of errors; the browser's own unless told. */
  readonly language?: string;
  /** Instead of the global one. */
  readonly fetch?: typeof fetch;
}

/**
 * Invokes by fetch.
 *
 * @example
 * ```ts
 * const evolution = createEvolutionClient(invokeWithFetch({
 *   url: "https://<ref>.supabase.co",
 *   apiKey: "sb_publishable_…",
 *   token: async () => (await session()).access_token,
 * }));
 * ```
 */
export function invokeWithFetch(options: FetchOptions): Invoke {
  const send = options.fetch ?? globalThis.fetch.bind(globalThis);
  return async (body) =>
    await readResponse(
      await send(`${options.url}/functions/v1/evolution-api`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          apikey: options.apiKey,
          authorization: `Bearer ${await options.token()}`,
          ...(options.language === undefined ? {} : { "accept-language": options.language }),
        },
        body: JSON.stringify(body),
      }),
    );
}

/** A body that is no JSON is an answer too: the client says that it cannot be read. */
async function readResponse(response: Response): Promise<InvokedAnswer> {
  const text = await response.text();
  try {
    return { status: response.status, body: JSON.parse(text) };
  } catch {
    return { status: response.status, body: null };
  }
}
