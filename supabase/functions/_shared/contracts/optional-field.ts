/**
 * Fields that a request may leave out. Frontends write "nothing" in three ways: they leave the field
 * out, or send `null`, or an empty text.
 *
 * @module
 */

import { z } from "zod";

/** A value, or nothing in any of the three ways. */
type OrNothing<T> = T | null | "" | undefined;

/**
 * A field that may be absent, `null` or `""`: all three mean the same.
 *
 * @param schema What the field holds otherwise.
 */
export function optional<Output, Input>(schema: z.ZodType<Output, Input>) {
  return z.optional(
    z.preprocess(
      (value: OrNothing<Input>) => isNothing(value) ? undefined : value,
      z.optional(schema),
    ),
  );
}

/**
 * An {@linkcode optional} field that means something where it is not given.
 *
 * @param fallback What it means then.
 */
export function optionalOr<Output extends boolean | number, Input>(
  schema: z.ZodType<Output, Input>,
  fallback: Input & Output,
) {
  return z._default(
    z.preprocess((value: OrNothing<Input>) => isNothing(value) ? fallback : value, schema),
    fallback,
  );
}

function isNothing(value: unknown): value is null | "" | undefined {
  return value === undefined || value === null || value === "";
}
