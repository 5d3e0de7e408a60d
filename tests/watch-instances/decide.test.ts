import assert from "node:assert/strict";
import type { RegistryOutcome } from "../../supabase/functions/_shared/gateway/outcomes.ts";
import type { Exchange } from "../../supabase/functions/_shared/gateway/exchange.ts";
import { isDoubted } from "../../supabase/functions/_shared/gateway/prove-life.ts";
import { classifyMemory, classifyProbe } from "../../supabase/functions/_shared/gateway/session.ts";
import {
  judgeProbe,
  needsMemory,
  readOwedLogout,
  readRegistry,
} from "../../supabase/functions/watch-instances/decide.ts";
import { readRecordings } from "../support/recordings.ts";

const measured = { ms: 5, httpStatus: 200 };

Deno.test("a look tells what the registry said and how long it took, and no number", () => {
  const open = {
    outcome: "open",
    ownNumber: "5511900000001",
  } as const;
  assert.deepEqual(readRegistry({ ...open, ...measured }), {
    outcome: "open",
    step: "registry",
    ...measured,
  });
  assert.deepEqual(readRegistry({ outcome: "timeout", ms: 8_000 }), {
    outcome: "timeout",
    step: "registry",
    ms: 8_000,
  });
});

Deno.test("of a logout its answer is told, and what the registry says after it", () => {
  assert.deepEqual(
    readOwedLogout({ outcome: "socket_dead", ms: 15, httpStatus: 500 }, {
      outcome: "unreachable",
      ms: 1,
    }),
    { logout: "socket_dead", registry: "unreachable", ms: 15, httpStatus: 500 },
  );
});

const OWN = "5511900000001";
const said = (httpStatus: number, body: unknown): Exchange => ({
  kind: "answered",
  ms: 20,
  httpStatus,
  body,
});
const error = (status: number, ...message: unknown[]) =>
  said(status, { status, error: "Error", response: { message } });
const NO_ANSWER: Exchange = { kind: "unanswered", ms: 8_000, why: "timeout" };
const NOT_REACHED: Exchange = { kind: "unanswered", ms: 3, why: "never_sent" };
const CUT: Exchange = { kind: "unanswered", ms: 40, why: "cut" };
const PAGE = (httpStatus: number): Exchange => ({
  kind: "unreadable",
  ms: 20,
  httpStatus,
  why: "not_json",
  start: "<html>",
});
const state = (name: string) => said(200, { instance: { instanceName: "x", state: name } });
const MISSING = said(200, { instance: { instanceName: "x" } });
const UNKNOWN = error(404, 'The "x" instance does not exist');
const closed = error(500, "Error updating profile name", "Error: Connection Closed");
const profile = (more: Record<string, unknown>) => said(200, { isBusiness: false, ...more });

const UNLICENSED = said(503, { error: "service not activated", code: "LICENSE_REQUIRED" });

