/**
 * What a project's functions do with `fetch`, with the gateway and with their tables, file by file.
 * Pure: the files are parsed, and nothing is run.
 *
 * @module
 */

import { posix } from "node:path";
import { parseSync } from "oxc-parser";
import { collectWords, type Words } from "./words-of-tables.ts";
import { type AstNode, isNode, textOf, walk } from "./syntax.ts";

/** One file. */
export interface SourceFile {
  /** From the project's root. */
  readonly path: string;
  readonly text: string;
  /** False: the parser found mistakes, and the rest says little. */
  readonly isRead: boolean;
  /** Files that it imports, from the project's root. */
  readonly imports: readonly string[];
  /** Where a line after the last import begins; 0 where there is none. */
  readonly lastImportEnd: number;
  /** Whether it imports the `fetch` that watches. */
  readonly isWatched: boolean;
  /** Whether it declares or imports a `fetch` of its own. */
  readonly hasOwnFetch: boolean;
  /** Whether it uses the global `fetch` by its name. */
  readonly usesFetch: boolean;
  /** Other ways out that it uses: `axios`, `globalThis.fetch`, … */
  readonly otherClients: readonly string[];
  /** Whether it names the gateway's path of a send. */
  readonly namesSend: boolean;
  /** Whether it speaks of the gateway's key. */
  readonly namesKey: boolean;
  /** Whether it calls `fetch` with an address that it is given: a helper for any request. */
  readonly fetchesGiven: boolean;
  /** Properties that stand where a send's path has the instance's name. */
  readonly nameProperties: readonly string[];
  /** Names that are composed there: texts with the properties in braces, `shop-{id}`. */
  readonly nameTexts: readonly string[];
  readonly words: Words;
}

/** Where the module is in a project, below `supabase/functions`. */
export const MODULE = "supabase/functions/_shared/ghost-repair/fetch.ts";

/** What it loads once a send fails, beside it. */
export const REPAIR = "supabase/functions/_shared/ghost-repair/repair.ts";

/** The ladder's function, where it was asked for. */
export const LADDER = "supabase/functions/advance-ghost-repairs/index.ts";

const SEND = /(?:^|\/)message\/(?:send[A-Z]|$)/;
const GLOBALS: ReadonlySet<string> = new Set(["globalThis", "self", "window"]);
const CLIENTS = /^(?:npm:|https:\/\/\S*?\/)?(axios|ky|got|node-fetch|undici|ofetch|superagent)\b/;

/** Reads one file. */
export function readSourceFile(path: string, text: string): SourceFile {
  const { program, errors, module } = parseSync(path, text);
  const clients = new Set<string>();
  const nameProperties = new Set<string>();
  const nameTexts = new Set<string>();
  const declared = new Map<string, unknown>();
  const found = {
    ownFetch: false,
    usesFetch: false,
    namesSend: false,
    namesKey: false,
    fetchesGiven: false,
  };
  const imports: string[] = [];
  let isWatched = false;
  let lastImportEnd = 0;
  for (const { moduleRequest, entries, end } of module.staticImports) {
    lastImportEnd = Math.max(lastImportEnd, end);
    const { value } = moduleRequest;
    if (value.startsWith(".")) imports.push(posix.join(posix.dirname(path), value));
    const client = CLIENTS.exec(value)?.[1];
    if (client !== undefined) clients.add(client);
    if (!entries.some(({ localName }) => localName.value === "fetch")) continue;
    if (imports.at(-1) === MODULE && value.startsWith(".")) isWatched = true;
    else found.ownFetch = true;
  }

  const addresses: AstNode[] = [];
  walk(program, (node, parent, key) => {
    switch (node.type) {
      case "Identifier":
        if (node["name"] !== "fetch" || isName(parent, key)) break;
        if (isBinding(parent, key)) found.ownFetch = true;
        else found.usesFetch = true;
        break;
      case "CallExpression": {
        const [address] = node["arguments"] as AstNode[];
        if (textOf(node["callee"]) === "fetch" && address?.type === "Identifier") {
          found.fetchesGiven = true;
        }
        break;
      }
      case "MemberExpression": {
        const object = node["object"];
        const isGlobal = isNode(object) && GLOBALS.has(String(object["name"]));
        if (isGlobal && textOf(node["property"]) === "fetch") {
          clients.add(`${nameOf(object)}.fetch`);
        }
        break;
      }
      case "ImportExpression": {
        const client = CLIENTS.exec(textOf(node["source"]) ?? "")?.[1];
        if (client !== undefined) clients.add(client);
        break;
      }
      case "Literal":
        if (typeof node["value"] !== "string") break;
        if (SEND.test(node["value"])) found.namesSend = true;
        if (/^apikey$/i.test(node["value"])) found.namesKey = true;
        break;
      case "Property":
        if (/^apikey$/i.test(textOf(node["key"]) ?? "")) found.namesKey = true;
        break;
      case "TemplateLiteral":
        addresses.push(node);
        if (quasisOf(node).some((quasi) => SEND.test(quasi))) found.namesSend = true;
        break;
      case "BinaryExpression":
        if (parent?.type !== "BinaryExpression") addresses.push(node);
        break;
      case "VariableDeclarator":
        declared.set(textOf(node["id"]) ?? "", node["init"]);
        break;
    }
  });

  for (const address of addresses) {
    const [, name = ""] = /\/message\/[^/]+\/([^/?]+)/.exec(composedText(address, declared)) ?? [];
    const property = /^\{(\w+)\}$/.exec(name)?.[1];
    if (property !== undefined) nameProperties.add(property);
    else if (/\{\w+\}/.test(name) && !name.includes(UNKNOWN)) nameTexts.add(name);
  }

  return {
    path,
    text,
    isRead: errors.length === 0,
    imports,
    lastImportEnd,
    isWatched,
    hasOwnFetch: found.ownFetch,
    usesFetch: found.usesFetch,
    otherClients: [...clients],
    // Where the parser gave up, the text has to do.
    namesSend: found.namesSend || (errors.length > 0 && /\/message\/send[A-Z]/.test(text)),
    namesKey: found.namesKey,
    fetchesGiven: found.fetchesGiven,
    nameProperties: [...nameProperties],
    nameTexts: [...nameTexts],
    words: collectWords(program),
  };
}

