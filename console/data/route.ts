/**
 * The page's address: what is shown is said after the `#`, so that any host of files serves it, and so
 * that it can be sent to somebody else. Pure.
 *
 * ```text
 * #/?state=person&search=loja&page=2      all numbers
 * #/numbers/<id>   #/numbers/<id>/qr      one number; its QR code alone
 * #/gateways       #/alerts
 * ```
 *
 * @module
 */

import type { FleetQuery } from "../types.ts";

/** What is shown. */
export type Route =
  | { page: "fleet"; query: FleetQuery }
  | { page: "number" | "qr"; id: string }
  | { page: "gateways" | "alerts" };

/** All numbers, nothing asked. */
export const EVERYTHING: FleetQuery = {
  search: "",
  state: null,
  organization: null,
  gateway: null,
  sort: "need",
  page: 0,
};

const STATES = ["well", "repair", "scan", "person", "off", "deaf"] as const;
const SORTS = ["need", "name", "silent", "uptime"] as const;

function oneOf<T extends string>(words: readonly T[], word: string | null): T | null {
  return words.find((each) => each === word) ?? null;
}

/** Reads an address; what it does not know is all numbers. */
export function readRoute(hash: string): Route {
  const [path = "", asked = ""] = hash.replace(/^#/, "").split("?");
  const [first, id, last] = path.split("/").filter(Boolean);
  if (first === "gateways" || first === "alerts") return { page: first };
  if (first === "numbers" && id) return { page: last === "qr" ? "qr" : "number", id };
  const told = new URLSearchParams(asked);
  const page = Number(told.get("page") ?? 1);
  const query = {
    search: told.get("search") ?? "",
    state: oneOf(STATES, told.get("state")),
    organization: told.get("organization") || null,
    gateway: told.get("gateway") || null,
    sort: oneOf(SORTS, told.get("sort")) ?? "need",
    page: Number.isInteger(page) && page > 0 ? page - 1 : 0,
  };
  return { page: "fleet", query };
}

/** Writes an address; what is as usual is left out. */
export function addressOf(route: Route): string {
  switch (route.page) {
    case "fleet": {
      const { search, state, organization, gateway, sort, page } = route.query;
      const told = new URLSearchParams();
      if (search) told.set("search", search);
      if (state) told.set("state", state);
      if (organization) told.set("organization", organization);
      if (gateway) told.set("gateway", gateway);
      if (sort !== "need") told.set("sort", sort);
      if (page > 0) told.set("page", String(page + 1));
      return told.size === 0 ? "#/" : `#/?${told}`;
    }
    case "number":
      return `#/numbers/${route.id}`;
    case "qr":
      return `#/numbers/${route.id}/qr`;
    default:
      return `#/${route.page}`;
  }
}
