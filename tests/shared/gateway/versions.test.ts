import assert from "node:assert/strict";
import { isLogoutSafe, readVersion } from "../../../supabase/functions/_shared/gateway/versions.ts";
import { VirtualClock } from "../../../dev/world/virtual-clock.ts";
import { answering, silent } from "./fake-fetch.ts";

Deno.test("a logout does harm on 2.3.1 to 2.3.6 and on 2.4.0's candidates, and nowhere else", () => {
  const unsafe = ["2.3.1", "2.3.2", "2.3.6", "v2.3.6", "2.4.0-rc1", "2.4.0-rc2", "2.4.0-rc.2"];
  const safe = [
    null,
    "",
    "2.2.3",
    "2.3.0",
    "2.3.7",
    "2.3.10",
    "2.3.61",
    "12.3.4",
    "2.4.0",
    "2.4.0-rc20",
  ];
  assert.deepEqual(unsafe.filter(isLogoutSafe), []);
  assert.deepEqual(safe.filter((version) => !isLogoutSafe(version)), []);
});

Deno.test("the version is what the gateway's root says, and a page says none", async () => {
  const read = (status: number, text: string) =>
    readVersion("http://gateway.test/base/", { fetch: answering(status, text).fetch, clock });
  const clock = new VirtualClock();
  const root = Deno.readTextFileSync(
    new URL("../../fixtures/evolution-2.3.7/recordings/root.json", import.meta.url),
  );
  const { body } = JSON.parse(root).response;
  assert.equal(await clock.until(read(200, JSON.stringify(body))), "2.3.7");
  for (
    const text of [
      "<html>2.3.6</html>",
      "",
      "{}",
      '{"version":"2.3.6"}',
      '{"status":200,"version":7}',
    ]
  ) {
    assert.equal(await clock.until(read(200, text)), null, text);
  }
  assert.equal(await clock.until(read(502, "<html>")), null);
});

Deno.test("a gateway that does not say its version is waited for 3 seconds", async () => {
  const clock = new VirtualClock();
  const before = clock.now().getTime();
  const reading = readVersion("http://gateway.test", { fetch: silent().fetch, clock });
  assert.equal(await clock.until(reading), null);
  assert.equal(clock.now().getTime() - before, 3_000);
});
