/**
 * Restarts the gateway by a program: `kubectl`, `pm2`, `systemctl`. No shell reads its arguments.
 *
 * @module
 */

/** How it ended. */
export type CommandEnded = "restarted" | "timeout" | "command_failed" | "command_unknown";

/** Settings of the agent that are no business of what it runs. */
const OWN_SECRETS: ReadonlySet<string> = new Set([
  "WEBHOOK_SECRET",
  "WEBHOOK_SECRET_OLD",
  "DEPLOY_HOOK_HEADER",
]);

/**
 * Runs the program to its end, in the agent's environment without its secrets. Never throws; what it
 * prints goes nowhere: it may hold secrets.
 */
export async function runCommand(
  [program, ...args]: readonly [string, ...string[]],
  signal: AbortSignal,
): Promise<CommandEnded> {
  try {
    const { success } = await new Deno.Command(program, {
      args: [...args],
      clearEnv: true,
      env: Object.fromEntries(
        Object.entries(Deno.env.toObject()).filter(([name]) => !OWN_SECRETS.has(name)),
      ),
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
