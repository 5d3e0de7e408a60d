/**
 * The command line of a task: what it may be told, a short usage, and one clear line where it was
 * told something else.
 *
 * @module
 */

import { parseArgs } from "node:util";

/** One option. */
interface Option {
  /** What it takes, as `<number>`; without it the option is a switch. */
  readonly takes?: string;
  /** The value unless told. */
  readonly default?: string;
  /** What it does, for the usage. */
  readonly about: string;
}

/** What was told, already known to be allowed. */
export interface Told {
  /** The value of an option that takes one; its default where it was not told. */
  value(name: string): string | undefined;
  /** Whether a switch was told. */
  on(name: string): boolean;
  /** What came without a name. */
  readonly words: readonly string[];
}

/** A task that people start as `deno task <name>`. */
export interface Command<T> {
  readonly task: string;
  readonly about: string;
  readonly options: Readonly<Record<string, Option>>;
  /** What may come without a name, as `[path …]`; nothing unless it is here. */
  readonly words?: string;
  /** What the usage says below the options. */
  readonly more?: string;
  /**
   * Turns what was told into what the task works with.
   *
   * @throws {UsageError} Where a value is not allowed.
   */
  readonly read: (told: Told) => T;
}

/** What was told is not allowed; the message says what is. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** What follows from a command line. */
type Reading<T> =
  | { readonly kind: "run"; readonly options: T }
  | { readonly kind: "help"; readonly usage: string }
  | { readonly kind: "wrong"; readonly sentence: string };

/** Reads a command line. Pure, as far as the command's own `read` is. */
export function judgeCommandLine<T>(args: readonly string[], command: Command<T>): Reading<T> {
  try {
    const told = parse(args, command);
    return told.on("help")
      ? { kind: "help", usage: usageOf(command) }
      : { kind: "run", options: command.read(told) };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return { kind: "wrong", sentence: `${command.task}: ${error.message}` };
  }
}

/** Reads the process's own command line; ends it with 0 after the usage, with 2 after a mistake. */
export function readCommandLine<T>(command: Command<T>, args: readonly string[] = Deno.args): T {
  const reading = judgeCommandLine(args, command);
  if (reading.kind === "run") return reading.options;
  if (reading.kind === "wrong") {
    console.error(reading.sentence);
    Deno.exit(2);
  }
  console.log(reading.usage);
  Deno.exit(0);
}

/**
 * A value that is a whole number.
 *
 * @throws {UsageError} Where it is none, or less than `least`.
 */
export function wholeNumber(name: string, text: string | undefined, least: number): number {
  const number = /^\d+$/.test(text ?? "") ? Number(text) : NaN;
  if (number >= least && Number.isSafeInteger(number)) return number;
  throw new UsageError(`--${name} takes a whole number, ${least} or more; it is "${text ?? ""}"`);
}

/**
 * A value that is one of some words, whatever its case.
 *
 * @throws {UsageError} Where it is none of them.
 */
export function oneOf<W extends string>(
  name: string,
  text: string | undefined,
  words: readonly W[],
): W {
  const word = words.find((known) => known.toLowerCase() === text?.toLowerCase());
  if (word !== undefined) return word;
  throw new UsageError(`--${name} takes one of ${words.join(", ")}; it is "${text ?? ""}"`);
}

/** Tokens, because Node's own errors say what is wrong in sentences only. */
function parse<T>(args: readonly string[], command: Command<T>): Told {
  const options = everyOption(command);
  const types = Object.entries(options).map(([name, { takes }]) => {
    const type = takes === undefined ? "boolean" as const : "string" as const;
    return [name, name === "help" ? { type, short: "h" } : { type }] as const;
  });
  const { tokens, positionals: words } = parseArgs({
    // `deno task <name> -- --option` hands the two dashes over.
    args: args.filter((arg) => arg !== "--"),
    options: Object.fromEntries(types),
    strict: false,
    tokens: true,
  });
  const told = new Map<string, string>();
  for (const token of tokens) {
    if (token.kind === "positional" && command.words === undefined) {
      // It may be a key whose option was forgotten.
      const shown = token.value.length > 8 ? `${token.value.slice(0, 8)}…` : token.value;
      throw new UsageError(`unexpected "${shown}"; allowed: ${allowed(command)}`);
    }
    if (token.kind !== "option") continue;
    const { name, rawName, value, inlineValue } = token;
    const option = Object.hasOwn(options, name) ? options[name] : undefined;
    if (option === undefined) {
      throw new UsageError(`unknown option ${rawName}; allowed: ${allowed(command)}`);
    }
    // What looks like the next option is one whose value was forgotten; `--name=-1` says it is not.
    const forgotten = value === undefined || (!inlineValue && /^-./.test(value));
    if (option.takes === undefined ? value !== undefined : forgotten) {
      throw new UsageError(`${rawName} takes ${option.takes ?? "no value"}`);
    }
    told.set(name, value ?? "");
  }
  return {
    on: (name) => told.has(name),
    value: (name) => told.get(name) ?? options[name]?.default,
    words,
  };
}

function everyOption<T>({ options }: Command<T>): Readonly<Record<string, Option>> {
  return { ...options, help: { about: "this" } };
}

function allowed<T>(command: Command<T>): string {
  const options = Object.entries(everyOption(command)).map(([name, each]) => signature(name, each));
  return [...options, ...(command.words === undefined ? [] : [command.words])].join(", ");
}

function usageOf<T>(command: Command<T>): string {
  const { task, about, words, more } = command;
  const lines = Object.entries(everyOption(command)).map(([name, option]) => ({
    left: signature(name, option),
    right: option.about + (option.default === undefined ? "" : ` (${option.default})`),
  }));
  const width = Math.max(...lines.map(({ left }) => left.length));
  return [
    ["usage: deno task", task, "[options]", ...(words ? [words] : [])].join(" "),
    about,
    "",
    ...lines.map(({ left, right }) => `  ${left.padEnd(width)}  ${right}`),
    ...(more === undefined ? [] : ["", more]),
  ].join("\n");
}

function signature(name: string, { takes }: Option): string {
  return takes === undefined ? `--${name}` : `--${name} ${takes}`;
}
