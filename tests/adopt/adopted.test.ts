import assert from "node:assert/strict";
import { adoptedTest } from "./adopted-world.ts";
import { KINDS } from "./projects.ts";

for (const kind of KINDS) {
  adoptedTest(`the repair in an adopted project: ${kind.about}`, kind, async (project) => {
    const { gateway, send, logouts, events, state } = project;
    // Fifty failing sends at once are one logout, and the row says so in the project's words.
    const ghost = await project.addNumber("vendas");
    assert.deepEqual(await send("vendas"), [201]);
    gateway.control.ghost("vendas", "A2");
    assert.deepEqual(new Set(await send("vendas", 50)), new Set([400]));
    assert.equal(logouts("vendas"), 1, project.lines.join());
    assert.equal(await state(ghost), kind.dead);
    assert.deepEqual(await events(ghost), [
      ...["connection_closed", "logout", "marked_disconnected", "verified"],
    ]);
    // A second wave, of files, within the window: none.
    await send("vendas", 5, { media: true });
    assert.equal(logouts("vendas"), 1, project.lines.join());
    assert.equal((await events(ghost)).at(-1), "repair_skipped");

    // A blip: none, and nothing is marked.
    const blip = await project.addNumber("blip");
    const before = await state(blip);
    gateway.control.blip("blip");
    assert.deepEqual(await send("blip"), [400]);
    assert.equal(logouts("blip"), 0);
    assert.deepEqual(await events(blip), ["connection_closed", "false_alarm"]);
    assert.equal(await state(blip), before);

    // Their cron believes the registry and writes that it is open, in the middle of the probes.
    const believed = await project.addNumber("believed");
    let reports = 0;
    project.hooks.onProbe = async () => {
      if (reports++ < 2) await project.reportOpen(believed);
    };
    gateway.control.ghost("believed", "A2");
    await send("believed");
    assert.equal(reports, 4);
    assert.equal(logouts("believed"), 1);
    assert.equal(await state(believed), kind.dead);
    project.hooks.onProbe = () => Promise.resolve();

    // A half-open socket answers after a minute; a caller that waits for less sees its own error.
    const halfOpen = await project.addNumber("half-open");
    gateway.control.ghost("half-open", "A1", { selfHeals: false });
    await send("half-open", 2, { media: true });
    assert.equal(logouts("half-open"), 1);
    assert.equal((await events(halfOpen))[0], "connection_closed");

    const impatient = await project.addNumber("impatient");
    gateway.control.ghost("impatient", "A1", { selfHeals: false });
    const limit = new AbortController();
    const late = new DOMException("late", "TimeoutError");
    void project.clock.sleep(20_000).then(() => limit.abort(late));
    await assert.rejects(send("impatient", 1, { signal: limit.signal }), {
      name: "TimeoutError",
    });
    await project.repaired();
    assert.equal(logouts("impatient"), 1);
    assert.equal(await state(impatient), kind.dead);
  });
}
