/**
 * Restarts the gateway by a program: `kubectl`, `pm2`, `systemctl`. No shell reads its arguments.
 *
 * @module
 */

/** How it ended. */
export type CommandEnded = "restarted" | "timeout" | "command_failed" | "command_unknown";

/** Runs the program to its end. Never throws; what it prints goes nowhere: it may hold secrets. */
export async function runCommand(
  [program, ...args]: readonly [string, ...string[]],
  signal: AbortSignal,
): Promise<CommandEnded> {
  try {
    const { success } = await new Deno.Command(program, {
      args: [...args],
      stdin: "null",
      stdout: "null",
      stderr: "null",
      signal,
    }).output();
    return signal.aborted ? "timeout" : success ? "restarted" : "command_failed";
  } catch {
    return signal.aborted ? "timeout" : "command_unknown";
  }
}
