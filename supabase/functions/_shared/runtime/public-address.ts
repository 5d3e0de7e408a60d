/**
 * Addresses that a function may call on somebody's word: https, and no private address.
 *
 * @module
 */

import ipaddr from "ipaddr.js";

/** All of IPv6 that has been given to anybody (RFC 4291). */
const GLOBAL_UNICAST = ipaddr.IPv6.parse("2000::");

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
  if (ipaddr.isValid(host)) return isPublic(host) ? null : "private_address";
  const addresses = await effects.resolve(host).catch(() => []);
  if (addresses.length === 0) return "unresolved";
  return addresses.every(isPublic) ? null : "private_address";
}

/** Whether an IP address is public: in none of IANA's special ranges. IPv4 inside IPv6 is IPv4. */
export function isPublic(text: string): boolean {
  if (!ipaddr.isValid(text)) return false;
  const address = ipaddr.process(text);
  return address.range() === "unicast" &&
    (address.kind() === "ipv4" || address.match(GLOBAL_UNICAST, 3));
}
