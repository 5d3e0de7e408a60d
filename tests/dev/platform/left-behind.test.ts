import assert from "node:assert/strict";
import { hostname } from "node:os";
import { fileURLToPath } from "node:url";
import { isAlive, ownerOf, removeStale, SCRATCH_PREFIX } from "../../../dev/process/scratch.ts";

/** A stack of its own in a child process: PostgreSQL, a template, PostgREST. */
const CHILD = new URL("stack-process.ts", import.meta.url);

interface Running {
  readonly child: Deno.ChildProcess;
  /** Where its scratch folders are. */
  readonly folder: string;
  readonly pids: readonly number[];
}

async function startChild(): Promise<Running> {
  const folder = await Deno.makeTempDir();
  // The child's PostgreSQL runs as another user.
  await Deno.chmod(folder, 0o755);
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", fileURLToPath(CHILD)],
    env: { TMPDIR: folder },
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value } = await reader.read();
  assert.equal(value?.trim(), "ready");
  const pids: number[] = [];
  for await (const scratch of Deno.readDir(folder)) {
    for await (const file of Deno.readDir(`${folder}/${scratch.name}`)) {
      if (!file.name.endsWith(".pid")) continue;
      pids.push(Number(await Deno.readTextFile(`${folder}/${scratch.name}/${file.name}`)));
    }
  }
  await reader.cancel();
  return { child, folder, pids };
}

/** The stack's processes and files that are still there; real time, since real processes end. */
async function leftBehind({ folder, pids }: Running): Promise<unknown> {
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
    fn: async () => {
      const running = await startChild();
      try {
        assert.equal(running.pids.length, 2, "PostgreSQL and PostgREST");
        assert.deepEqual(running.pids.map(isAlive), [true, true]);
        running.child.kill(signal as Deno.Signal);
        assert.equal((await running.child.status).code, code);
        assert.deepEqual(await leftBehind(running), { running: [], files: [] });
      } finally {
        await Deno.remove(running.folder, { recursive: true });
      }
    },
  });
}

Deno.test({
  name: "what even the watchdog left is removed by the next start, and nobody else's",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    const folder = await Deno.makeTempDir();
    const dead = new Deno.Command("sleep", { args: ["0"] }).spawn();
    await dead.status;
    const make = async (host: string, pid: number) => {
      const path = `${folder}/${SCRATCH_PREFIX}.${host}.${pid}.abc`;
      await Deno.mkdir(path);
      return path;
    };
    const stale = await make(hostname(), dead.pid);
    const living = await make(hostname(), Deno.pid);
    const elsewhere = await make("other.host", dead.pid);
    const stranger = new Deno.Command("sleep", { args: ["600"] }).spawn();
    await Deno.writeTextFile(`${stale}/reused.pid`, String(stranger.pid));
    // Its command line names the folder, as those of PostgreSQL and PostgREST do.
    const leftover = new Deno.Command("tail", {
      args: ["-f", `${stale}/reused.pid`],
      stdout: "null",
    }).spawn();
    await Deno.writeTextFile(`${stale}/leftover.pid`, String(leftover.pid));
    try {
      await Promise.all([removeStale(folder), leftover.status]);
      const names = [...Deno.readDirSync(folder)].map((entry) => `${folder}/${entry.name}`);
      assert.deepEqual(names.sort(), [living, elsewhere].sort());
      assert.ok(isAlive(stranger.pid), "a process that only got the number is left alone");
    } finally {
      stranger.kill();
      await stranger.status;
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test("a folder says whose it is; other folders are nobody's", () => {
  const name = `${SCRATCH_PREFIX}.my.host-1.123.0a1b2c`;
  assert.deepEqual(ownerOf(name), { host: "my.host-1", pid: 123 });
  for (const other of [`${SCRATCH_PREFIX}-x`, "tmp.123.abc", `${SCRATCH_PREFIX}.host.x.abc`]) {
    assert.equal(ownerOf(other), undefined, other);
  }
});
