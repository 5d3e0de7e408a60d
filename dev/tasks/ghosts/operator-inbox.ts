/**
 * An operator's hook that keeps what it gets. Nothing listens: it stands in the gateway's way.
 *
 * @module
 */

import type { WorldOptions } from "../../world/virtual-world.ts";

/** A call of the hook. */
interface HookCall {
  readonly headers: Headers;
  readonly body: string;
}

/** See {@linkcode createOperatorInbox}. */
export type OperatorInbox = ReturnType<typeof createOperatorInbox>;

/**
 * Makes an inbox.
 *
 * @param answer How the hook answers its nth call (from 1); 200 unless told.
 */
export function createOperatorInbox(
  answer: (nth: number) => Response | Promise<Response> = () => new Response("ok"),
) {
  const calls: HookCall[] = [];
  const aroundGateway: NonNullable<WorldOptions["aroundGateway"]> =
    (inner) => async (input, init) => {
      const request = new Request(input, init);
      if (new URL(request.url).hostname !== "operator.test") return await inner(request);
      const nth = calls.push({ headers: request.headers, body: await request.text() });
      return await answer(nth);
    };
  return {
    /** For {@linkcode WorldOptions.environment}. */
    hook: {
      url: "https://operator.test/hook",
      secret: "whsec_b3BlcmF0b3ItaG9vay1zZWNyZXQtMDAwMQ==",
    },
    /** For {@linkcode WorldOptions}: calls to the hook's host end here, all others go on. */
    aroundGateway,
    /** Every call so far. */
    calls: calls as readonly HookCall[],
  };
}
