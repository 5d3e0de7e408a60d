/**
 * One number's page as a visitor uses it. Run by `deno task test:browser`; the tests tell one story, in
 * this order.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { passTheWindow, rememberAnOutage } from "./an-hour-ago.ts";
import { type BrowserStack, inspectView, startBrowserStack } from "./browser-stack.ts";

let world: BrowserStack;
let page: Page;
let complaints: string[];

Deno.test.beforeAll(async () => {
  world = await startBrowserStack();
  await rememberAnOutage(world.stack);
  ({ page, complaints } = await world.newPage());
});
Deno.test.afterAll(() => world.close());

/** The stack and the browser outlive each test. */
function story(name: string, run: () => Promise<void>): void {
  Deno.test({ name, sanitizeOps: false, sanitizeResources: false, fn: run });
}

const state = (tone: string) => page.locator(`#details .state[data-tone="${tone}"]`);
const moment = (kind: string) => page.locator(`.moment[data-kind="${kind}"]`);
const timeline = async () => (await page.locator("#story").innerText()).replace(/\s+/g, " ");

story("the page signs in by itself and shows the number connected", async () => {
  await page.goto(world.stack.url);
  await state("ok").waitFor();
  assert.match(await page.locator(".number-head").innerText(), /Atendimento[^]*connected/);
  // 291 seconds lie in five minutes of the clock, or six.
  const down = await page.locator('.beats .beat[data-tone="bad"]').count();
  assert.ok(down === 5 || down === 6, `${down} minutes down`);
  await page.locator("#health dd", { hasText: "answers" }).waitFor();
  await page.locator("#health dd", { hasText: /^ok/ }).first().waitFor();
  assert.deepEqual(await inspectView(page, "connected"), []);
});

story(
  "a half-open session still claims to be connected, and the page says what to do",
  async () => {
    await page.locator('[data-ghost="A1"]').click();
    await page.locator("#nudge").waitFor();
    assert.match(await page.locator("#truth").innerText(), /Registry\s+open[^]*Socket\s+silent/);
    assert.equal(await state("ok").count(), 1);
  },
);

story(
  "a send finds the ghost out, and the timeline tells the repair up to the QR code",
  async () => {
    await page.locator("#send-form button").click();
    await page.locator('.message[data-status="sending"]').waitFor();
    await state("ask").waitFor();
    await page.locator("#qr-image[src^='data:image/png']").waitFor();
    await moment("qr_required").waitFor();
    const told = await timeline();
    const order = [
      "Connection Closed",
      "asked 3×: no sign of life",
      "Logout at Evolution: accepted",
      "marked disconnected",
      "registry was read again: close",
      "QR code waits for the phone",
    ].map((words) => told.lastIndexOf(words));
    assert.ok(order.every((at) => at >= 0), told);
    assert.deepEqual(order, order.toSorted((a, b) => a - b));
    assert.match(await page.locator("#qr-time").innerText(), /^expires in 0:\d\d$/);
    assert.match(await page.locator("#announcer").innerText(), /Atendimento: awaiting QR/);
    await page.locator('.message[data-status="failed"]').waitFor();
    assert.deepEqual(await inspectView(page, "awaiting-qr"), []);
  },
);

story("the phone scans the code and the number is connected again", async () => {
  await page.locator("#scan").click();
  await state("ok").waitFor();
  await page.locator("#qr").waitFor({ state: "hidden" });
});

story("Retry sends the failed message, once, and it is delivered", async () => {
  await page.locator('.message[data-status="failed"] .retry').click();
  await page.locator('.message[data-status="delivered"]').waitFor();
  assert.equal(await page.locator(".message").count(), 1);
  const { company, simulator } = world.stack;
  assert.equal(simulator?.control.delivered(company.instanceName).length, 1);
});

story("what a customer writes appears", async () => {
  await page.locator("#inbound").click();
  await page.locator('.message[data-status="received"]').waitFor();
  assert.deepEqual(await inspectView(page, "cured"), []);
});

story("what is on the page stays the same while the page goes on looking", async () => {
  await page.evaluate(
    "document.querySelectorAll('.message, .moment, .beats .beat, .panel')" +
      ".forEach((element) => { element.kept = true; })",
  );
  const asked = () =>
    page.waitForResponse((response) => response.url().endsWith("/rpc/number_page"));
  await asked();
  await page.locator("#send-form button").click();
  await page.locator('.message.mine[data-status="delivered"]').nth(1).waitFor();
  const count = await page.evaluate(
    "[...document.querySelectorAll('.message, .moment, .beats .beat, .panel')]" +
      ".filter((element) => !element.kept).length",
  );
  assert.equal(count, 1);
});

story("a zombie ends with a person, and heals when the process is restarted", async () => {
  await passTheWindow(world.stack);
  await page.locator('[data-ghost="A2"]').click();
  await page.locator("#nudge").waitFor();
  await page.locator("#send-form button").click();
  await moment("needs_operator").waitFor();
  await state("bad").waitFor();
  assert.match(await timeline(), /refused, the socket is dead[^]*A person must act/);
  assert.deepEqual(await inspectView(page, "needs-a-person"), []);
  await page.locator("#restart-process").click();
  await moment("healed").waitFor();
  await state("ok").waitFor();
});

