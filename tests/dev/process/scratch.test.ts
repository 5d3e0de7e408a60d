import assert from "node:assert/strict";
import { hostname, tmpdir } from "node:os";
import {
  isAlive,
  ownerOf,
  removeStale,
  SCRATCH_PREFIX,
  temporaryFolder,
} from "../../../dev/process/scratch.ts";

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
