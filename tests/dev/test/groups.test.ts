import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { groupTests } from "../../../dev/tasks/test/groups.ts";
import { HEAVY_FILES } from "../../../dev/tasks/test/heavy-files.ts";

Deno.test("every test file is run once, and one with hooks of its own is run alone", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const tests = join(folder, "tests");
    await Deno.mkdir(join(tests, "inside it"), { recursive: true });
    const plain = ["a.test.ts", "b.test.ts", join("inside it", "c.test.ts")];
    for (const name of plain) await Deno.writeTextFile(join(tests, name), "// no hook\n");
    await Deno.writeTextFile(join(tests, "helper.ts"), "");
    const hooked = join(tests, "hooked.test.ts");
    await Deno.writeTextFile(hooked, "Deno.test.beforeAll(() => {});\n");

    const run = await groupTests([tests, hooked], folder);
    assert.equal(run.filter((path) => path === hooked).length, 1);
    const written = await Promise.all(
      run.filter((path) => path !== hooked).map((path) => Deno.readTextFile(path)),
    );
    const loaded = [...written.join("").matchAll(/"(file:[^"]+)"/g)]
      .map(([, url]) => fileURLToPath(url!));
    assert.deepEqual(loaded.toSorted(), plain.map((name) => join(tests, name)).toSorted());
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("what is known to be heavy is there, and is shared among the lanes", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const heavy = Object.keys(HEAVY_FILES);
    const groups = await groupTests(heavy, folder);
    const seconds = await Promise.all(groups.map(async (path) => {
      const text = await Deno.readTextFile(path);
      return heavy.filter((file) => text.includes(file))
        .reduce((sum, file) => sum + HEAVY_FILES[file]!, 0);
    }));
    assert.ok(Math.max(...seconds) - Math.min(...seconds) <= 2, seconds.join(", "));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
