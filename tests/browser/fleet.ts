/**
 * A thousand numbers, thirty of them sick, as the person sees them who looks after them. Run by
 * `deno task test:browser`; the tests tell one story, in this order.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { createEvolutionClient } from "../../client/client.ts";
import { invokeWithFetch } from "../../client/invoke.ts";
import { addFleet, bringBack, FLEET, SICK } from "./a-fleet.ts";
import { type BrowserStack, inspectView, startBrowserStack } from "./browser-stack.ts";
import { watchMachine } from "./machine-share.ts";

/** What the first useful sight may take, in milliseconds, on a machine that does nothing else. */
const FIRST_SIGHT_MS = 1_000;
/** How often it is looked at, each time anew; the best one counts, as others disturb it least. */
const SIGHTS = 5;
/** What a scan may take to be noticed. */
const SCAN_MS = 2_000;
/** Others may take this share of the processors where the machine is said to do nothing else. */
const QUIET = 0.05;
/** A machine that is busy with others takes so much longer. */
const BUSY = 10;

let world: BrowserStack;
let page: Page;
let complaints: string[];

Deno.test.beforeAll(async () => {
  world = await startBrowserStack({ tickSeconds: 0, speed: 1 });
  await addFleet(world.stack);
  ({ page, complaints } = await world.newPage());
});
Deno.test.afterAll(() => world.close());

/** The stack and the browser outlive each test. */
function story(name: string, run: () => Promise<void>): void {
  Deno.test({ name, sanitizeOps: false, sanitizeResources: false, fn: run });
}

const rows = () => page.locator(".instance");
const tile = (state: string) => page.locator(`.tile[data-state="${state}"]`);
const search = (words: string) => page.locator("#search").fill(words);
const query = () => new URL(page.url()).hash;
const shows = async (count: number) => {
  await rows().nth(count - 1).waitFor();
  await rows().nth(count).waitFor({ state: "detached" });
};

/** Which field of a form has the focus. */
const focused = () => page.evaluate(`document.activeElement?.getAttribute("data-field")`);

/** Runs a scheduled function, as the scheduler would. */
async function run(name: string): Promise<void> {
  const response = await fetch(`${world.stack.url}/functions/v1/${name}`, {
    method: "POST",
    headers: { "x-cron-secret": world.stack.cronSecret },
  });
  assert.equal(response.status, 200, await response.text());
}

/** All that is asked for up to the numbers, each once; the icon comes when it comes. */
const ASKED = [
  "/",
  "/app.js",
  "/auth/v1/token",
  "/dev/info",
  "/rest/v1/rpc/fleet",
  "/styles.css",
];

/** A page of its own, which nothing is remembered for, until it shows numbers. */
async function firstSight() {
  const { page: fresh, complaints: said } = await world.newPage();
  const answers: { path: string; body: Promise<Uint8Array> }[] = [];
  fresh.on("response", (response) => {
    const body = response.body().catch(() => new Uint8Array());
    answers.push({ path: new URL(response.url()).pathname, body });
  });
  const usage = await watchMachine();
  const began = performance.now();
  await fresh.goto(world.stack.url);
  await fresh.locator(".instance").first().waitFor();
  const took = performance.now() - began;
  const used = await usage();
  const asked = answers.slice();
  const bodies = await Promise.all(asked.map(({ body }) => body));
  const infoBeforeScript = await fresh.evaluate(`(() => {
    const [script, info] = ["/app.js", "/dev/info"].map((path) =>
      performance.getEntriesByName(location.origin + path)[0]);
    return info.startTime < script.responseEnd;
  })()`);
  await fresh.context().close();
  assert.deepEqual(said, []);
  const paths = asked.map(({ path }) => path);
  return {
    took,
    used,
    paths,
    bytes: bodies.reduce((sum, body) => sum + body.byteLength, 0),
    infoBeforeScript,
  };
}

