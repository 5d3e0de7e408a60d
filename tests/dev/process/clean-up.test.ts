import assert from "node:assert/strict";
import { hostname, tmpdir } from "node:os";
import { closeOnExit, createCleanUp } from "../../../dev/process/clean-up.ts";
import {
  isAlive,
  removeStale,
  SCRATCH_PREFIX,
  temporaryFolder,
} from "../../../dev/process/scratch.ts";

Deno.test("what was started last is stopped first, each once", async () => {
  const stopped: string[] = [];
  const cleanUp = createCleanUp();
  for (const name of ["database", "api", "functions"]) {
    cleanUp.add(name, () => void stopped.push(name));
  }
  await Promise.all([cleanUp.close(), cleanUp.close()]);
  await cleanUp.close();
  assert.deepEqual(stopped, ["functions", "api", "database"]);
});

Deno.test("something that cannot be stopped does not keep the rest running", async () => {
  const stopped: string[] = [];
  const cleanUp = createCleanUp();
  cleanUp.add("database", () => void stopped.push("database"));
  cleanUp.add("api", () => Promise.reject(new Error("stuck")));
  await assert.rejects(
    cleanUp.close(),
    ({ errors }: AggregateError) => /could not stop api/.test(String(errors)),
  );
  assert.deepEqual(stopped, ["database"]);
});

Deno.test("what comes up while everything is being closed is closed as well", async () => {
  const stopped: string[] = [];
  const cleanUp = createCleanUp();
  cleanUp.add("database", () => {
    cleanUp.add("api", () => void stopped.push("api"));
  });
  await cleanUp.close();
  cleanUp.add("page", () => void stopped.push("page"));
  await cleanUp.close();
  assert.deepEqual(stopped, ["api", "page"]);
});

Deno.test("an uncaught error is reported, everything is closed, and the program ends with 1", async () => {
  const cleanUp = createCleanUp();
  const steps: unknown[] = [];
  cleanUp.add("database", () => void steps.push("closed"));
  const ended = Promise.withResolvers<void>();
  const release = closeOnExit(cleanUp, {
    exit: (code) => {
      steps.push(code);
      ended.resolve();
    },
    report: (error) => steps.push(String(error)),
  });
  try {
    globalThis.dispatchEvent(
      new ErrorEvent("error", { error: new Error("lost"), cancelable: true }),
    );
    await ended.promise;
  } finally {
    release();
  }
  assert.deepEqual(steps, ["Error: lost", "closed", 1]);
});

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

Deno.test("a temporary folder that only root can enter is not used for root's programs", async () => {
  const closed = await Deno.makeTempDir();
  try {
    await Deno.chmod(closed, 0o700);
    const nested = `${closed}/tmp`;
    await Deno.mkdir(nested, { mode: 0o755 });
    assert.equal(temporaryFolder(nested, true), "/tmp");
    assert.equal(temporaryFolder(nested, false), nested);
    assert.equal(temporaryFolder(tmpdir(), false), tmpdir());
  } finally {
    await Deno.remove(closed, { recursive: true });
  }
});
