/**
 * Turning zod's findings into errors that name the field and what is allowed.
 *
 * @module
 */

import { z } from "zod";
import { ApiError } from "./errors.ts";
import type { Language } from "./language.ts";

const LOCALES = { pt: z.locales.pt().localeError, en: z.locales.en().localeError };

/**
 * Checks data against a schema.
 *
 * @throws {ApiError} INVALID_REQUEST with the first field that is wrong, and why, in `language`.
 */
export function parseRequest<T>(schema: z.ZodType<T>, data: unknown, language: Language): T {
  const parsed = schema.safeParse(data, { error: LOCALES[language] });
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = issue === undefined || issue.path.length === 0 ? "body" : issue.path.join(".");
  throw new ApiError("INVALID_REQUEST", {
    field,
    detail: `${field}: ${issue?.message ?? ""}`.trim(),
  }, { cause: parsed.error });
}