story("a thousand numbers are there at first sight, within a second", async () => {
  // Who serves the page has made it by now.
  await (await fetch(`${world.stack.url}/app.js`)).arrayBuffer();
  const sights = [];
  for (let times = 0; times < SIGHTS; times++) sights.push(await firstSight());
  for (const { paths, bytes, infoBeforeScript } of sights) {
    const before = paths.slice(0, paths.indexOf("/rest/v1/rpc/fleet") + 1);
    assert.deepEqual(before.filter((path) => path !== "/icon.svg").sort(), ASKED);
    assert.ok(bytes < 200 * 1024, `${bytes} bytes`);
    assert.equal(infoBeforeScript, true, "what comes first waits for the script");
  }
  for (const { took, used, paths, bytes } of sights) {
    console.log(
      `first useful sight of ${FLEET} numbers: ${took.toFixed(0)} ms, ${used?.oursMs} ms of ` +
        `processors, others took ${((used?.othersShare ?? 0) * 100).toFixed(0)} % of them; ` +
        `${paths.length} requests, ${(bytes / 1024).toFixed(0)} KiB`,
    );
  }
  // Where the machine was ours the target itself is held; elsewhere what others took is not the page's.
  const ours = sights.filter(({ used }) => (used?.othersShare ?? 0) <= QUIET);
  const [judged, limit] = ours.length > 0
    ? [ours, FIRST_SIGHT_MS] as const
    : [sights, FIRST_SIGHT_MS * BUSY] as const;
  const best = Math.min(...judged.map(({ took }) => took));
  assert.ok(best <= limit, `${best} ms`);
});

story("a page of the thousand is short, and all of it comes", async () => {
  await page.goto(world.stack.url);
  await shows(50);
  const height = await page.evaluate("document.documentElement.scrollHeight") as number;
  assert.ok(height < 8_000, `${height} pixels`);
});

story("the sum says how many need somebody, and those come first", async () => {
  for (const [state, amount] of Object.entries(SICK)) {
    assert.equal(await tile(state).locator("b").innerText(), String(amount), state);
  }
  assert.equal(await tile("all").locator("b").innerText(), "1,000");
  assert.equal(await tile("deaf").locator("b").innerText(), "3");
  const tones = await page.locator(".instance .state").evaluateAll((badges) =>
    badges.map((badge) => badge.getAttribute("data-tone")).join(" ")
  );
  assert.match(tones, /^(?:bad ){11}(?:ask ){10}(?:busy ){9}ok ok/);
  assert.deepEqual(await inspectView(page, "fleet"), []);
});

story("an open page does not storm the project", async () => {
  const asked: string[] = [];
  const note = (request: { url: () => string }) => asked.push(new URL(request.url()).pathname);
  page.on("request", note);
  for (let looks = 0; looks < 5; looks++) {
    await page.waitForResponse((response) => response.url().endsWith("/rpc/fleet_pulse"));
  }
  page.off("request", note);
  const rest = asked.filter((path) => !path.endsWith("/fleet_pulse") && path !== "/dev/info");
  assert.ok(rest.length <= 1, rest.join());
});

story("a change of one of them is seen, and the sum with it", async () => {
  const { stack } = world;
  const sent = performance.now();
  await bringBack(stack, "loja-0011");
  await tile("person").locator("b", { hasText: /^10$/ }).waitFor();
  const took = performance.now() - sent;
  console.log(`a change reached the page after ${took.toFixed(0)} ms, by polling`);
});

story("what is filtered and searched lives in the address", async () => {
  await tile("scan").click();
  await shows(SICK.scan);
  assert.equal(query(), "#/?state=scan");
  await tile("scan").click();
  await search("loja 045");
  await page.locator(".instance", { hasText: "Loja 0457" }).waitFor();
  await shows(10);
  assert.equal(query(), "#/?search=loja+045");
  await page.reload();
  await page.locator(".instance", { hasText: "Loja 0457" }).waitFor();
  assert.equal(await page.locator("#search").inputValue(), "loja 045");
  await search("no such shop");
  await page.locator(".empty").waitFor();
  assert.deepEqual(await inspectView(page, "nothing-found"), []);
  await page.locator(".empty a").click();
  await page.locator("#gateway").selectOption("wa2.example.com");
  await page.locator(".pager", { hasText: "1–50 of 500" }).waitFor();
  await page.locator('.pager [rel="next"]').click();
  await page.locator(".pager", { hasText: "51–100 of 500" }).waitFor();
  assert.equal(query(), "#/?gateway=wa2.example.com&page=2");
});

