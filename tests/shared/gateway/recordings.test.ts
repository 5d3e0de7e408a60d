import assert from "node:assert/strict";
import { isOwnError, isSuccess } from "../../../supabase/functions/_shared/gateway/answer.ts";
import type { Gateway } from "../../../supabase/functions/_shared/gateway/client.ts";
import { VirtualClock } from "../../../dev/world/virtual-clock.ts";
import { EVERY_CALL, runCall } from "./every-call.ts";
import { answering } from "./fake-fetch.ts";
import { EXPECTED, NOT_OURS } from "./recorded-outcomes.ts";
import { instanceIn, readRecordings, type Recording } from "../../support/recordings.ts";

const VERSIONS = ["evolution-2.3.7/recordings", "evolution-other/2.3.6", "evolution-other/2.2.3"];

/** Which of our calls a recorded request is. */
const CALLS: Readonly<Record<string, string>> = {
  "POST message/sendText": "sendText",
  "POST message/sendMedia": "sendMedia",
  "POST message/sendWhatsAppAudio": "sendAudio",
  "POST chat/fetchBusinessProfile": "probe",
  "DELETE instance/logout": "logout",
  "GET instance/fetchInstances": "registry",
  "GET instance/connectionState": "memory",
  "GET instance/connect": "connect",
  "POST instance/restart": "restart",
  "GET webhook/find": "webhook",
  "POST webhook/set": "setWebhook",
  "POST instance/create": "create",
  "DELETE instance/delete": "remove",
};

/** Said of an answer that is not the gateway's. */
const FOREIGN = /^(?:unreachable|gateway_unreachable|gateway_timeout|timeout)$/;

function callOf({ request }: Recording) {
  const endpoint = request.path.split("?")[0]!.split("/").slice(1, 3).join("/");
  return EVERY_CALL.find(({ name }) => name === CALLS[`${request.method} ${endpoint}`]);
}

/** What an answer tells of itself. */
interface Told {
  readonly instance?: { readonly instanceName?: string };
  readonly jid?: string;
  readonly url?: string;
}

/** The instance that a recording is about; of a list the one that most recordings are of. */
function instanceOf({ request, response }: Recording): string {
  const told = response.body as Told | readonly { readonly name: string }[] | null;
  const listed = told instanceof Array
    ? told.find(({ name }) => name === "c-open") ?? told[0]
    : { name: told?.instance?.instanceName };
  return instanceIn(request.path) ?? listed?.name ?? "c-open";
}

/** What our call makes of a recorded answer; null where it is to no call of ours. */
async function outcomeOf(recording: Recording) {
  const call = callOf(recording);
  if (call === undefined) return null;
  const { status, body, ms } = recording.response;
  const { jid = "5511910000002", url = "http://x/" } = (body ?? {}) as Told;
  const clock = new VirtualClock();
  const { fetch } = answering(status, JSON.stringify(body), { clock, ms });
  const run = call.name === "probe"
    ? (gateway: Gateway) => gateway.probe(jid)
    : call.name === "setWebhook"
    ? (gateway: Gateway) => gateway.setWebhook({ url, events: ["CONNECTION_UPDATE"] })
    : call.run;
  return await runCall(run, fetch, { clock, instanceName: instanceOf(recording) });
}

const recordings = readRecordings();

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
      const { status: httpStatus, ms } = recording.response;
      const outcome = (await outcomeOf(recording))!;
      assert.deepEqual(outcome, { ...outcome, ...expected, ms, httpStatus }, name);
    }
  });
}

for (const folder of VERSIONS) {
  Deno.test(`${folder}: every answer of the real gateway is taken for its own`, async () => {
    let calls = 0;
    for (const [name, recording] of readRecordings(folder)) {
      const { status, body } = recording.response;
      if (status >= 400) assert.ok(isOwnError(body), `${name}: ${status}`);
      const { outcome } = await outcomeOf(recording) ?? { outcome: null };
      if (outcome === null) continue;
      calls++;
      assert.ok(!FOREIGN.test(outcome), `${name}: ${outcome}`);
      if (isSuccess(status)) {
        assert.ok(!/^(?:gateway_error|invalid)$/.test(outcome), `${name}: ${outcome}`);
      }
    }
    assert.ok(calls > 80, `${calls}`);
  });
}

Deno.test("a send to a dead socket is Connection Closed in the words of every version", async () => {
  const DEAD = /^(?:ghost-[A-CH]\w*|GHOST)(?:-\w+)*?__send(?!Text-FALSE)/;
  const words = new Set<string>();
  for (const folder of VERSIONS) {
    for (const [name, recording] of readRecordings(folder)) {
      if (!DEAD.test(name) || recording.response.status < 400) continue;
      const outcome = (await outcomeOf(recording))?.outcome;
      if (JSON.stringify(recording.response.body).includes('"message":"Internal Server Error"')) {
        // No word of a socket: the ladder's probe finds out (`suspect_session`).
        assert.equal(outcome, "gateway_error", `${folder} ${name}`);
        continue;
      }
      assert.equal(outcome, "connection_closed", `${folder} ${name}`);
      words.add(JSON.stringify(recording.response.body));
    }
  }
  assert.ok(words.size >= 5, [...words].join("\n"));
});
