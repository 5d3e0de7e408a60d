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

for (
  const url of [
    "https://127.0.0.1/x",
    "https://127.1/x",
    "https://2130706433/x",
    "https://0x7f.0.0.1/x",
    "https://10.1.2.3/x",
    "https://172.16.0.1/x",
    "https://192.168.1.1/x",
    "https://169.254.169.254/latest/meta-data",
    "https://100.64.0.1/x",
    "https://0.0.0.0/x",
    "https://[::1]/x",
    "https://[::]/x",
    "https://[fe80::1]/x",
    "https://[fd00::1]/x",
    "https://[::ffff:127.0.0.1]/x",
    "https://[::ffff:a9fe:a9fe]/x",
    "https://[64:ff9b::7f00:1]/x",
    "https://224.0.0.1/x",
    "https://255.255.255.255/x",
  ]
) {
  Deno.test(`${url} is inside the house`, async () => {
    assert.equal(await check(url), "private_address");
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
  fc.assert(
    fc.property(byte, byte, byte, (b, c, d) => {
      assert.equal(isPublic(`10.${b}.${c}.${d}`), false);
      assert.equal(isPublic(`127.${b}.${c}.${d}`), false);
      assert.equal(isPublic(`192.168.${c}.${d}`), false);
      assert.equal(isPublic(`172.${16 + b % 16}.${c}.${d}`), false);
      assert.equal(isPublic(`169.254.${c}.${d}`), false);
      assert.equal(isPublic(`::ffff:10.${b}.${c}.${d}`), false);
    }),
    { seed: 1, numRuns: 200 },
  );
});
