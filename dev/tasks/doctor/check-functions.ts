/**
 * Whether the Edge Functions are there, start, and are reached by those who shall reach them. Each
 * is called once without credentials, which it refuses before it does anything.
 *
 * @module
 */

import { z } from "zod";
import type { Expected } from "./expected.ts";
import type { Finding } from "./findings.ts";

/** The functions' own refusal; the platform's looks different. */
const refusal = z.object({ success: z.literal(false), errorCode: z.string() });

/** Calls each function. */
export async function checkFunctions(
  url: string,
  functions: Expected["functions"],
  fetcher: typeof fetch,
): Promise<readonly Finding[]> {
  const findings = await Promise.all(functions.map((each) => checkFunction(url, each, fetcher)));
  return findings.filter((finding) => finding !== null);
}

async function checkFunction(
  url: string,
  { name, verifyJwt }: Expected["functions"][number],
  fetcher: typeof fetch,
): Promise<Finding | null> {
  const deploy = `npx -y supabase@3.1.0 functions deploy ${name}`;
  const broken = (said: string): Finding => ({
    code: "function_broken",
    what: `The function ${name} does not answer as it should: ${said}.`,
    remedy:
      "Read its log. Secrets that are missing are named there: npx -y supabase@3.1.0 secrets list.",
  });
  let status: number;
  let text: string;
  try {
    const response = await fetcher(`${url}/functions/v1/${name}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{}",
    });
    status = response.status;
    text = await response.text();
  } catch (error) {
    return broken(error instanceof Error ? error.message : String(error));
  }
  // Switched off: it is there, and says so itself.
  if (status === 404 && isOurs(text)) return null;
  if (status === 404) {
    return {
      code: "function_missing",
      what: `The function ${name} is not deployed.`,
      remedy: deploy,
    };
  }
  if (status !== 401) return broken(`HTTP ${status}`);
  if (verifyJwt || isOurs(text)) return null;
  return {
    code: "function_jwt",
    what:
      `The platform asks the callers of ${name} for a JWT that it knows, which they may not have.`,
    remedy: `${deploy} from this repository: supabase/config.toml says verify_jwt = false.`,
  };
}

function isOurs(text: string): boolean {
  try {
    return refusal.safeParse(JSON.parse(text)).success;
  } catch {
    return false;
  }
}
