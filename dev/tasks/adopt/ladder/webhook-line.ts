/**
 * The one line in a project's own webhook, by which the ladder knows of a session that is connecting.
 * Pure.
 *
 * @module
 */

import { posix } from "node:path";
import { parseSync } from "oxc-parser";
import { quoteOf } from "../import-line.ts";
import type { SourceFile } from "../project/read-functions.ts";
import { type AstNode, isNode, textOf, walk } from "../project/syntax.ts";
import { readCall } from "../project/words-of-tables.ts";

/** What it loads, in a project. */
export const WEBHOOK = "supabase/functions/_shared/ghost-repair/webhook.ts";

/** As its webhooks name it, and as its settings do. */
const EVENT = /^(?:connection\.update|CONNECTION_UPDATE)$/;
const REQUEST = /^req(?:uest)?$/i;
const LINE =
  /^[ \t]*void import\((["'])[^"'\n]*\/ghost-repair\/webhook\.ts\1\)\.then\(.*\);?\r?\n/gm;

/** The text with the line behind where it reads the webhook's body; null where that is not one place. */
export function addWebhookLine(file: SourceFile): string | null {
  const { path, text, isRead } = file;
  if (!isRead || !asksForEvent(file)) return null;
  if (text.search(LINE) >= 0) return text;
  const [place, ...more] = placesOf(file);
  if (place === undefined || more.length > 0) return null;
  const lineEnd = text.indexOf("\n", place.end);
  const rest = text.slice(place.end, lineEnd < 0 ? undefined : lineEnd);
  if (lineEnd < 0 || !/^\s*;?\s*(?:\/\/.*)?$/.test(rest)) return null;
  const indent = /[ \t]*$/.exec(text.slice(0, place.start))![0];
  const quote = quoteOf(text);
  const relative = posix.relative(posix.dirname(path), WEBHOOK);
  const specifier = relative.startsWith(".") ? relative : `./${relative}`;
  const newline = text.includes("\r\n") ? "\r\n" : "\n";
  const line = `${indent}${webhookLine(specifier, place.value, quote)}${newline}`;
  return `${text.slice(0, lineEnd + 1)}${line}${text.slice(lineEnd + 1)}`;
}

/** The line itself. */
export function webhookLine(specifier: string, value: string, quote = '"'): string {
  return `void import(${quote}${specifier}${quote}).then(({ report }) => report(${value}));`;
}

/** The text without it, to the byte as it was. */
export function removeWebhookLine(text: string): string {
  return text.replaceAll(LINE, "");
}

/** Whether it asks which event came; a list of events is what somebody else subscribes to. */
function asksForEvent({ path, text }: SourceFile): boolean {
  let asks = false;
  walk(parseSync(path, text).program, (node, parent) => {
    if (EVENT.test(textOf(node) ?? "") && parent?.type !== "ArrayExpression") asks = true;
  });
  return asks;
}

interface Place {
  /** Of the declaration. */
  readonly start: number;
  readonly end: number;
  /** What the body is called behind it. */
  readonly value: string;
}

function placesOf({ path, text }: SourceFile): readonly Place[] {
  const places: Place[] = [];
  const texts = new Set<string>();
  walk(parseSync(path, text).program, (node) => {
    const set = readSet(node);
    if (set === null) return;
    const [id, init] = set;
    if (readsRequest(init, "text")) texts.add(textOf(id) ?? "");
    const value = readsBody(init, texts) ? valueOf(id) : null;
    if (value === null) return;
    places.push({ start: Number(node["start"]), end: Number(node["end"]), value });
  });
  return places;
}

/** `const body = …;`, and `body = …;` of one that was declared before. */
function readSet(node: AstNode): readonly [name: unknown, value: unknown] | null {
  if (node.type === "VariableDeclaration") {
    const [declarator, ...more] = node["declarations"] as AstNode[];
    return declarator === undefined || more.length > 0
      ? null
      : [declarator["id"], declarator["init"]];
  }
  const inner = node.type === "ExpressionStatement" ? node["expression"] : null;
  return isNode(inner) && inner.type === "AssignmentExpression" && inner["operator"] === "="
    ? [inner["left"], inner["right"]]
    : null;
}

/** `await req.json()`, `JSON.parse(await req.text())`, `JSON.parse(text)`. */
function readsBody(node: unknown, texts: ReadonlySet<string>): boolean {
  const inner = unwrapped(node);
  if (readsRequest(inner, "json")) return true;
  const call = isNode(inner) ? readCall(inner) : null;
  if (call?.method !== "parse" || textOf(call.object) !== "JSON") return false;
  const [given] = call.arguments;
  return readsRequest(given, "text") || texts.has(textOf(given) ?? "-");
}

function readsRequest(node: unknown, method: string): boolean {
  const inner = unwrapped(node);
  const call = isNode(inner) ? readCall(inner) : null;
  if (call?.method !== method) return false;
  const { object } = call;
  const name = isNode(object) && object.type === "MemberExpression"
    ? textOf(object["property"])
    : textOf(object);
  return REQUEST.test(name ?? "");
}

/** Without `await` and without what is said of its type. */
function unwrapped(node: unknown): unknown {
  let at = node;
  while (isNode(at) && /^(?:AwaitExpression|Parenthesized|TS)/.test(at.type)) {
    at = at["argument"] ?? at["expression"];
  }
  return at;
}

/** `body`; of `{ event, data: { state } }` nothing, because the parts are not all of it. */
function valueOf(id: unknown): string | null {
  if (!isNode(id)) return null;
  if (id.type === "Identifier") return textOf(id);
  if (id.type !== "ObjectPattern") return null;
  const parts: string[] = [];
  for (const property of id["properties"] as AstNode[]) {
    const value = property["value"];
    const local = isNode(value) && value.type === "AssignmentPattern" ? value["left"] : value;
    const [key, name] = [textOf(property["key"]), textOf(local)];
    if (key === null || name === null) return null;
    parts.push(key === name ? key : `${key}: ${name}`);
  }
  return ["event", "instance", "data"].every((each) =>
      parts.some((part) => part.split(":")[0] === each)
    )
    ? `{ ${parts.join(", ")} }`
    : null;
}
