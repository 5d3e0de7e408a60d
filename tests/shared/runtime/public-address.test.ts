import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type AddressEffects,
  checkPublicAddress,
  isPublic,
} from "../../../supabase/functions/_shared/runtime/public-address.ts";

const resolving = (...addresses: string[]): AddressEffects => ({
  resolve: () => Promise.resolve(addresses),
  allowPrivate: false,
});
const check = (url: string, effects = resolving("93.184.215.14")) =>
  checkPublicAddress(new URL(url), effects);

const PRIVATE = `
  127.0.0.1 127.1 2130706433 0x7f.0.0.1 10.1.2.3 172.16.0.1 192.168.1.1 169.254.169.254
  100.64.0.1 0.0.0.0 224.0.0.1 255.255.255.255
  [::1] [::] [fe80::1] [fd00::1] [::ffff:127.0.0.1] [::ffff:a9fe:a9fe] [64:ff9b::7f00:1]
`.trim().split(/\s+/);

for (const host of PRIVATE) {
  Deno.test(`${host} is a private address`, async () => {
    assert.equal(await check(`https://${host}/x`), "private_address");
  });
}

Deno.test("a name is judged by all its addresses", async () => {
  assert.equal(await check("https://cdn.example/x"), null);
  assert.equal(
    await check("https://cdn.example/x", resolving("93.184.215.14", "10.0.0.1")),
    "private_address",
  );
  assert.equal(await check("https://cdn.example/x", resolving("::1")), "private_address");
  assert.equal(await check("https://cdn.example/x", resolving()), "unresolved");
  const failing = { resolve: () => Promise.reject(new Error("NXDOMAIN")), allowPrivate: false };
  assert.equal(await check("https://cdn.example/x", failing), "unresolved");
});

Deno.test("http is refused, unless the local stack allows everything", async () => {
  assert.equal(await check("http://cdn.example/x"), "not_https");
  const local = { ...resolving(), allowPrivate: true };
  assert.equal(await check("http://127.0.0.1/x", local), null);
});

Deno.test("no address of the private ranges is ever public (seed 1)", () => {
  const byte = fc.integer({ min: 0, max: 255 });
  const hosts = fc.tuple(byte, byte, byte).chain(([b, c, d]) =>
    fc.constantFrom(
      ...[`10.${b}.${c}.${d}`, `127.${b}.${c}.${d}`, `192.168.${c}.${d}`, `169.254.${c}.${d}`],
      ...[`172.${16 + b % 16}.${c}.${d}`, `::ffff:10.${b}.${c}.${d}`],
    )
  );
  fc.assert(fc.property(hosts, (host) => !isPublic(host)), { seed: 1, numRuns: 1_000 });
});
