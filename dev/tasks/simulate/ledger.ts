/**
 * What the functions asked of the gateway, who asked, and what the numbers were like when they did.
 *
 * @module
 */

import type { Worker } from "./invocations.ts";

/** One call that reached the gateway. */
export interface GatewayCall {
  readonly route: string;
  readonly instance: string;
  readonly by: Worker | null;
  /** When the function called, and when the gateway heard of it, in virtual ms. */
  readonly issuedAt: number;
  readonly arrivedAt: number;
}

/** Whether a person asked for what this does. */
export function isByPerson(by: Worker | null): boolean {
  return by === "disconnect" || by === "delete" || by === "reconnect" || by === "ask for QR";
}

/** `/instance/logout/name` → logout, name. */
export function readPath(url: string): { readonly route: string; readonly instance: string } {
  const { pathname, searchParams } = new URL(url);
  const [, , route = "", name] = pathname.split("/");
  return { route, instance: decodeURIComponent(name ?? searchParams.get("instanceName") ?? "") };
}

/** A sentence of the promises was broken. */
export class Violation extends Error {
  override readonly name = "Violation";
}