const nameOf = (node: AstNode) => String(node["name"]);

/** `a.fetch`, `{ fetch: … }`, a method or a label of that name: not the function. */
function isName(parent: AstNode | null, key: string): boolean {
  if (parent?.type === "MemberExpression") return key === "property" && parent["computed"] !== true;
  if (parent?.type === "Property") return key === "key" && parent["shorthand"] !== true;
  return key === "key" || parent?.type.startsWith("TS") === true ||
    /^(?:Import|Export)/.test(parent?.type ?? "");
}

/** What declares a name: a variable, a function, a parameter, a part of a pattern. */
function isBinding(parent: AstNode | null, key: string): boolean {
  return key === "id" || key === "params" || key === "param" ||
    (parent?.type === "AssignmentPattern" && key === "left") || key === "binding";
}

const quasisOf = (template: AstNode) =>
  (template["quasis"] as { value: { cooked?: string | null } }[])
    .map(({ value }) => value.cooked ?? "");

/** In a text that is composed: a part that nobody can read. */
const UNKNOWN = "{}";

/** How deep an expression is read, the values of its variables included. */
const STEPS = 12;

/** What an expression comes to, its properties in braces: `` `shop-${row.id}` `` is `shop-{id}`. */
function composedText(
  node: unknown,
  declared: ReadonlyMap<string, unknown>,
  steps = STEPS,
): string {
  if (!isNode(node) || steps === 0) return UNKNOWN;
  const inner = (each: unknown) => composedText(each, declared, steps - 1);
  switch (node.type) {
    case "Literal":
      return String(node["value"]);
    case "TemplateLiteral": {
      const [first = "", ...texts] = quasisOf(node);
      const expressions = node["expressions"] as AstNode[];
      return first + texts.map((text, index) => inner(expressions[index]) + text).join("");
    }
    case "BinaryExpression":
      return node["operator"] === "+" ? inner(node["left"]) + inner(node["right"]) : UNKNOWN;
    case "Identifier":
      return inner(declared.get(nameOf(node)));
    case "CallExpression": {
      const callee = node["callee"];
      if (isNode(callee) && callee.type === "MemberExpression") {
        return /^(?:trim|toString)$/.test(textOf(callee["property"]) ?? "")
          ? inner(callee["object"])
          : UNKNOWN;
      }
      return /^(?:encodeURI(?:Component)?|String)$/.test(textOf(callee) ?? "")
        ? inner((node["arguments"] as AstNode[])[0])
        : UNKNOWN;
    }
    case "MemberExpression":
      return node["computed"] === true ? UNKNOWN : `{${textOf(node["property"]) ?? "?"}}`;
    default:
      return UNKNOWN;
  }
}