/** What was asked, as the gateway answers it; the memory's answer where it is asked. */
const LOOKS: readonly (readonly [string, Exchange, Exchange | null, string])[] = [
  // Alive. Recorded on 2.3.7; a business account's answer has `wid`, read in its source.
  ["healthy", profile({ jid: `${OWN}@s.whatsapp.net`, exists: true }), state("open"), "alive"],
  [
    "a business account",
    profile({ isBusiness: true, wid: `${OWN}@s.whatsapp.net` }),
    state("open"),
    "alive",
  ],
  [
    "a number without a profile",
    profile({ jid: `${OWN}@s.whatsapp.net`, name: "" }),
    state("open"),
    "alive",
  ],
  [
    "healthy, and then the gateway is busy",
    profile({ jid: `${OWN}@s.whatsapp.net` }),
    NO_ANSWER,
    "alive",
  ],
  [
    "WhatsApp wants a pause",
    error(500, "Error updating profile name", "Error: rate-overlimit"),
    null,
    "limited",
  ],
  // Dead. A2, B2, D, H1 recorded; A1, B3 do not answer.
  ["A2, B2, D, H1", closed, null, "dead"],
  ["A1: the socket is silent", NO_ANSWER, state("open"), "dead"],
  ["B3: the login is not answered", NO_ANSWER, state("connecting"), "dead"],
  [
    "the query's own end, after 60 s",
    error(500, "Error updating profile name", "Error: Timed Out"),
    null,
    "dead",
  ],
  ["a proxy that waits less than we do", PAGE(504), state("open"), "dead"],
  [
    "C3: not in the process",
    error(500, "Cannot read properties of undefined (reading 'fetchBusinessProfile')"),
    MISSING,
    "dead",
  ],
  ["C3: unknown by name", UNKNOWN, UNKNOWN, "dead"],
  [
    "never connected",
    error(
      500,
      "Error updating profile name",
      "TypeError: Cannot read properties of undefined (reading 'getBusinessProfile')",
    ),
    state("close"),
    "dead",
  ],
  // The gateway itself.
  ["nothing answers", NO_ANSWER, NO_ANSWER, "silent"],
  ["not there", NOT_REACHED, NOT_REACHED, "silent"],
  ["a proxy speaks for it", PAGE(502), PAGE(502), "silent"],
  ["the key was changed", error(401, "Unauthorized"), null, "gateway_unauthorized"],
  ["the key was changed meanwhile", NO_ANSWER, error(401, "Unauthorized"), "gateway_unauthorized"],
  ["a parked domain", PAGE(200), PAGE(200), "gateway_error"],
  ["a licence gate", UNLICENSED, null, "gateway_unlicensed"],
  ["a licence that ran out meanwhile", NO_ANSWER, UNLICENSED, "gateway_unlicensed"],
  // What proves nothing.
  ["the connection broke", CUT, state("open"), "skipped"],
  ["a gateway that answers 200 for anything", said(200, {}), state("open"), "any_answer"],
  [
    "200 about somebody else",
    profile({ jid: "5511900000002@s.whatsapp.net" }),
    state("open"),
    "any_answer",
  ],
  [
    "a version without the endpoint",
    error(404, "Cannot POST /chat/fetchBusinessProfile/x"),
    state("open"),
    "no_endpoint",
  ],
  ["a firewall in front of this path", PAGE(403), state("open"), "probe_blocked"],
  ["words that nobody knows", error(400, "Error: not-authorized"), state("open"), "probe_refused"],
];

for (const [what, probed, remembered, verdict] of LOOKS) {
  Deno.test(`a probe's answer is ${verdict}: ${what}`, () => {
    const probe = classifyProbe(probed, OWN);
    assert.equal(needsMemory(probe), remembered !== null, probe.outcome);
    assert.equal(judgeProbe(probe, remembered && classifyMemory(remembered, "x")), verdict);
  });
}

Deno.test("without the own number nothing is asked, and nothing known", () => {
  assert.equal(needsMemory({ outcome: "no_number", ms: 0 }), false);
  assert.equal(judgeProbe({ outcome: "no_number", ms: 0 }, null), "no_number");
});

for (const version of ["2.2.3", "2.3.6"]) {
  const probed = (name: string) => {
    const { request, response } = readRecordings(`evolution-other/${version}`).get(name)!;
    const { number } = request.body as { number: string };
    return classifyProbe(said(response.status, response.body), number);
  };
  const registry = (outcome: RegistryOutcome["outcome"]) =>
    ({ outcome, ownNumber: null, ...measured }) as RegistryOutcome;

  Deno.test(`what ${version} answered about a session that lives is alive`, () => {
    const probe = probed("probe__open");
    assert.equal(judgeProbe(probe, { outcome: "open", ...measured }), "alive");
  });

  Deno.test(`a session of ${version} that waits for a scan answers, and is not alive`, () => {
    const probe = probed("probe__qr-waiting");
    for (const outcome of ["connecting", "close", "missing", "not_found"] as const) {
      const memory = { outcome, ...measured };
      assert.equal(isDoubted(probe, memory), true);
      for (const said of ["close", "connecting", "not_found"] as const) {
        assert.equal(judgeProbe(probe, memory, registry(said)), "dead");
      }
      // A memory that flickers, or a registry that says nothing, is no death.
      for (const said of ["open", "timeout", "unauthorized"] as const) {
        assert.equal(judgeProbe(probe, memory, registry(said)), "alive");
      }
    }
    assert.equal(isDoubted(probe, { outcome: "open", ...measured }), false);
  });
}

for (const name of ["connectionState__open", "connectionState__never-connected"]) {
  Deno.test(`a gateway lives where it answered so: ${name}`, () => {
    const { request, response } = readRecordings().get(name)!;
    const memory = classifyMemory(
      said(response.status, response.body),
      request.path.split("/").at(-1)!,
    );
    assert.equal(judgeProbe({ outcome: "timeout", ms: 8_000 }, memory), "dead");
  });
}
