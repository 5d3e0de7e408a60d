/**
 * Walking over a syntax tree of `oxc-parser` (ESTree), whatever its nodes are.
 *
 * @module
 */

/** A node. */
export interface AstNode {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** Whether a value is a node. */
export function isNode(value: unknown): value is AstNode {
  return typeof value === "object" && value !== null && "type" in value &&
    typeof value.type === "string";
}

/**
 * Calls `visit` with every node, parents first.
 *
 * @param visit Gets the node, its parent, and the parent's field. In a pattern (`{ fetch } = …`) the
 * field of what is declared is `binding`.
 */
export function walk(
  root: unknown,
  visit: (node: AstNode, parent: AstNode | null, key: string) => void,
): void {
  const step = (value: unknown, parent: AstNode | null, key: string, isPattern: boolean): void => {
    if (Array.isArray(value)) {
      for (const each of value) step(each, parent, key, isPattern);
      return;
    }
    if (!isNode(value)) return;
    const declares = isPattern || key === "id" || key === "params" || key === "param";
    const inPattern = declares && /^(?:Object|Array)Pattern$/.test(value.type) ||
      isPattern && /^(?:Property|RestElement|AssignmentPattern)$/.test(value.type);
    visit(value, parent, isPattern && value.type === "Identifier" ? "binding" : key);
    for (const [field, inner] of Object.entries(value)) {
      // Of `{ key: name = fallback }` the name is declared.
      const stays = inPattern && !["key", "right", "typeAnnotation"].includes(field);
      step(inner, value, field, stays);
    }
  };
  step(root, null, "", false);
}

/** The name of an identifier, or a literal's text; null of anything else. */
export function textOf(node: unknown): string | null {
  if (!isNode(node)) return null;
  if (node.type === "Identifier") return String(node["name"]);
  return node.type === "Literal" && typeof node["value"] === "string" ? node["value"] : null;
}

/** What is only compared or looked up is no value: `state === "open" ? "connected" : …`. */
const NO_VALUE: ReadonlySet<string> = new Set(["test", "key", "property"]);

/** Every text that an expression may come to; of a mapping all of them. */
export function textsIn(expression: unknown): readonly string[] {
  if (Array.isArray(expression)) return expression.flatMap(textsIn);
  if (!isNode(expression)) return [];
  if (expression.type === "Literal") {
    return typeof expression["value"] === "string" ? [expression["value"]] : [];
  }
  if (expression.type === "BinaryExpression") return [];
  return Object.entries(expression).flatMap(([field, inner]) =>
    NO_VALUE.has(field) ? [] : textsIn(inner)
  );
}
