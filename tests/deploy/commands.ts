import assert from "node:assert/strict";
import { commandsOf, documentedBlocks } from "./support/documents.ts";
import { CLI, cliTest, supabase } from "./support/supabase-cli.ts";

/** `db push --remote` → command `db push`, options `--remote`. */
function parse(command: string): { readonly words: readonly string[]; readonly options: string[] } {
  const [, told = ""] = /^npx -y \S+ (.*)$/.exec(command) ?? [];
  const words = /^[a-z -]*[a-z](?= |$)/.exec(told.split(/ (?:--|[A-Z])/)[0]!)?.[0] ?? "";
  return {
    words: words.split(" "),
    options: [...told.matchAll(/(?<= )--[a-z-]+/g)].map(([option]) => option),
  };
}

const blocks = await documentedBlocks("sh");
const commands = new Set(
  blocks.flatMap(({ text }) => commandsOf(text)).filter((line) => line.startsWith(`npx -y ${CLI}`)),
);

await cliTest("the CLI knows every command and option that the guides name", async () => {
  assert.ok(commands.size >= 5, `${commands.size} commands`);
  await Promise.all([...commands].map(async (command) => {
    const { words, options } = parse(command);
    const { code, stdout, stderr } = await supabase([...words, "--help"]);
    assert.equal(code, 0, command);
    const help = stdout + stderr;
    assert.ok(help.includes(`supabase ${words.join(" ")}`), `${command}: ${help.slice(0, 300)}`);
    for (const option of options) assert.ok(help.includes(option), `${command}: no ${option}`);
  }));
});

await cliTest("a push goes to the linked project only where it is told to", async () => {
  const { stdout, stderr } = await supabase(["db", "push", "--help"]);
  assert.match(stdout + stderr, /Local by default/);
  const pushes = [...commands].filter((command) => command.includes(" db push"));
  assert.ok(pushes.length > 0);
  for (const command of pushes) assert.match(command, / --remote(?:=|$)/);
});
