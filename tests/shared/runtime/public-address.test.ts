import assert from "node:assert/strict";
import fc from "fast-check";
import { BlockList } from "node:net";
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

/** Addresses of all kinds, most of them at the edge of a special range or inside one. */
const byte = fc.integer({ min: 0, max: 255 });
const group = fc.integer({ min: 0, max: 0xffff });
const ipv4 = fc.tuple(
  fc.oneof(byte, fc.constantFrom(9, 10, 11, 100, 127, 169, 172, 192, 198, 203, 223, 224, 240)),
  fc.oneof(byte, fc.constantFrom(0, 15, 16, 31, 32, 51, 52, 63, 64, 127, 128, 168, 175, 254)),
  fc.oneof(byte, fc.constantFrom(0, 2, 48, 99, 100, 113, 193, 196)),
  byte,
).map((bytes) => bytes.join("."));
const ipv6 = fc.tuple(
  fc.oneof(group, fc.constantFrom(0, 0x64, 0x1fff, 0x2000, 0x2001, 0x2002, 0x2620, 0x3ffe, 0x3fff)),
  fc.oneof(group, fc.constantFrom(0, 1, 0x4f, 0x1ff, 0x200, 0xdb8, 0xfff, 0x1000)),
  fc.oneof(group, fc.constantFrom(0, 0x8000)),
  group,
).map((groups) => `${groups.map((one) => one.toString(16)).join(":")}::1`);

/**
 * What is no public address: IANA's special-purpose registries (RFC 6890), multicast and the reserved
 * end of IPv4; of IPv6 all outside of 2000::/3.
 */
const SPECIAL = `
  0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24
  192.0.2.0/24 192.31.196.0/24 192.52.193.0/24 192.88.99.0/24 192.168.0.0/16 192.175.48.0/24
  198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4
  ::/3 4000::/2 8000::/1 2001::/23 2001:db8::/32 2002::/16 2620:4f:8000::/48 3fff::/20`;

const special = { ipv4: new BlockList(), ipv6: new BlockList() };
for (const range of SPECIAL.trim().split(/\s+/)) {
  const [start = "", bits] = range.split("/");
  const family = start.includes(":") ? "ipv6" : "ipv4";
  special[family].addSubnet(start, Number(bits), family);
}

Deno.test("what is public is what IANA's registries keep for nothing special (seed 1)", () => {
  const seen = { public: 0, special: 0 };
  const addresses = fc.oneof(ipv4, ipv6, ipv4.map((inside) => `::ffff:${inside}`));
  fc.assert(
    fc.property(addresses, (address) => {
      const inside = address.replace("::ffff:", "");
      const family = inside.includes(":") ? "ipv6" : "ipv4";
      const isSpecial = special[family].check(inside, family);
      seen[isSpecial ? "special" : "public"]++;
      assert.equal(isPublic(address), !isSpecial, address);
    }),
    { seed: 1, numRuns: 20_000 },
  );
  assert.ok(Math.min(seen.public, seen.special) > 2_000, JSON.stringify(seen));
});