story("a gateway that is down is shown, and shown again when it is back", async () => {
  const gateway = (words: string) => page.locator("#health dd", { hasText: words }).waitFor();
  await page.locator("#gateway-up").click();
  await gateway("does not answer");
  assert.equal(await page.locator("#gateway-up").getAttribute("aria-checked"), "false");
  await page.locator("#gateway-up").click();
  await gateway("answers");
});

story("arrow keys walk through the last hour and say what each minute was", async () => {
  const bar = page.locator(".beats");
  await bar.focus();
  const said = async (key: string) => {
    await page.keyboard.press(key);
    return await bar.getAttribute("aria-valuetext") ?? "";
  };
  assert.match(await said("Home"), /^\d\d:\d\d · connected$/);
  let minute = "";
  for (let moves = 0; moves < 59 && !minute.includes("Ladder"); moves++) {
    minute = await said("ArrowRight");
  }
  assert.match(minute, /^\d\d:\d\d · disconnected · Ladder: one connect/);
  // The last minute is the healing's own, or, where a new one has begun since, the one after it.
  const last = await said("End");
  const healing = /^\d\d:\d\d · connected$/.test(last) ? await said("ArrowLeft") : last;
  assert.match(healing, /^\d\d:\d\d · disconnected · The socket answered: healed/);
});

story("nothing sticks out at 360 pixels", async () => {
  await page.setViewportSize({ width: 360, height: 780 });
  assert.equal(await page.evaluate("document.documentElement.scrollWidth"), 360);
  assert.deepEqual(await inspectView(page, "phone"), []);
});

story("no secret is in the address, and the browser has nothing to complain about", async () => {
  // Of one number alone its page is the whole console.
  assert.equal(page.url(), `${world.stack.url}/#/numbers/${world.stack.company.instanceId}`);
  assert.equal(await page.evaluate("localStorage.length + sessionStorage.length"), 0);
  assert.deepEqual(complaints, []);
});

story(
  "away from a local stack a person signs in, in Portuguese where the browser asks",
  async () => {
    const { page: other } = await world.newPage({ locale: "pt-BR" });
    await other.route("**/dev/**", (route) => route.fulfill({ status: 404 }));
    await other.goto(world.stack.url);
    await other.locator("#login").waitFor();
    assert.deepEqual(await inspectView(other, "sign-in"), []);
    const fill = (name: string, value: string) =>
      other.locator(`#login [name=${name}]`).fill(value);
    await fill("url", world.stack.url);
    await fill("key", world.stack.auth.publishableKey);
    await fill("email", "ana@example.test");
    await fill("password", "wrong");
    await other.locator("#login button").click();
    await other.locator("#fault").waitFor();
    await fill("password", "ghost-repair");
    await other.locator("#login button").click();
    await other.locator('#details .state[data-tone="ok"]').waitFor();
    assert.match(await other.locator(".number-head").innerText(), /conectado/);
    assert.equal(await other.locator("#break").isVisible(), false);
    assert.equal(await other.locator("#login").count(), 0);
  },
);

story("an owner's click brings a number's webhook up to date, and says what changed", async () => {
  const { page: other } = await world.newPage({ locale: "pt-BR" });
  await other.goto(world.stack.url);
  await other.locator("#update-webhook").click();
  await other.locator("#notice", { hasText: "Webhook atualizado: 0 eventos a mais" }).waitFor();
  await other.locator('.moment[data-kind="webhook_updated"]').waitFor();
  await other.close();
});

story("a number whose gateway is gone is deleted by a second click, and that is said", async () => {
  const { page: other } = await world.newPage({ locale: "pt-BR" });
  await other.goto(world.stack.url);
  await other.locator('#details .state[data-tone="ok"]').waitFor();
  await other.locator("#gateway-up").click();
  await other.locator("#delete").click();
  const { instanceName } = world.stack.company;
  assert.match(await other.locator("#removal-text").innerText(), new RegExp(`${instanceName}\\.$`));
  await other.locator("#removal-name").fill("outro");
  await other.locator("#removal-do").click();
  await other.locator("#removal-fault", { hasText: "não é o deste número" }).waitFor();
  assert.equal(await other.locator("#removal-anyway").isVisible(), false);
  await other.locator("#removal-name").fill(instanceName);
  await other.locator("#removal-do").click();
  await other.locator("#removal-anyway").waitFor();
  assert.match(await other.locator("#removal-fault").innerText(), /Evolution está fora do ar/);
  assert.deepEqual(await inspectView(other, "delete-anyway"), []);
  await other.locator("#removal-anyway").click();
  await other.locator("#notice", { hasText: "a sessão pode continuar viva lá" }).waitFor();
  await other.locator("#no-numbers").waitFor();
  assert.equal(await other.locator("#details").isVisible(), false);
  assert.deepEqual(await inspectView(other, "deleted"), []);
});
