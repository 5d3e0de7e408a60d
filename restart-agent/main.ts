/**
 * `deno run --allow-net --allow-env --allow-read --allow-write --allow-run main.ts`: restarts the
 * gateway's process when the repair asks for it. It holds no key of the gateway.
 *
 * @module
 */

import { createHandler } from "./handler.ts";
import { openHistory } from "./history.ts";
import { restart } from "./restart.ts";
import { readSettings, type Settings, SettingsError } from "./settings.ts";

/** One JSON object a line. */
function log(line: Readonly<Record<string, unknown>>): void {
  console.log(JSON.stringify({ at: new Date().toISOString(), ...line }));
}

function readOrLeave(): Settings {
  try {
    return readSettings(Deno.env.toObject());
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    console.error(`restart-agent does not start:\n  ${error.problems.join("\n  ")}`);
    Deno.exit(2);
  }
}

async function openOrLeave(path: string) {
  try {
    return await openHistory(path);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    console.error(`restart-agent does not start:\n  STATE_FILE: ${why}`);
    Deno.exit(2);
  }
}

const settings = readOrLeave();
const history = await openOrLeave(settings.stateFile);
const handler = createHandler(settings, {
  history,
  restart: () => restart(settings.means, settings.limitMs),
  now: Date.now,
  log,
});
const { host: hostname, port } = settings;
const server = Deno.serve({ hostname, port, onListen: () => {} }, handler);
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  // A restart that is under way is waited for.
  Deno.addSignalListener(signal, () => void server.shutdown());
}
// Not before it can be stopped: whoever reads it may do so at once.
log({ level: "info", event: "listening", port: server.addr.port, by: settings.means.by });
await server.finished;
log({ level: "info", event: "stopped" });
