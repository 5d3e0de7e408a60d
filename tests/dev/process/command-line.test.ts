import assert from "node:assert/strict";
import {
  type Command,
  judgeCommandLine,
  oneOf,
  wholeNumber,
} from "../../../dev/process/command-line.ts";

interface Options {
  readonly loud: boolean;
  readonly times: number;
  readonly colour: string;
  readonly paths: readonly string[];
}

const PAINT: Command<Options> = {
  task: "paint",
  about: "Paints.",
  options: {
    loud: { about: "says so" },
    times: { takes: "<number>", default: "1", about: "how often" },
    colour: { takes: "<colour>", default: "Red", about: "which" },
  },
  words: "[path …]",
  more: "Takes a while.",
  read: ({ on, value, words }) => ({
    loud: on("loud"),
    times: wholeNumber("times", value("times"), 1),
    colour: oneOf("colour", value("colour"), ["Red", "Blue"]),
    paths: words,
  }),
};

const told = (...args: string[]) => judgeCommandLine(args, PAINT);

Deno.test("options and words are read; what is not told has its default", () => {
  assert.deepEqual(told(), {
    kind: "run",
    options: { loud: false, times: 1, colour: "Red", paths: [] },
  });
  assert.deepEqual(told("a", "--loud", "--times", "3", "--colour=blue", "b"), {
    kind: "run",
    options: { loud: true, times: 3, colour: "Blue", paths: ["a", "b"] },
  });
  assert.deepEqual(told("--", "--loud"), told("--loud"));
});

const ALLOWED = "--loud, --times <number>, --colour <colour>, --help, [path …]";

const WRONG: readonly (readonly [args: readonly string[], sentence: string])[] = [
  [["--nonsense"], `paint: unknown option --nonsense; allowed: ${ALLOWED}`],
  [["--no-loud"], `paint: unknown option --no-loud; allowed: ${ALLOWED}`],
  [["--toString"], `paint: unknown option --toString; allowed: ${ALLOWED}`],
  [["--loud=1"], "paint: --loud takes no value"],
  [["--times"], "paint: --times takes <number>"],
  [["--times", "-1"], "paint: --times takes <number>"],
  [["--times="], 'paint: --times takes a whole number, 1 or more; it is ""'],
  [["--times", "0"], 'paint: --times takes a whole number, 1 or more; it is "0"'],
  [["--times", "1e3"], 'paint: --times takes a whole number, 1 or more; it is "1e3"'],
  [["--colour", "grey"], 'paint: --colour takes one of Red, Blue; it is "grey"'],
];

Deno.test("one line says what is wrong and what is allowed", () => {
  for (const [args, sentence] of WRONG) {
    assert.deepEqual(told(...args), { kind: "wrong", sentence });
  }
});

Deno.test("a word where none may be is refused, and not repeated whole: it may be a key", () => {
  const { words: _, ...wordless } = PAINT;
  assert.deepEqual(judgeCommandLine(["sb_secret_1234567890"], wordless), {
    kind: "wrong",
    sentence: 'paint: unexpected "sb_secre…"; allowed: --loud, --times <number>, ' +
      "--colour <colour>, --help",
  });
});

Deno.test("--help shows every option with its default, whatever else is told", () => {
  const usage = [
    "usage: deno task paint [options] [path …]",
    "Paints.",
    "",
    "  --loud             says so",
    "  --times <number>   how often (1)",
    "  --colour <colour>  which (Red)",
    "  --help             this",
    "",
    "Takes a while.",
  ].join("\n");
  assert.deepEqual(told("--help"), { kind: "help", usage });
  assert.deepEqual(told("--times", "x", "-h"), { kind: "help", usage });
});

Deno.test("an error that is no mistake of the person's goes on", () => {
  const broken = { ...PAINT, read: () => assert.fail("broken") };
  assert.throws(() => judgeCommandLine([], broken), /broken/);
});
