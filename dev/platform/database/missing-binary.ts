/**
 * What to say where a program of the local stack does not exist for this machine.
 *
 * @module
 */

/** A program of the local stack has no published binary for this platform. */
export class MissingBinaryError extends Error {
  override readonly name = "MissingBinaryError";
  /**
   * @param program What is missing, as people call it.
   * @param platform For which platform, e.g. `darwin-arm64`.
   * @param hint A way out on this platform, if there is one; a sentence.
   */
  constructor(readonly program: string, readonly platform: string, hint?: string) {
    super(
      [
        `There is no ${program} binary for ${platform} in the npm registry, ` +
        "so the local stack cannot run here.",
        ...(hint ? [hint] : []),
        "With Docker, Supabase's own stack runs the same migrations and functions: " +
        "`npx supabase start`, then `npx supabase functions serve`.",
      ].join("\n"),
    );
  }
}

/**
 * Tells the user in plain words and ends the process with exit code 2; any other error is thrown on.
 *
 * @param error What was caught.
 * @param exit Ends the process; `Deno.exit` unless told.
 */
export function reportMissingBinary(
  error: unknown,
  exit: (code: number) => never = Deno.exit,
): never {
  if (!(error instanceof MissingBinaryError)) throw error;
  console.error(error.message);
  return exit(2);
}
