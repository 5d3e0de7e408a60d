import assert from "node:assert/strict";
import { type Family, writeExposition } from "../../supabase/functions/metrics/exposition.ts";

const FAMILIES: Record<string, Family> = {
  sends_total: { type: "counter", help: "Ends of sends." },
  away_seconds: { type: "histogram", help: "A line\nand a \\." },
  numbers: { type: "gauge", help: "Numbers." },
};

Deno.test("samples stand by family, with their labels", () => {
  assert.equal(
    writeExposition(FAMILIES, [
      { name: "numbers", labels: {}, value: 0.5 },
      { name: "sends_total", labels: { end: "sent", reason: "none" }, value: 3 },
      { name: "unknown", labels: {}, value: 1 },
      { name: "sends_total", labels: { end: 'a "b"\n\\' }, value: 1 },
    ]),
    `# HELP sends_total Ends of sends.
# TYPE sends_total counter
sends_total{end="sent",reason="none"} 3
sends_total{end="a \\"b\\"\\n\\\\"} 1
# HELP away_seconds A line\\nand a \\\\.
# TYPE away_seconds histogram
# HELP numbers Numbers.
# TYPE numbers gauge
numbers 0.5
`,
  );
});

Deno.test("a histogram's buckets go up, whatever their order was, and its groups stay together", () => {
  const group = (waited: string) => [
    { name: "away_seconds_sum", labels: { waited }, value: 9 },
    { name: "away_seconds_bucket", labels: { waited, le: "+Inf" }, value: 2 },
    { name: "away_seconds_bucket", labels: { waited, le: "120" }, value: 1 },
    { name: "away_seconds_bucket", labels: { waited, le: "30" }, value: 0 },
    { name: "away_seconds_count", labels: { waited }, value: 2 },
  ];
  const [a, b] = [group("nobody"), group("scan")];
  const mixed = a.flatMap((sample, index) => [sample, b[index]!]);
  const lines = writeExposition(FAMILIES, mixed).split("\n").filter((line) =>
    line.startsWith("away_seconds")
  );
  const written = (waited: string) => [
    `away_seconds_bucket{waited="${waited}",le="30"} 0`,
    `away_seconds_bucket{waited="${waited}",le="120"} 1`,
    `away_seconds_bucket{waited="${waited}",le="+Inf"} 2`,
    `away_seconds_sum{waited="${waited}"} 9`,
    `away_seconds_count{waited="${waited}"} 2`,
  ];
  assert.deepEqual(lines, [...written("nobody"), ...written("scan")]);
});
