/**
 * How many messages a second are taken, sent through a gateway and written down.
 *
 * @module
 */

import type { Findings } from "../figures.ts";
import { alternate, percentile, time } from "../measure.ts";
import type { Stage } from "../stage.ts";
import { insertRow, send } from "./acknowledge.ts";

const GATEWAY_MS = 50;
const MESSAGES = 200;
const AT_ONCE = 20;
const ROUNDS = 3;

/** Measures with {@linkcode AT_ONCE} callers; the floor stores as many rows over HTTP. */
export async function measureThroughput(stage: Stage): Promise<Findings> {
  await stage.setGateway(GATEWAY_MS);
  const perSecond = (ms: number) => MESSAGES / (ms / 1000);
  const pair = await alternate(
    ROUNDS,
    async () => [perSecond(await time(() => crowd(() => insertRow(stage))))],
    async () => {
      const ended = stage.traffic.untilAnswered("finish_message", MESSAGES);
      return [
        perSecond(
          await time(async () => {
            await crowd(() => send(stage));
            await ended;
          }),
        ),
      ];
    },
  );
  return {
    figures: [{
      key: "sends_per_s",
      label: `messages sent through a gateway of ${GATEWAY_MS} ms`,
      value: percentile(pair.measured, 0.5),
      unit: "/s",
      floor: {
        key: "sends_floor_per_s",
        value: percentile(pair.floor, 0.5),
        what: "rows inserted by rpc",
      },
    }],
  };
}

/** {@linkcode MESSAGES} calls, {@linkcode AT_ONCE} callers that each make the next when one ended. */
async function crowd(call: () => Promise<unknown>): Promise<void> {
  let left = MESSAGES;
  const caller = async () => {
    while (left-- > 0) await call();
  };
  await Promise.all(Array.from({ length: AT_ONCE }, caller));
}
