/**
 * Evolution's own checks of request bodies, with its own words.
 *
 * @module
 */

import { z } from "zod";
import { type Answer, invalid } from "../answers.ts";

/** A checked body, or the answer that refuses it. */
export type Checked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly answer: Answer };

/**
 * Checks a body against a schema; problems come in the schema's order, as JSON-schema's validator
 * words them.
 */
export function checkBody<T>(schema: z.ZodType<T>, body: unknown): Checked<T> {
  const result = schema.safeParse(body);
  if (result.success) return { ok: true, value: result.data };
  return { ok: false, answer: invalid(result.error.issues.map((issue) => problem(issue, body))) };
}

function problem(issue: z.core.$ZodIssue, body: unknown): string {
  const owner = ["instance", ...issue.path.slice(0, -1)].join(".").replace(/^instance\./, "");
  const name = String(issue.path.at(-1) ?? "");
  if (valueAt(body, issue.path) === undefined) return `${owner} requires property "${name}"`;
  const expected = "expected" in issue ? String(issue.expected) : "string";
  return `${[...issue.path].join(".")} is not of a type(s) ${expected}`;
}

function valueAt(body: unknown, path: readonly PropertyKey[]): unknown {
  let value: unknown = body;
  for (const key of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}
