/**
 * Fields that a request may leave out. Frontends write "nothing" in three ways: they leave the field
 * out, or send `null`, or an empty text.
 *
 * @module
 */

import * as z from "zod/mini";

/** A value, or nothing in any of the three ways. */
type OrNothing<T> = T | null | "" | undefined;

/**
 * A field that may be absent, `null` or `""`: all three mean the same.
 *
 * @param schema What the field holds otherwise.
 */
export function optional<Output, Input>(schema: z.ZodMiniType<Output, Input>) {
  return z.optional(filled(z.optional(schema), undefined));
}

/**
 * An {@linkcode optional} field that means something where it is not given.
 *
 * @param fallback What it means then.
 */
export function optionalOr<Output extends boolean | number, Input>(
  schema: z.ZodMiniType<Output, Input>,
  fallback: Input & Output,
) {
  return z._default(filled(schema, fallback), fallback);
}

function filled<Output, Input>(schema: z.ZodMiniType<Output, Input>, fallback: Input) {
  const fill = z.transform((value: OrNothing<Input>) =>
    value === undefined || value === null || value === "" ? fallback : value
  );
  // `transform` cannot know that its result is no promise.
  return z.pipe(fill as z.ZodMiniTransform<Input, OrNothing<Input>>, schema);
}
