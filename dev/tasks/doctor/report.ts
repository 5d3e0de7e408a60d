/**
 * What the database says of itself: `doctor_report()`, asked as the service role.
 *
 * @module
 */

import { z } from "zod";

const count = z.object({ count: z.number() });

const report = z.object({
  objects: z.array(z.string()),
  jobs: z.array(z.object({ jobname: z.string().nullable(), active: z.boolean().default(true) }))
    .nullable(),
  job_failures: z.array(count.extend({ jobname: z.string(), message: z.string().nullable() }))
    .nullable(),
  vault: z.array(z.object({ name: z.string(), address: z.string().nullable() })).nullable(),
  http: z.boolean(),
  answers: z.array(count.extend({ status: z.number().nullable() })).nullable(),
  settings: z.object({
    enabled: z.boolean(),
    /** Everything that is due is held back, by hand or after a restore. */
    paused: z.boolean().default(false),
    policy: z.string(),
    window_seconds: z.number(),
    /** How long a number may be silent before it is probed; null: nobody is. */
    watch_seconds: z.number().nullable(),
  }).nullable(),
  instances: z.array(z.object({
    id: z.uuid(),
    name: z.string(),
    status: z.string(),
    health: z.string(),
    api_url: z.string().nullable(),
    api_key: z.string().nullable(),
    last_alive_at: z.string().nullable(),
    /** When it was logged out, where nothing came in since. */
    unheard_since_logout: z.string().nullish(),
    /** Whether its webhooks may carry a static token. */
    has_token: z.boolean().nullish(),
    /** Null: not connected. */
    watch: z.object({ finding: z.string().nullable(), nextLookAt: z.string().nullable() })
      .nullable(),
  })),
});

/** The answer of `doctor_report`. It holds gateway keys: never printed. */
export type DatabaseReport = z.infer<typeof report>;

/** How the question ended. */
export type Asked =
  | { readonly outcome: "answered"; readonly report: DatabaseReport }
  | { readonly outcome: "wrong_key" | "no_such_function" | "unreachable"; readonly said: string };

/** Who is asked. */
export interface Project {
  /** Such as `https://<ref>.supabase.co`. */
  readonly url: string;
  /** The service role's: a secret key `sb_secret_…`, or the legacy key, which is a JWT. */
  readonly key: string;
  /** The name or id of one number; all of them unless told. */
  readonly instance?: string;
}

/** Asks the database. Reads, and changes nothing. */
export async function askDatabase(project: Project, fetcher: typeof fetch): Promise<Asked> {
  let status: number;
  let text: string;
  try {
    const response = await fetcher(`${project.url}/rest/v1/rpc/doctor_report`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        apikey: project.key,
        // A secret key is no JWT and goes in `apikey` alone.
        ...(project.key.startsWith("sb_") ? {} : { authorization: `Bearer ${project.key}` }),
      },
      body: JSON.stringify({ p_instance: project.instance ?? null }),
    });
    status = response.status;
    text = await response.text();
  } catch (error) {
    return { outcome: "unreachable", said: error instanceof Error ? error.message : String(error) };
  }
  const said = `HTTP ${status}`;
  if (status === 401 || status === 403) return { outcome: "wrong_key", said };
  if (status === 404) return { outcome: "no_such_function", said };
  const body = parseJson(text);
  if (status !== 200) return { outcome: "unreachable", said };
  const parsed = report.safeParse(body);
  return parsed.success
    ? { outcome: "answered", report: parsed.data }
    : { outcome: "no_such_function", said: "another version of doctor_report" };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
