import assert from "node:assert/strict";
import { closeOnExit, createCleanUp } from "../../../dev/process/clean-up.ts";

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
  await assert.rejects(cleanUp.close(), (error) => {
    assert.ok(error instanceof AggregateError);
    assert.match(String(error.errors), /could not stop api/);
    return true;
  });
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
