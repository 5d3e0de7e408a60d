import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { temporaryFolder } from "../../../dev/process/scratch.ts";

const STACK = fileURLToPath(new URL("stack-process.ts", import.meta.url));

/** Starts PostgreSQL and PostgREST in a process whose working directory and `TMPDIR` these are. */
async function startIn(cwd: string, folder?: string): Promise<string> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", STACK],
    cwd,
    ...(folder === undefined ? {} : { env: { TMPDIR: folder } }),
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value = "" } = await reader.read();
  await reader.cancel();
  if (value !== "") child.kill("SIGTERM");
  const said = await child.stderr.text();
  await child.status;
  return value.trim() || said;
}

async function inClosedFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "only mine " });
  await Deno.chmod(folder, 0o700);
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Where nobody but root may enter something, PostgreSQL's user cannot either. */
function rootTest(name: string, run: () => Promise<void>): void {
  const isRoot = Deno.build.os !== "windows" && Deno.uid() === 0;
  Deno.test({ name: isRoot ? name : `${name} (skipped: not root)`, ignore: !isRoot, fn: run });
}

rootTest(
  "the stack starts from a folder that only root can enter",
  () => inClosedFolder(async (folder) => assert.equal(await startIn(folder), "ready")),
);

rootTest(
  "the stack starts where root's temporary folder is root's alone",
  () =>
    inClosedFolder(async (folder) => {
      const nested = join(folder, "tmp");
      await Deno.mkdir(nested);
      await Deno.chmod(nested, 0o755);
      assert.equal(temporaryFolder(nested, true), "/tmp");
      assert.equal(temporaryFolder(nested, false), nested);
      assert.equal(await startIn(folder, nested), "ready");
      assert.deepEqual([...Deno.readDirSync(nested)], []);
    }),
);

Deno.test("a temporary folder that everybody can enter is used as it is", () => {
  assert.equal(temporaryFolder(tmpdir(), false), tmpdir());
});
