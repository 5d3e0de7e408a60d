/**
 * What the local stack reads from supabase/config.toml.
 *
 * @module
 */

import { parse } from "smol-toml";
import { z } from "zod";

const config = z.object({
  functions: z.record(z.string(), z.object({ verify_jwt: z.boolean().default(true) })).default({}),
});

/** The project's configuration file. */
export const CONFIG = new URL("../../supabase/config.toml", import.meta.url);

/**
 * Which functions ask the platform to check the caller's token.
 *
 * @param configToml The text of config.toml.
 * @returns Function name → whether; true for a function that the file does not mention, as on the
 * platform.
 * @throws {TomlError | z.ZodError} When the text is no TOML or `verify_jwt` is no boolean.
 */
export function readVerifyJwt(configToml: string): (name: string) => boolean {
  const { functions } = config.parse(parse(configToml));
  return (name) => functions[name]?.verify_jwt ?? true;
}
