import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isAlive } from "../../dev/process/scratch.ts";

/** A process that was started, and what it said before it stayed or ended. */
interface Running {
  readonly child: Deno.ChildProcess;
  readonly said: string;
}

/** Starts PostgreSQL and PostgREST in a process whose working directory and `TMPDIR` these are. */
async function startStack(cwd: string, folder: string | null): Promise<Running> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", "--no-check"],
      fileURLToPath(new URL("support/stack-process.ts", import.meta.url)),
    ],
    cwd,
    ...(folder === null ? {} : { env: { TMPDIR: folder } }),
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value = "" } = await reader.read();
  await reader.cancel();
  return { child, said: value.trim() };
}

async function inFolder(mode: number, use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "only mine " });
  await Deno.chmod(folder, mode);
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The stack's processes and files that are still there; real time, since real processes end. */
async function leftBehind(folder: string, pids: readonly number[]): Promise<unknown> {
  for (let turn = 0;; turn++) {
    const running = pids.filter(isAlive);
    const files = [...Deno.readDirSync(folder)].map((entry) => entry.name);
    if (running.length + files.length === 0 || turn === 100) return { running, files };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129, SIGKILL: 137 } as const;

for (const [signal, code] of Object.entries(EXIT_CODES)) {
  Deno.test({
    name: `no process and no file of the stack outlives ${signal}`,
    ignore: Deno.build.os === "windows",
    // The stack's PostgreSQL runs as another user.
    fn: () =>
      inFolder(0o755, async (folder) => {
        const { child, said } = await startStack(folder, folder);
        assert.equal(said, "ready");
        const pids: number[] = [];
        for (const scratch of Deno.readDirSync(folder)) {
          for (const { name } of Deno.readDirSync(join(folder, scratch.name))) {
            if (!name.endsWith(".pid")) continue;
            pids.push(Number(await Deno.readTextFile(join(folder, scratch.name, name))));
          }
        }
        assert.deepEqual(pids.map(isAlive), [true, true], "PostgreSQL and PostgREST");
        child.kill(signal as Deno.Signal);
        assert.equal((await child.status).code, code);
        assert.deepEqual(await leftBehind(folder, pids), { running: [], files: [] });
      }),
  });
}

const isRoot = Deno.build.os !== "windows" && Deno.uid() === 0;

for (const own of [false, true]) {
  const where = own
    ? "where root's temporary folder is root's alone"
    : "from a folder that only root can enter";
  Deno.test({
    name: `the stack starts ${where}${isRoot ? "" : " (skipped: not root)"}`,
    ignore: !isRoot,
    fn: () =>
      inFolder(0o700, async (folder) => {
        const nested = join(folder, "tmp");
        await Deno.mkdir(nested, { mode: 0o755 });
        const { child, said } = await startStack(folder, own ? nested : null);
        assert.equal(said, "ready");
        child.kill("SIGTERM");
        await child.status;
        assert.deepEqual([...Deno.readDirSync(nested)], []);
      }),
  });
}

/** Runs a task, by its file in dev/tasks, to its end. */
async function runTask(task: string, ...args: string[]) {
  const main = fileURLToPath(new URL(`../../dev/tasks/${task}.ts`, import.meta.url));
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", "--no-check", main, ...args],
    stdin: "null",
  }).output();
  const text = new TextDecoder();
  return { code, out: text.decode(stdout), err: text.decode(stderr) };
}

Deno.test("a task that is told nonsense ends with 2 and one line, one asked for help with 0", async () => {
  assert.deepEqual(await runTask("ghosts/main", "--nonsense"), {
    code: 2,
    out: "",
    err:
      "ghosts: unknown option --nonsense; allowed: --agent, --gateway <version|all>, --write, --help\n",
  });
  const helped = await runTask("simulate/main", "--help");
  assert.match(helped.out, /^usage: deno task simulate \[options\]\n/);
  assert.deepEqual([helped.code, helped.err], [0, ""]);
});

Deno.test("the console becomes static files: every one that the page names", async () => {
  await inFolder(0o755, async (folder) => {
    const { code, out, err } = await runTask("console", "--out", folder);
    assert.equal(code, 0, err);
    const html = await Deno.readTextFile(join(folder, "index.html"));
    const names = [...html.matchAll(/(?:href|src)="([a-z-/]+\.\w+)"/g)].map(([, name]) => name!);
    assert.ok(names.includes("app.js"));
    for (const name of names) assert.ok((await Deno.stat(join(folder, name))).size > 0, name);
    assert.match(out, new RegExp(`^console: ${names.length + 1} files in `));
  });
});

Deno.test("on the real stack a send is answered after one database round trip", async () => {
  const { code, out, err } = await runTask("bench/main", "--json", "--only", "trips");
  assert.equal(code, 0, err);
  // The report alone is on standard output.
  assert.deepEqual(JSON.parse(out), { ack_db_round_trips: 1, faults: [] });
});
