/**
 * Prometheus' text format, version 0.0.4
 * (https://prometheus.io/docs/instrumenting/exposition_formats/). Written here, because the library for
 * it needs modules of `node:`, whose first one costs a start as much as all that is ours.
 *
 * @module
 */

/** What a family of samples is. */
export interface Family {
  readonly type: "counter" | "gauge" | "histogram";
  /** One sentence for whoever reads the page. */
  readonly help: string;
}

/** One value; of a histogram `name` ends with `_bucket`, `_sum` or `_count`. */
interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What the text says that it is. */
export const CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/**
 * Writes samples by family, each family's together, a histogram's buckets in their order.
 *
 * @param families By name, in the order in which they are written; what belongs to none is left out.
 */
export function writeExposition(
  families: Readonly<Record<string, Family>>,
  samples: readonly Sample[],
): string {
  const byFamily = Map.groupBy(samples, ({ name }) => familyOf(families, name));
  return Object.entries(families).map(([name, { type, help }]) => {
    const own = byFamily.get(name) ?? [];
    const lines = (type === "histogram" ? inOrder(own) : own).map(writeSample);
    return [`# HELP ${name} ${escape(help)}`, `# TYPE ${name} ${type}`, ...lines, ""].join("\n");
  }).join("");
}

function familyOf(families: Readonly<Record<string, Family>>, name: string): string {
  const whole = name.replace(/_(?:bucket|sum|count)$/, "");
  return families[whole]?.type === "histogram" ? whole : name;
}

/** By their labels without `le`; in one histogram the buckets from the lowest, then sum and count. */
function inOrder(samples: readonly Sample[]): readonly Sample[] {
  const place = ({ name, labels: { le, ...rest } }: Sample) => ({
    group: writeLabels(rest),
    part: name.endsWith("_bucket") ? 0 : name.endsWith("_sum") ? 1 : 2,
    le: le === undefined ? 0 : le === "+Inf" ? Infinity : Number(le),
  });
  return samples.map((sample) => ({ sample, at: place(sample) }))
    .sort(({ at: a }, { at: b }) =>
      a.group.localeCompare(b.group) || a.part - b.part || (a.le < b.le ? -1 : a.le > b.le ? 1 : 0)
    )
    .map(({ sample }) => sample);
}

function writeSample({ name, labels, value }: Sample): string {
  const written = writeLabels(labels);
  return `${name}${written && `{${written}}`} ${value}`;
}

function writeLabels(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${escape(value).replaceAll('"', '\\"')}"`).join(",");
}

const escape = (text: string) => text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
