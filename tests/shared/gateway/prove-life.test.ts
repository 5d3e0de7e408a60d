import assert from "node:assert/strict";
import type {
  MemoryOutcome,
  ProbeOutcome,
  RegistryOutcome,
} from "../../../supabase/functions/_shared/gateway/outcomes.ts";
import { isDoubted, proveLife } from "../../../supabase/functions/_shared/gateway/prove-life.ts";

const measured = { ms: 5, httpStatus: 200 };
type Both = MemoryOutcome["outcome"] & RegistryOutcome["outcome"];
type Said = (MemoryOutcome | RegistryOutcome)["outcome"] | null;

/** A gateway that answers so, and what was asked of it. */
function gateway(probe: ProbeOutcome, memory: MemoryOutcome["outcome"], registry: Both) {
  const asked: string[] = [];
  const answer = <T>(call: string, outcome: unknown) => {
    asked.push(call);
    return Promise.resolve({ outcome, ...measured } as T);
  };
  return {
    asked,
    probe: (number: string) => (asked.push(`probe ${number}`), Promise.resolve(probe)),
    memory: () => answer<MemoryOutcome>("memory", memory),
    registry: () => answer<RegistryOutcome>("registry", registry),
  };
}

const alive: ProbeOutcome = { outcome: "alive", ...measured };

/** Alive, and WhatsApp's own limit. */
const limited: ProbeOutcome = { ...alive, limited: true };

const doubts: readonly (readonly [
  what: string,
  probe: ProbeOutcome,
  said: Said,
  doubted: boolean,
  other?: Said,
])[] = [
  ["nobody was asked", alive, null, false],
  ["one says open", alive, "open", false],
  ["one does not answer", alive, "timeout", false],
  ["one says close", alive, "close", true],
  ["one holds no session", alive, "missing", true],
  ["one says close, the other was not asked", alive, "close", false, null],
  ["one says close, the other open", alive, "close", false, "open"],
  ["one says close, the other does not answer", alive, "close", false, "timeout"],
  ["one waits for a scan, the other says close", alive, "connecting", true, "close"],
  ["neither knows it", alive, "missing", true, "not_found"],
  ["WhatsApp limits, and both say close", limited, "close", false, "close"],
  ["it was not answered", { outcome: "timeout", ms: 8_000 }, "close", false],
];

for (const [what, probe, said, doubted, other] of doubts) {
  const says = (outcome: Said) => outcome === null ? null : { outcome };
  Deno.test(`a probe is ${doubted ? "" : "not "}doubted: ${what}`, () => {
    const judged = other === undefined
      ? isDoubted(probe, says(said))
      : isDoubted(probe, says(said), says(other));
    assert.equal(judged, doubted);
  });
}

const cases: readonly (readonly [
  name: string,
  probe: ProbeOutcome,
  memory: MemoryOutcome["outcome"],
  registry: Both,
  outcome: ProbeOutcome["outcome"],
  asked: number,
])[] = [
  ["memory says open: alive", alive, "open", "close", "alive", 2],
  ["memory does not answer: alive", alive, "timeout", "close", "alive", 2],
  ["memory flickers, the registry says open: alive", alive, "close", "open", "alive", 3],
  ["the registry does not answer: alive", alive, "connecting", "timeout", "alive", 3],
  ["it waits for a scan", alive, "connecting", "connecting", "connection_closed", 3],
  ["it was logged out", alive, "close", "close", "connection_closed", 3],
  ["nobody holds it", alive, "missing", "not_found", "connection_closed", 3],
  ["WhatsApp's limit: alive", limited, "close", "close", "alive", 1],
  ["no answer", { outcome: "timeout", ms: 8_000 }, "open", "open", "timeout", 1],
];

for (const [name, probe, memory, registry, outcome, asked] of cases) {
  Deno.test(`an answered probe is asked about where it may be a scan's: ${name}`, async () => {
    const asking = gateway(probe, memory, registry);
    assert.equal((await proveLife(asking, "5511900000001")).outcome, outcome);
    assert.deepEqual(
      asking.asked,
      ["probe 5511900000001", "memory", "registry"].slice(0, asked),
    );
  });
}
