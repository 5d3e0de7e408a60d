import assert from "node:assert/strict";
import { isOwnError, isSuccess } from "../../../supabase/functions/_shared/gateway/answer.ts";
import { VirtualClock } from "../../../dev/world/virtual-clock.ts";
import { EVERY_CALL, runCall } from "./every-call.ts";
import { answering } from "./fake-fetch.ts";
import { instanceIn, readRecordings, type Recording } from "../../support/recordings.ts";

const VERSIONS = ["evolution-2.3.7/recordings", "evolution-other/2.3.6", "evolution-other/2.2.3"];

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

async function outcomeOf(recording: Recording): Promise<string | null> {
  const { request, response } = recording;
  const endpoint = request.path.split("?")[0]!.split("/").slice(1, 3).join("/");
  const call = EVERY_CALL.find(({ name }) => name === CALLS[`${request.method} ${endpoint}`]);
  if (call === undefined) return null;
  const told = response.body as
    | { instance?: { instanceName?: string } }
    | [{ name: string }]
    | null;
  const instanceName = instanceIn(request.path) ??
    (Array.isArray(told) ? told[0].name : told?.instance?.instanceName) ?? "c-open";
  const clock = new VirtualClock();
  const { fetch } = answering(response.status, JSON.stringify(response.body), { clock, ms: 1 });
  const run = call.name === "probe"
    ? (gateway: Parameters<typeof call.run>[0]) => gateway.probe(ownNumberIn(recording))
    : call.name === "setWebhook"
    ? (gateway: Parameters<typeof call.run>[0]) =>
      gateway.setWebhook({
        url: (response.body as { url?: string } | null)?.url ?? "http://x/",
        events: ["CONNECTION_UPDATE"],
      })
    : call.run;
  return (await runCall(run, fetch, { clock, instanceName })).outcome;
}

function ownNumberIn({ response }: Recording): string {
  const { jid } = (response.body ?? {}) as { jid?: unknown };
  return typeof jid === "string" ? jid : "5511910000002";
}

for (const folder of VERSIONS) {
  Deno.test(`${folder}: every answer of the real gateway is taken for its own`, async () => {
    let calls = 0;
    for (const [name, recording] of readRecordings(folder)) {
      const { status, body } = recording.response;
      if (status >= 400) assert.ok(isOwnError(body), `${name}: ${status}`);
      const outcome = await outcomeOf(recording);
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
      const outcome = await outcomeOf(recording);
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
