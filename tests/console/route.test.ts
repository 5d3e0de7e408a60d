import assert from "node:assert/strict";
import { addressOf, EVERYTHING, readRoute, type Route } from "../../console/data/route.ts";

Deno.test("every address is read as what wrote it", () => {
  const query = { ...EVERYTHING, search: "loja & filhos", state: "person", page: 2 } as const;
  const routes: readonly (readonly [Route, string])[] = [
    [{ page: "fleet", query: EVERYTHING }, "#/"],
    [{ page: "fleet", query }, "#/?search=loja+%26+filhos&state=person&page=3"],
    [
      { page: "fleet", query: { ...EVERYTHING, gateway: "wa.test:8080", sort: "uptime" } },
      "#/?gateway=wa.test%3A8080&sort=uptime",
    ],
    [{ page: "number", id: "7f1c" }, "#/numbers/7f1c"],
    [{ page: "qr", id: "7f1c" }, "#/numbers/7f1c/qr"],
    [{ page: "gateways" }, "#/gateways"],
    [{ page: "alerts" }, "#/alerts"],
  ];
  for (const [route, address] of routes) {
    assert.equal(addressOf(route), address);
    assert.deepEqual(readRoute(address), route);
  }
});

Deno.test("an address that makes no sense shows all numbers", () => {
  for (const hash of ["", "#", "#/nonsense", "#/?state=gone&sort=luck&page=-4", "#/numbers"]) {
    assert.deepEqual(readRoute(hash), { page: "fleet", query: EVERYTHING }, hash);
  }
});
