/**
 * A stack in a hurry and a browser to look at it.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import axe from "axe-core";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { type CleanUp, createCleanUp } from "../../dev/process/clean-up.ts";
import { type Stack, startStack } from "../../dev/platform/start-stack.ts";

/** A minute is six seconds; faster, and a busy machine would miss the gateway's time limits. */
const SPEED = 10;
const TICK_SECONDS = 1;
/** How long the page may take to show something, in milliseconds. */
const PATIENCE_MS = 20_000;

const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

const SCREENSHOTS = new URL("../../screenshots/", import.meta.url);

/** A stack and a browser. */
export interface BrowserStack {
  readonly stack: Stack;
  /** A page of its own; what it complains about is collected. */
  newPage(options?: BrowserContextOptions): Promise<{ page: Page; complaints: string[] }>;
  close(): Promise<void>;
}

/** How the stack goes; in a hurry unless told. */
interface Going {
  /** 0: nothing happens by itself. */
  readonly tickSeconds: number;
  readonly speed: number;
}

/** Starts both. */
export async function startBrowserStack(
  going: Going = { tickSeconds: TICK_SECONDS, speed: SPEED },
): Promise<BrowserStack> {
  const cleanUp = createCleanUp();
  try {
    return await start(going, cleanUp);
  } catch (error) {
    await cleanUp.close();
    throw error;
  }
}

async function start(going: Going, cleanUp: CleanUp): Promise<BrowserStack> {
  const stack = await startStack({ port: 0, ...going }, cleanUp);
  const browser: Browser = await chromium.launch({
    executablePath: Deno.env.get("CHROMIUM") ?? "/usr/bin/chromium",
    args: ARGUMENTS,
  });
  cleanUp.add("browser", () => browser.close());
  await Deno.mkdir(SCREENSHOTS, { recursive: true });
  return {
    stack,
    newPage: async (options = {}) => {
      const context = await browser.newContext({
        locale: "en-US",
        viewport: { width: 1360, height: 900 },
        reducedMotion: "reduce",
        ...options,
      });
      context.setDefaultTimeout(PATIENCE_MS);
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on("pageerror", (error) => complaints.push(error.message));
      page.on("console", (message) => {
        if (message.type() === "error") complaints.push(message.text());
      });
      return { page, complaints };
    },
    close: () => cleanUp.close(),
  };
}

/**
 * Pictures and checks a view in both colour schemes.
 *
 * @param page What is looked at.
 * @param name The pictures' name: `screenshots/<name>-<scheme>.png`.
 * @returns What axe finds, as sentences.
 */
export async function inspectView(page: Page, name: string): Promise<string[]> {
  const findings: string[] = [];
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    const path = fileURLToPath(new URL(`${name}-${colorScheme}.png`, SCREENSHOTS));
    await page.screenshot({ path, fullPage: true });
    await page.evaluate(axe.source);
    const violations = await page.evaluate(RUN_AXE) as Violation[];
    for (const { id, impact, nodes } of violations) {
      findings.push(`${name} ${colorScheme}: ${impact} ${id}: ${nodes.join(" ")}`);
    }
  }
  return findings;
}

interface Violation {
  readonly id: string;
  readonly impact: string | null;
  readonly nodes: readonly string[];
}

const RUN_AXE = `axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) =>
  violations.map(({ id, impact, nodes }) =>
    ({ id, impact, nodes: nodes.map((node) => node.target.join(" ")) })))`;
