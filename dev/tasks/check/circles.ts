/**
 * Circles of imports, among files and among folders.
 *
 * Folders are compared with what stands beside them, at every level: all that is beneath a folder
 * counts as that folder, and a file beside it is a node of its own. So an index that imports its
 * subfolder, whose files import a leaf beside the index, is no circle; two folders that need each
 * other are one, also where the way leads through such a file.
 *
 * @module
 */

import type { Finding } from "./finding.ts";
import type { Module } from "./modules.ts";

/** From each node to those it needs. */
type Graph = ReadonlyMap<string, ReadonlySet<string>>;

function graphOf(edges: readonly (readonly [string, string])[]): Graph {
  const graph = new Map<string, Set<string>>();
  for (const [from, to] of edges) graph.set(from, (graph.get(from) ?? new Set()).add(to));
  return graph;
}

/** The shortest way from one node to another, both included; empty where there is none. */
function wayBetween(graph: Graph, from: string, to: string): readonly string[] {
  const ways = [[from]];
  const seen = new Set<string>();
  for (const way of ways) {
    for (const next of graph.get(way.at(-1) ?? from) ?? []) {
      if (next === to) return [...way, next];
      if (!seen.has(next)) ways.push([...way, next]);
      seen.add(next);
    }
  }
  return [];
}

/** The sets of nodes that all need each other. */
function knotsOf(graph: Graph): (readonly string[])[] {
  const knots: string[][] = [];
  const needs = (from: string, to: string) => wayBetween(graph, from, to).length > 0;
  for (const node of [...graph.keys()].sort()) {
    if (knots.flat().includes(node) || !needs(node, node)) continue;
    knots.push([...graph.keys()].sort().filter((each) => needs(node, each) && needs(each, node)));
  }
  return knots;
}

/** Where the ways to two files part: the two entries of the folder that holds both. */
function partingOf([from, to]: readonly [string, string]): [string, string] {
  const [a, b] = [from.split("/"), to.split("/")];
  const depth = a.findIndex((name, at) => name !== b[at]) + 1;
  return [a.slice(0, depth).join("/"), b.slice(0, depth).join("/")];
}

function describe(
  [first = "", ...others]: readonly string[],
  knot: readonly string[],
  why: string,
) {
  const size = knot.length > others.length ? ` (${knot.length} are tied together)` : "";
  return { path: first, sentence: `→ ${others.join(" → ")}${size}: ${why}` };
}

/** Every knot as one finding: the shortest circle of files in it, or a circle of two folders. */
export function findCircles(modules: readonly Module[]): Finding[] {
  const edges = modules.flatMap(({ path, imports }) =>
    imports.filter(({ byAddress }) => !byAddress).map(({ to }) => [path, to] as const)
  );
  const files = graphOf(edges);
  const ofFiles = knotsOf(files).map((knot) => {
    const [way = []] = knot.map((node) => wayBetween(files, node, node))
      .sort((a, b) => a.length - b.length);
    return describe(way, knot, "move what both need into a file of its own");
  });
  const between = edges.filter(([from, to]) => from !== to);
  const folders = graphOf(between.map(partingOf));
  const example = new Map(between.map((edge) => [partingOf(edge).join(), edge.join(" needs ")]));
  const isFile = new Set(modules.map(({ path }) => path));
  const ofFolders = knotsOf(folders).flatMap((knot) => {
    const [one, other] = knot.filter((node) => !isFile.has(node));
    if (!one || !other) return [];
    const way = [
      ...wayBetween(folders, one, other),
      ...wayBetween(folders, other, one).slice(1),
    ];
    const steps = way.slice(1).map((node, at) => example.get(`${way[at]},${node}`));
    return [describe(way, knot, `move what both need down (${steps.join("; ")})`)];
  });
  return [...ofFiles, ...ofFolders];
}
