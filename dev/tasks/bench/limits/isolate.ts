/**
 * One function in a process of its own, as the platform gives it an isolate: its entry file, served on
 * a free port. Prints the port, then the function's own log lines; `GET /usage` of the second port says
 * what it has used. Leaves when its standard input ends.
 *
 * @module
 */

import process from "node:process";

const [entry = ""] = Deno.args;
const caught: Deno.ServeHandler[] = [];
const serve = Deno.serve;
Object.assign(Deno, { serve: (handler: Deno.ServeHandler) => void caught.push(handler) });
await import(entry);
Object.assign(Deno, { serve });
const [handler] = caught;
if (handler === undefined) throw new Error(`${entry} serves nothing`);

/** The most memory that the process ever had, in bytes: the system's own figure where there is one. */
async function peakMemory(): Promise<number> {
  const status = await Deno.readTextFile("/proc/self/status").catch(() => "");
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  return kilobytes === undefined ? Deno.memoryUsage().rss : Number(kilobytes) * 1024;
}

const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
const functions = serve(options, handler);
const usage = serve(options, async () => {
  const { user, system } = process.cpuUsage();
  return Response.json({ cpuSeconds: (user + system) / 1e6, peakBytes: await peakMemory() });
});
console.log(JSON.stringify([functions.addr.port, usage.addr.port]));
for await (const _ of Deno.stdin.readable);
Deno.exit(0);
