import assert from "node:assert/strict";
import { VirtualClock } from "../../../dev/world/virtual-clock.ts";
import { EVERY_CALL, runCall } from "./every-call.ts";
import { answering } from "./fake-fetch.ts";
import { EXPECTED, NOT_OURS } from "./recorded-outcomes.ts";
import { instanceIn, readRecordings, type Recording } from "../../support/recordings.ts";

const recordings = readRecordings();

/** Which of our calls a recorded request is. */
const CALLS: Readonly<Record<string, string>> = {
  "message/sendText": "sendText",
  "message/sendMedia": "sendMedia",
  "message/sendWhatsAppAudio": "sendAudio",
  "instance/logout": "logout",
  "instance/fetchInstances": "registry",
  "instance/connectionState": "memory",
  "instance/connect": "connect",
  "instance/restart": "restart",
  "webhook/find": "webhook",
  "webhook/set": "setWebhook",
  "instance/create": "create",
  "instance/delete": "remove",
};

function callOf({ request }: Recording) {
  const endpoint = request.path.split("?")[0]!.split("/").slice(1, 3).join("/");
  return EVERY_CALL.find(({ name }) => name === CALLS[endpoint]);
}

/** The client of the instance that the recording is about. */
function instanceOf({ request, response }: Recording): string {
  const created = response.body as { instance?: { instanceName?: string } } | null;
  return instanceIn(request.path) ?? created?.instance?.instanceName ?? "c-open";
}

Deno.test("every recorded call of an endpoint of ours is in one row, and no row is without one", () => {
  for (const [name, recording] of recordings) {
    const rows = EXPECTED.filter(([pattern]) => pattern.test(name));
    const ours = callOf(recording) !== undefined && !NOT_OURS.test(name);
    assert.equal(rows.length, ours ? 1 : 0, `${name}: in ${rows.length} rows`);
  }
  for (const [pattern] of EXPECTED) {
    assert.ok([...recordings.keys()].some((name) => pattern.test(name)), `unused: ${pattern}`);
  }
  assert.ok(recordings.size > 140);
});

for (const [pattern, expected] of EXPECTED) {
  Deno.test(`recorded ${pattern.source} is ${expected.outcome}`, async () => {
    for (const [name, recording] of recordings) {
      if (!pattern.test(name)) continue;
      const { status, body, ms } = recording.response;
      const clock = new VirtualClock();
      const { fetch } = answering(status, JSON.stringify(body), { clock, ms });
      const options = { clock, instanceName: instanceOf(recording) };
      const outcome = await runCall(callOf(recording)!.run, fetch, options);
      const seen = { ...outcome, ms: outcome.ms, httpStatus: outcome.httpStatus };
      const wanted = { ...seen, ...expected, ms, httpStatus: status };
      assert.deepEqual(seen, wanted, name);
    }
  });
}
