import assert from "node:assert/strict";
import { CRON_SECRET, EVOLUTION_KEY } from "../../dev/world/virtual-world.ts";
import { Canaries, exposedRows, GatewayTap, HOOK_URL } from "./support/canaries.ts";
import { eventfulDay } from "./support/eventful-day.ts";
import { bareTest, OLD_CRON_SECRET } from "./support/bare-world.ts";

const HOOK_SECRET = "operator-hook-secret-of-this-day";

const canaries = new Canaries();
const tap = new GatewayTap(canaries);

bareTest(
  "no secret, QR, number or text of an eventful day is anywhere it does not belong",
  async (bare) => {
    const { world, logs } = bare;
    const { company, auth } = world;
    for (
      const secret of [
        EVOLUTION_KEY,
        CRON_SECRET,
        OLD_CRON_SECRET,
        HOOK_SECRET,
        auth.secretKey,
        auth.serviceRoleKey,
        auth.jwtSecret,
        world.userToken,
        company.webhookSecret,
      ]
    ) canaries.plant("secret", secret);
    for (const number of [company.phone, "5511955544433", "5511966655544", "5511900000000"]) {
      canaries.plant("number", number);
    }

    const answers = await eventfulDay(bare, canaries);
    const rows = await exposedRows(world.sql);
    const written = logs.map((text) => ({ where: "log", text }));
    assert.deepEqual(canaries.search([...written, ...rows, ...answers, ...tap.hook]), []);

    // The day was as eventful as it should be.
    const texts = rows.map(({ text }) => text).join("\n");
    for (const what of ["text", "address", "caption", "file", "inline", "echoed", "in", "name"]) {
      assert.match(texts, new RegExp(`canary-${what}-`), what);
    }
    const kinds = new Set(
      rows.filter(({ where }) => where === "instance_events.kind")
        .map(({ text }) => text),
    );
    for (const kind of ["logout", "verified", "healed", "needs_operator", "qr_required"]) {
      assert.ok(kinds.has(kind), kind);
    }
    assert.ok(canaries.count("qr") >= 4, `${canaries.count("qr")} QR codes`);
    assert.ok(canaries.count("secret") >= 12, `${canaries.count("secret")} secrets`);
    assert.ok(tap.hook.length >= 2, "the operator was called, and called again after a 500");
    assert.ok(logs.some((line) => line.includes('"level":"debug"')));
  },
  {
    logLevel: "debug",
    simulator: { reconnectLoopMs: 4_000 },
    company: { phone: "5511977700011", customer: "5511955544433" },
    operatorHook: { url: HOOK_URL, secret: HOOK_SECRET },
    aroundGateway: (inner) => tap.aroundGateway(inner),
    aroundWebhooks: (inner) => tap.aroundWebhooks(inner),
  },
);

Deno.test("the search finds what is there: in a log, escaped, in a row, in an answer", () => {
  const own = new Canaries();
  own.plant("secret", 'se"cret-of-ten');
  own.plant("qr", "2@qr-code-of-ten");
  own.plant("text", "text of ten é");
  const found = own.search([
    { where: "log", text: JSON.stringify({ error: 'se"cret-of-ten' }) },
    { where: "messages.content", text: 'se"cret-of-ten and text of ten é' },
    { where: "messages.error_message", text: "text of ten é" },
    { where: "answer:get_qrcode", text: "2@qr-code-of-ten" },
    { where: "answer:get_status", text: `?x=${encodeURIComponent("text of ten é")}` },
    { where: "instance_events.detail", text: "2@qr-code-of-ten" },
  ]);
  assert.equal(found.length, 5, found.join("\n"));
});
