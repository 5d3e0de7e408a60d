/**
 * What PostgreSQL's parser gives for names, types and expressions, in plain words. Pure.
 *
 * @module
 */

import type { Node, RangeVar, TypeName } from "libpg-query";

/** The one that a statement names. */
export function find<T>(named: Map<string, T>, relation: RangeVar | undefined): T | undefined {
  return relation && named.get(fullName(relation));
}

/** `schema.name`. */
export const fullName = ({ schemaname, relname = "" }: RangeVar) =>
  qualified([schemaname ?? "", relname]);

/** The same, of the parts of a name. */
export function qualified(names: readonly string[]): string {
  return `${names.at(-2) || "public"}.${names.at(-1) ?? ""}`;
}

/** A type by the name that PostgreSQL has for it. */
export function nameOfType(type: TypeName | undefined): string {
  const names = strings(type?.names ?? []);
  const isArray = (type?.arrayBounds?.length ?? 0) > 0;
  const name = names.length === 1 || names[0] === "pg_catalog" ? names.at(-1)! : qualified(names);
  return isArray ? `${name}[]` : SERIAL[name] ?? name;
}

/** What a column of these really is. */
const SERIAL: Readonly<Record<string, string>> = {
  serial: "int4",
  serial4: "int4",
  bigserial: "int8",
  serial8: "int8",
  smallserial: "int2",
};

/** The texts of a list. */
export function strings(nodes: readonly Node[]): string[] {
  return nodes.flatMap((node) => "String" in node ? [node.String.sval ?? ""] : []);
}

/** Every text constant of an expression, in its order. */
export function constantsOf(expression: unknown): string[] {
  return collect(expression, (node) => {
    const constant = node["A_Const"] as { sval?: { sval?: string } } | undefined;
    return constant?.sval === undefined ? undefined : constant.sval.sval ?? "";
  });
}

/** Every column that an expression names. */
export function columnsOf(expression: unknown): string[] {
  return collect(expression, (node) => {
    const reference = node["ColumnRef"] as { fields?: Node[] } | undefined;
    return reference && strings(reference.fields ?? []).at(-1);
  });
}

function collect(
  value: unknown,
  pick: (node: Readonly<Record<string, unknown>>) => string | undefined,
): string[] {
  if (Array.isArray(value)) return value.flatMap((each) => collect(each, pick));
  if (typeof value !== "object" || value === null) return [];
  const picked = pick(value as Readonly<Record<string, unknown>>);
  return picked === undefined
    ? Object.values(value).flatMap((each) => collect(each, pick))
    : [picked];
}
