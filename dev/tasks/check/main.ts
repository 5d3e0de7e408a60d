/**
 * The gate: format, lint, types and documentation, each as Deno itself judges it.
 *
 * @module
 */

interface Step {
  readonly name: string;
  readonly args: readonly string[];
}

/** What more than one function, or another project, builds on: its documentation is complete. */
const DOCUMENTED = [
  "supabase/functions/_shared/gateway",
  "supabase/functions/_shared/runtime/clock.ts",
  "supabase/functions/_shared/runtime/limited-body.ts",
  "supabase/functions/_shared/http/language.ts",
  "supabase/functions/evolution-api/connection-closed.ts",
  "supabase/functions/_shared/messages/judge-send.ts",
];

/** Walked, not asked of git, which is silent in an unpacked archive and in another user's clone. */
function typescriptFiles(...places: string[]): string[] {
  return places.flatMap((place) => {
    if (Deno.statSync(place).isFile) return place.endsWith(".ts") ? [place] : [];
    return typescriptFiles(...[...Deno.readDirSync(place)].map(({ name }) => `${place}/${name}`));
  });
}

function steps(): Step[] {
  const all = typescriptFiles("supabase", "client", "dev", "tests");
  const documented = typescriptFiles(...DOCUMENTED).filter((path) => !path.endsWith("/index.ts"));
  return [
    { name: "fmt", args: ["fmt", "--check"] },
    { name: "lint", args: ["lint", "--quiet"] },
    { name: "types", args: ["check", "--quiet", ...all] },
    // Its own lib: the page runs in browsers.
    { name: "page types", args: ["check", "--quiet", "console/app.js"] },
    { name: "docs", args: ["doc", "--lint", "--quiet", ...documented] },
  ];
}

/**
 * Runs every step, says of each whether it passed, and shows the output of those that did not.
 *
 * @returns How many passed and failed.
 */
export async function check(): Promise<{ passed: number; failed: number }> {
  const count = { passed: 0, failed: 0 };
  for (const { name, args } of steps()) {
    const started = performance.now();
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [...args],
    }).output();
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.log(`check ${name} ... ${success ? "ok" : "FAILED"} (${seconds} s)`);
    if (!success) console.log(new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr));
    count[success ? "passed" : "failed"]++;
  }
  return count;
}

if (import.meta.main) {
  const { failed } = await check();
  Deno.exit(failed === 0 ? 0 : 1);
}
