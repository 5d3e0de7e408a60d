import assert from "node:assert/strict";
import {
  capabilitiesOf,
  isLogoutSafe,
  supportOf,
} from "../../../supabase/functions/_shared/gateway/capabilities.ts";
import { findGateway } from "../../../supabase/functions/_shared/gateway/versions.ts";
import { VirtualClock } from "../../../dev/world/virtual-clock.ts";
import { answering, silent } from "./fake-fetch.ts";

const isSafe = (version: string | null) => isLogoutSafe(capabilitiesOf(version));

Deno.test("a logout does harm on 2.3.1 to 2.3.6 and on 2.4 and newer, and nowhere else", () => {
  const unsafe = ["2.3.1", "2.3.2", "2.3.6", "v2.3.6", "2.4.0-rc1", "2.4.0-rc2", "2.4.0-rc.2"]
    .concat(["2.4.0", "2.4.0-rc20", "2.5.1", "12.3.4", "2.1.1"]);
  const safe = [null, "", "nightly", "2.2.3", "2.3.0", "2.3.7", "2.3.7-custom", "2.3.10", "2.3.61"];
  assert.deepEqual(unsafe.filter(isSafe), []);
  assert.deepEqual(safe.filter((version) => !isSafe(version)), []);
});

Deno.test("a newer version of a line is taken for the newest that is known of it, and says so", () => {
  for (
    const [version, like] of [
      ["2.2.9", "2.2.3"],
      ["2.3.8", "2.3.7"],
      ["2.4.0", "2.4.0-rc2"],
      ["2.4.3", "2.4.0-rc2"],
      ["3.0.0", "2.4.0-rc2"],
    ] as const
  ) {
    assert.deepEqual(capabilitiesOf(version), capabilitiesOf(like), version);
    assert.deepEqual([supportOf(version), supportOf(like)], ["assumed", "known"]);
  }
});

/** What follows from a version, as the table of the docs has it. */
const FOLLOWS = [
  ["2.2.3", "static", ["STATUS_INSTANCE"], null, true],
  ["2.3.0", "jwt", [], null, true],
  ["2.3.2", "jwt", [], "senderPn", true],
  ["2.3.4", "jwt", [], "remoteJidAlt", true],
  ["2.3.6", "jwt", [], "remoteJidAlt", true],
  ["2.3.7", "jwt", [], "remoteJidAlt", false],
  ["2.4.0-rc1", "jwt", [], "remoteJidAlt", true],
] as const;

Deno.test("a version signs, refuses, addresses and deletes as was measured or read", () => {
  for (const [version, ...expected] of FOLLOWS) {
    const can = capabilitiesOf(version);
    const facts = [can.signature, can.refusedEvents, can.lidSender, can.deletesZombies] as const;
    assert.deepEqual(facts.map(({ is }) => is), expected, version);
    const sources = new Set(Object.values(can).map(({ source }) => source));
    assert.equal(sources.has("measured"), /^2\.(?:2\.3|3\.[67]$)/.test(version), version);
  }
});

Deno.test("a gateway is what its root says; others are named, and silence says nothing", async () => {
  const clock = new VirtualClock();
  const find = async (status: number, text: string) => {
    const { fetch } = answering(status, text);
    const found = await clock.until(findGateway("http://gateway.test/base/", { fetch, clock }));
    const { kind } = found;
    return kind === "evolution" ? found.version : kind === "unusable" ? found.what : kind;
  };
  const root = Deno.readTextFileSync(
    new URL("../../fixtures/evolution-2.3.7/recordings/root.json", import.meta.url),
  );
  const { body } = JSON.parse(root).response;
  for (
    const [expected, status, text] of [
      ["2.3.7", 200, JSON.stringify(body)],
      ["Evolution API 2.1.2", 200, JSON.stringify({ ...body, version: "2.1.2" })],
      ["Evolution API 1.8.2", 200, JSON.stringify({ ...body, version: "1.8.2" })],
      ["Evolution Go", 200, '{"message":"Evolution GO is running"}'],
      ["WAHA", 200, "<html><title>WAHA - WhatsApp HTTP API</title>"],
      ["page", 200, "<!DOCTYPE html><html>2.3.6</html>"],
      ["silent", 200, ""],
      ["silent", 200, "{}"],
      ["silent", 200, '{"version":"2.3.6"}'],
      ["silent", 200, '{"status":200,"version":7}'],
      ["silent", 502, "<html>"],
      ["silent", 404, '{"message":"Cannot GET /"}'],
    ] as const
  ) assert.equal(await find(status, text), expected, text);
});

Deno.test("a gateway that does not say its version is waited for 3 seconds", async () => {
  const clock = new VirtualClock();
  const before = clock.now().getTime();
  const reading = findGateway("http://gateway.test", { fetch: silent().fetch, clock });
  assert.deepEqual(await clock.until(reading), { kind: "silent" });
  assert.equal(clock.now().getTime() - before, 3_000);
});
