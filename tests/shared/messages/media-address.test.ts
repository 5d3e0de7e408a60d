import assert from "node:assert/strict";
import { VirtualClock } from "../../../dev/world/virtual-clock.ts";
import { inspectMedia } from "../../../supabase/functions/_shared/messages/media-address.ts";

const FIRST = "https://cdn.example/a.jpg";
const MB = 1024 * 1024;

interface Hop {
  readonly to?: string;
  readonly status?: number;
  readonly bytes?: number;
}

/** Looks at {@linkcode FIRST}, where each address answers as told; "hang" never does. */
async function inspect(hops: Readonly<Record<string, Hop | "hang">>, allowPrivate = false) {
  const clock = new VirtualClock();
  const asked: string[] = [];
  const refusal = await clock.until(inspectMedia(FIRST, {
    clock,
    allowPrivate,
    resolve: (host) => Promise.resolve([host === "inside.example" ? "10.0.0.8" : "93.184.215.14"]),
    fetch: (input, init) => {
      assert.deepEqual([init?.method, init?.redirect], ["HEAD", "manual"]);
      asked.push(String(input));
      const hop = hops[String(input)] ?? {};
      if (hop === "hang") return new Promise(() => {});
      const status = hop.status ?? (hop.to === undefined ? 200 : 302);
      const headers = {
        ...(hop.to === undefined ? {} : { location: hop.to }),
        ...(hop.bytes === undefined ? {} : { "content-length": String(hop.bytes) }),
      };
      return Promise.resolve(new Response(null, { status, headers }));
    },
  }));
  return { refusal, asked: asked.length };
}

const chain = (length: number) =>
  Object.fromEntries(
    [FIRST, ...Array.from({ length }, (_, hop) => `https://cdn.example/${hop}`)]
      .map((from, hop) => [from, { to: `https://cdn.example/${hop}` }]).slice(0, length),
  );

for (
  const [what, hops, refusal, asked] of [
    ["a file", {}, null, 1],
    ["a file of 100 MB", { [FIRST]: { bytes: 100 * MB } }, null, 1],
    ["a larger file", { [FIRST]: { bytes: 100 * MB + 1 } }, "too_large", 1],
    ["an error as large as that", { [FIRST]: { bytes: 200 * MB, status: 404 } }, null, 1],
    [
      "a redirect into the house",
      { [FIRST]: { to: "https://inside.example/x" } },
      "private_address",
      1,
    ],
    [
      "a redirect to this machine",
      { [FIRST]: { to: "https://127.0.0.1/x" } },
      "private_address",
      1,
    ],
    ["a redirect to plain http", { [FIRST]: { to: "http://cdn.example/x" } }, "not_https", 1],
    ["three redirects", chain(3), null, 4],
    ["four redirects", chain(4), "too_many_redirects", 4],
    ["a server that does not answer us", { [FIRST]: "hang" }, null, 1],
  ] as readonly (readonly [string, Record<string, Hop | "hang">, string | null, number])[]
) {
  Deno.test(`media behind ${what}: ${refusal ?? "taken"}`, async () => {
    assert.deepEqual(await inspect(hops), { refusal, asked });
  });
}

Deno.test("on a local stack nothing is looked at", async () => {
  assert.deepEqual(await inspect({ [FIRST]: { bytes: 200 * MB } }, true), {
    refusal: null,
    asked: 0,
  });
});