story("by keyboard alone one is found, and its repair is told in words", async () => {
  await page.locator(".pages a").first().focus();
  await page.keyboard.press("Enter");
  await tile("person").locator("b", { hasText: /^10$/ }).waitFor();
  await page.keyboard.press("/");
  await page.keyboard.type("loja 0014");
  await shows(1);
  // The gateway, the order, the number.
  for (let stops = 0; stops < 3; stops++) await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.locator('.moment[data-kind="needs_operator"]').waitFor();
  assert.match(query(), /^#\/numbers\/[0-9a-f-]{36}$/);
  const told = (await page.locator("#story").innerText()).replace(/\s+/g, " ");
  assert.match(told, /Connection Closed[^]*asked 3×[^]*Logout at Evolution[^]*A person must act/);
  assert.match(await page.locator(".advice").innerText(), /\w+/);
  await page.locator(".meaning summary").click();
  assert.match(await page.locator(".meaning p").innerText(), /^Nothing here can cure this/);
  assert.match(await page.locator(".times").innerText(), /24 h\s+99\.\d+ %/);
  assert.deepEqual(await inspectView(page, "sick-number"), []);
  await page.keyboard.press("Escape");
  await page.locator(".fleet").waitFor();
  assert.equal(query(), "#/");
});

story("gateways are shown with their versions and what is known of them", async () => {
  await page.locator(".pages a", { hasText: "Gateways" }).click();
  const other = page.locator(".gateway-card", { hasText: "wa2.example.com" });
  await other.waitFor();
  assert.match(await other.innerText(), /2\.3\.4[^]*a logout would do harm/);
  assert.deepEqual(await inspectView(page, "gateways"), []);
});

story("an alert channel is made, tried, paused and deleted on the page", async () => {
  const heard: unknown[] = [];
  const receiver = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (call) => {
      heard.push(await call.json());
      return new Response("ok");
    },
  );
  const secret = "a-secret-of-thirty-two-characters";
  const { url, userToken, auth, company: { organizationId } } = world.stack;
  const client = createEvolutionClient(invokeWithFetch({
    url,
    apiKey: auth.publishableKey,
    token: () => userToken,
  }));
  const channels = async () => (await client.listAlertChannels({ organizationId })).channels;
  const form = page.locator(".channel-form");
  const field = (name: string) => form.locator(`[data-field="${name}"]`);
  try {
    await page.locator(".pages a", { hasText: "Alerts" }).click();
    await page.locator(".add").focus();
    await page.keyboard.press("Enter");
    await field("kind").waitFor();
    assert.equal(await focused(), "kind");
    await field("kind").selectOption("webhook");
    // What is wrong is said beside its field, and the field is at hand.
    await form.locator(".save").click();
    for (
      const [name, wrong, right] of [
        ["name", "", "On call"],
        ["url", "ftp://127.0.0.1/", `http://127.0.0.1:${receiver.addr.port}/`],
        ["secret", "short", secret],
      ] as const
    ) {
      await field(name).fill(wrong);
      if (name === "url") await field("secret").fill(secret);
      await form.locator(".save").click();
      await form.locator(`[data-field="${name}"][aria-invalid="true"]`).waitFor();
      const told = await field(name).getAttribute("aria-describedby");
      assert.match(await page.locator(`[id="${told}"]`).innerText(), /^Not accepted\. \S/);
      assert.equal(await focused(), name);
      await field(name).fill(right);
      if (name === "name") assert.deepEqual(await inspectView(page, "channel-form"), []);
      if (name === "url") await field("secret").fill("");
    }
    // Chromium itself notes the one that the functions refused.
    assert.match(complaints.splice(0).join(), /^[^,]*status of 400[^,]*$/);
    await page.keyboard.press("Enter");
    const channel = page.locator(".channel", { hasText: "On call" });
    await channel.waitFor();
    assert.equal((await page.content()).includes(secret), false);

    await channel.locator(".test").click();
    await page.locator("#notice", { hasText: "The test goes out" }).waitFor();
    await run("send-alerts");
    await channel.locator('.outcome[data-tone="ok"]').waitFor();
    assert.partialDeepStrictEqual(heard, [{ type: "ghost_repair.alert_test" }]);

    // Changed: what is left empty stays, the secret too.
    await channel.locator(".edit").click();
    await field("name").fill("Night watch");
    assert.equal(await field("secret").inputValue() + await field("url").inputValue(), "");
    await form.locator('input[type="checkbox"]').nth(2).uncheck();
    await form.locator(".save").click();
    const renamed = page.locator(".channel", { hasText: "Night watch" });
    await renamed.waitFor();
    await renamed.locator(".pause").click();
    await page.locator("#notice", { hasText: "paused" }).waitFor();
    assert.partialDeepStrictEqual(await channels(), [
      { kind: "webhook", name: "Night watch", events: ["down", "qr"], enabled: false },
    ]);
    await renamed.locator(".pause", { hasText: "Resume" }).click();
    await page.locator("#notice", { hasText: "tells again" }).waitFor();

    // Beside them: whether this organization's numbers are asked whether they hear.
    const answered = page.waitForResponse((response) =>
      response.request().postData()?.includes("update_settings") === true
    );
    await page.locator(".hearing-switch input").check();
    await (await answered).finished();
    assert.deepEqual((await client.getSettings({ organizationId })).settings, { canaries: true });
    assert.deepEqual(await inspectView(page, "alerts"), []);

    await renamed.locator(".delete").click();
    await renamed.locator(".removal", { hasText: "Delete the channel “Night watch”?" }).waitFor();
    assert.deepEqual(await inspectView(page, "channel-removal"), []);
    await renamed.locator(".removal .plain").click();
    assert.equal((await channels()).length, 1);
    await renamed.locator(".delete").click();
    await renamed.locator(".really").click();
    await page.locator("#notice", { hasText: "was deleted" }).waitFor();
    await renamed.waitFor({ state: "detached" });
    assert.deepEqual(await channels(), []);
  } finally {
    await receiver.shutdown();
  }
});

