import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

const BENCH = fileURLToPath(new URL("../../../dev/tasks/bench/main.ts", import.meta.url));

Deno.test("on the real stack a send is answered after one database round trip", async () => {
  // In a process of its own: the stack sets the environment that the functions read.
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-check", "--allow-all", BENCH, "--json", "--only", "trips"],
    stdin: "null",
  }).output();
  const text = new TextDecoder();
  assert.equal(code, 0, text.decode(stderr));
  // The report alone is on standard output.
  assert.deepEqual(JSON.parse(text.decode(stdout)), { ack_db_round_trips: 1, faults: [] });
});
