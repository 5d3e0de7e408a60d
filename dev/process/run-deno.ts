/**
 * Deno itself, run to its end.
 *
 * @module
 */

/**
 * Runs it, with nothing to read.
 *
 * @returns What it wrote to its output.
 * @throws {Error} With what it said, where it failed.
 */
export async function runDeno(...args: readonly string[]): Promise<Uint8Array<ArrayBuffer>> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  if (!success) throw new Error(`deno ${args[0]}: ${new TextDecoder().decode(stderr)}`);
  return stdout;
}
