/**
 * A `fetch` that watches the sends to a gateway. What its caller gets is what `fetch` gave, when it
 * gave it: the answer, or the error. Only a copy of an error's body is read, and only so much.
 *
 * ```text
 * the answer says Connection Closed, in any of its forms ──▶ repair
 * any answer, after more than 45 s                        ──▶ repair: nothing healthy takes so long
 * the caller gave up, after 5 s or more                   ──▶ repair, where the socket is silent and
 *                                                              the gateway lives
 * anything else                                           ──▶ nothing
 * ```
 *
 * @module
 */

import { SLOW_SEND_MS } from "../supabase/functions/_shared/gateway/outcomes.ts";
import { readLimitedText } from "../supabase/functions/_shared/runtime/limited-body.ts";
import { type GatewaySend, readGatewaySend, readSentWords } from "./gateway-send.ts";
import type { Suspect } from "./repair-number.ts";

/** What watching needs of the world. */
interface WatchWorld {
  /** Makes the calls. */
  readonly fetch: typeof globalThis.fetch;
  /** Milliseconds that never go back. */
  readonly monotonicMs: () => number;
  /** Whether an error's body, as JSON, says that the socket is closed; see the gateway's client. */
  readonly isConnectionClosed: (body: unknown, words: readonly string[]) => Promise<boolean>;
  /** Called once at a time for each number; never throws. */
  readonly repair: (send: GatewaySend, suspect: Suspect) => Promise<void>;
  /** Keeps the invocation alive until the promise has settled. */
  readonly keepAlive: (work: Promise<void>) => void;
}

/** The gateway's errors are short. In bytes. */
const LARGEST_ERROR = 65_536;

/** Whoever gives up sooner learns nothing: a picture takes as long. In ms. */
const PATIENCE_MS = 5_000;

/** Makes the `fetch` that a project's files import in the place of the global one. */
export function watchSends(world: WatchWorld): typeof globalThis.fetch {
  const repairing = new Set<string>();

  const suspect = async (send: GatewaySend, why: Suspect): Promise<void> => {
    const number = JSON.stringify([send.apiUrl, send.instanceName]);
    // The claim would refuse the others, one call to the database each.
    if (repairing.has(number)) return;
    repairing.add(number);
    try {
      await world.repair(send, why);
    } finally {
      repairing.delete(number);
    }
  };

  return (input, init) => {
    const started = world.monotonicMs();
    const answered = world.fetch(input, init);
    const send = readGatewaySend(input, init);
    if (send === null) return answered;
    const elapsed = () => world.monotonicMs() - started;
    const { promise: ended, resolve: end } = Promise.withResolvers<Suspect | null>();
    // Nobody waits for it: what fails in it must not end the invocation.
    world.keepAlive(
      ended.then((why) => why === null ? undefined : suspect(send, why)).catch(() => {}),
    );
    return answered.then(
      (response) => {
        // Before the caller has it: a body can be copied only while nobody reads it.
        end(judgeAnswer(response, elapsed(), init?.body, world));
        return response;
      },
      (error) => {
        const gaveUp = isAborted(input, init) && elapsed() >= PATIENCE_MS;
        end(gaveUp ? "no_answer" : null);
        throw error;
      },
    );
  };
}

function isAborted(input: string | URL | Request, init?: RequestInit): boolean {
  return (init?.signal ?? (input instanceof Request ? input.signal : null))?.aborted === true;
}

function judgeAnswer(
  response: Response,
  ms: number,
  sent: unknown,
  world: WatchWorld,
): Suspect | null | Promise<Suspect | null> {
  if (ms > SLOW_SEND_MS) return "answered";
  if (response.ok || response.bodyUsed) return null;
  return saysConnectionClosed(response.clone(), sent, world).then((says) =>
    says ? "answered" : null
  );
}

/** Reads the copy to its end or to the limit, whatever the caller does with its own. Never throws. */
async function saysConnectionClosed(
  copy: Response,
  sent: unknown,
  { isConnectionClosed }: WatchWorld,
): Promise<boolean> {
  const received = { text: "" };
  try {
    const whole = await readLimitedText(copy.body, LARGEST_ERROR, received);
    return whole && await isConnectionClosed(JSON.parse(received.text), readSentWords(sent));
  } catch {
    return false;
  }
}
