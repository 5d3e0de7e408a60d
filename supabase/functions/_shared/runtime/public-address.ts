/**
 * Addresses that a function may call on somebody's word: https, and no private address.
 *
 * @module
 */

import { BlockList, isIP } from "node:net";

/**
 * What is no public address of IPv4: IANA's special-purpose registry (RFC 6890), multicast (RFC 5771)
 * and the reserved end. `node:net` judges IPv4 inside IPv6 by the same list.
 */
const SPECIAL_IPV4 = `
  0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24
  192.0.2.0/24 192.31.196.0/24 192.52.193.0/24 192.88.99.0/24 192.168.0.0/16 192.175.48.0/24
  198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4`;

/** Global unicast of IPv6 (RFC 4291), and what IANA keeps of it for special purposes. */
const UNICAST_IPV6 = "2000::/3";
const SPECIAL_IPV6 = "2001::/23 2001:db8::/32 2002::/16 2620:4f:8000::/48 3fff::/20";

const special = listOf(`${SPECIAL_IPV4} ${SPECIAL_IPV6}`);
const unicast = listOf(UNICAST_IPV6);
const mapped = listOf("::ffff:0:0/96");

/** Why an address is refused. */
export type AddressRefusal = "not_https" | "private_address" | "unresolved";

/** What {@linkcode checkPublicAddress} needs. */
export interface AddressEffects {
  /** A name's IP addresses. May throw where it has none. */
  readonly resolve: (hostname: string) => Promise<readonly string[]>;
  /** Local stacks only: http, and private addresses. */
  readonly allowPrivate: boolean;
}

/**
 * Whether a URL may be called: https, and neither a literal nor a resolved address that is private,
 * loopback, link-local (where clouds keep their metadata), or otherwise not public.
 *
 * @returns Null where it may be called.
 */
export async function checkPublicAddress(
  url: URL,
  effects: AddressEffects,
): Promise<AddressRefusal | null> {
  if (effects.allowPrivate) return null;
  if (url.protocol !== "https:") return "not_https";
  const host = url.hostname.replace(/^\[|\]$/g, "");
  if (isIP(host) !== 0) return isPublic(host) ? null : "private_address";
  const addresses = await effects.resolve(host).catch(() => []);
  if (addresses.length === 0) return "unresolved";
  return addresses.every(isPublic) ? null : "private_address";
}

/** Whether an IP address is public. IPv4 inside IPv6 is judged as IPv4. */
export function isPublic(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !special.check(address, "ipv4");
    case 6:
      return (unicast.check(address, "ipv6") || mapped.check(address, "ipv6")) &&
        !special.check(address, "ipv6");
    default:
      return false;
  }
}

function listOf(subnets: string): BlockList {
  const list = new BlockList();
  for (const subnet of subnets.trim().split(/\s+/)) {
    const [address = "", bits] = subnet.split("/");
    list.addSubnet(address, Number(bits), isIP(address) === 4 ? "ipv4" : "ipv6");
  }
  return list;
}

/** Asks the system's resolver for both kinds of address. */
export async function resolveAddresses(hostname: string): Promise<readonly string[]> {
  const found = await Promise.allSettled([
    Deno.resolveDns(hostname, "A"),
    Deno.resolveDns(hostname, "AAAA"),
  ]);
  return found.flatMap((result) => result.status === "fulfilled" ? result.value : []);
}