story("the phone in the other hand shows the code, and notices the scan", async () => {
  const { stack } = world;
  const { instanceId, instanceName } = stack.company;
  stack.simulator!.control.removeDevice(instanceName);
  const { page: phone, complaints: said } = await world.newPage({
    viewport: { width: 390, height: 844 },
    locale: "pt-BR",
    hasTouch: true,
  });
  await phone.goto(`${stack.url}/#/numbers/${instanceId}/qr`);
  const code = phone.locator("#qr-image[src^='data:image/png']");
  await code.waitFor();
  const { width } = (await code.boundingBox())!;
  assert.ok(width > 280, `${width} pixels`);
  assert.match(await phone.locator(".steps").innerText(), /Aparelhos conectados/);
  assert.match(await phone.locator("#qr-time").innerText(), /^expira em 0:\d\d$/);
  assert.equal(await phone.evaluate("document.documentElement.scrollWidth"), 390);
  assert.deepEqual(await inspectView(phone, "qr-phone"), []);
  const began = performance.now();
  assert.equal(stack.simulator!.control.scan(instanceName).accepted, true);
  await phone.locator("#scanned").waitFor();
  const took = performance.now() - began;
  console.log(`the scan was noticed after ${took.toFixed(0)} ms`);
  assert.ok(took < SCAN_MS * BUSY, `${took} ms`);
  assert.deepEqual(await inspectView(phone, "scanned-phone"), []);
  assert.deepEqual(said, []);
  await phone.close();
});

story("nothing sticks out on a phone, in Portuguese neither", async () => {
  const { page: phone } = await world.newPage({
    viewport: { width: 360, height: 780 },
    locale: "pt-BR",
  });
  for (
    const [address, ready] of [["", ".fleet"], ["#/gateways", ".cards"], [
      "#/alerts",
      ".hearing-switch",
    ]]
  ) {
    await phone.goto(`${world.stack.url}/${address}`);
    await phone.locator(ready!).first().waitFor();
    assert.equal(await phone.evaluate("document.documentElement.scrollWidth"), 360, address);
  }
  await phone.locator(".add").click();
  await phone.locator(".channel-form").waitFor();
  assert.match(await phone.locator(".channel-form").innerText(), /Novo canal[^]*Fuso horário/);
  assert.equal(await phone.evaluate("document.documentElement.scrollWidth"), 360, "form");
  assert.deepEqual(await inspectView(phone, "channel-form-phone"), []);
  await phone.goto(`${world.stack.url}/#/`);
  await phone.locator(".fleet").waitFor();
  assert.match(await phone.locator(".sum").innerText(), /Precisam de alguém/);
  assert.deepEqual(await inspectView(phone, "fleet-phone"), []);
  await phone.close();
});

story("the browser has nothing to complain about", () => {
  assert.deepEqual(complaints, []);
  return Promise.resolve();
});
