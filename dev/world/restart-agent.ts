/**
 * A restart agent beside a world's gateway: the real one's handler, its calls by way of a `fetch`, its
 * memory in the process, and the simulated gateway's process in the place of a container.
 *
 * @module
 */

import { Webhook } from "standardwebhooks";
import { createHandler } from "../../restart-agent/handler.ts";
import { keyOf, readSettings } from "../../restart-agent/settings.ts";
import { EVOLUTION_URL, type VirtualWorld, type WorldOptions } from "./virtual-world.ts";

const URL_OF_AGENT = "https://restart-agent.test/restart";
const SECRET = "whsec_cmVzdGFydC1hZ2VudC1zZWNyZXQtMDAwMQ==";

/** From the call to the new process; until it answers is the gateway's own time. In ms. */
const RESTART_TAKES_MS = 1_000;

/**
 * Makes one. Its `aroundGateway` is told to the world, and then the world to it.
 *
 * @param settings Of the agent, besides those that it cannot do without.
 */
export function createRestartAgent(settings: Readonly<Record<string, string>> = {}) {
  let world: VirtualWorld | undefined;
  let afterRestart = () => {};
  const restarts: number[] = [];
  const taken = new Set<string>();
  const logs: Readonly<Record<string, unknown>>[] = [];
  const handler = createHandler(
    readSettings({
      WEBHOOK_SECRET: SECRET,
      DOCKER_CONTAINER: "evolution",
      GATEWAY_URL: EVOLUTION_URL,
      ...settings,
    }),
    {
      history: {
        restarts: () => restarts,
        takeCall: (id) => Promise.resolve(!taken.has(id) && taken.add(id) !== undefined),
        addRestart: (at) => Promise.resolve(void restarts.push(at)),
      },
      restart: async () => {
        world!.gateway.control.restartProcess({ asMeasured: true });
        await world!.clock.sleep(RESTART_TAKES_MS);
        afterRestart();
        return "restarted";
      },
      now: () => world!.clock.now().getTime(),
      log: (line) => void logs.push(line),
    },
  );
  const aroundGateway: NonNullable<WorldOptions["aroundGateway"]> =
    (inner) => async (input, init) => {
      const request = new Request(input, init);
      return request.url === URL_OF_AGENT
        ? await handler(await atRealTime(request))
        : await inner(request);
    };
  return {
    /** For {@linkcode WorldOptions}: calls of the agent end here, all others go on. */
    aroundGateway,
    /** Puts it beside the world's gateway, and tells the project of it. */
    join: async (joined: VirtualWorld) => {
      world = joined;
      await joined
        .sql`select public.save_restart_agent(${EVOLUTION_URL}, ${URL_OF_AGENT}, ${SECRET})`;
    },
    /** What happens once the process is up again. */
    onRestart: (then: () => void) => void (afterRestart = then),
    /** When it restarted the process, in virtual epoch ms. */
    restarts: restarts as readonly number[],
    /** What it logged. */
    logs: logs as readonly Readonly<Record<string, unknown>>[],
  };
}

/**
 * The library compares a signature's time with the machine's clock, and the world's runs ahead: what
 * is rightly signed is signed anew.
 */
async function atRealTime(request: Request): Promise<Request> {
  const text = await request.text();
  const headers = new Headers(request.headers);
  const id = headers.get("webhook-id") ?? "";
  const at = new Date(Number(headers.get("webhook-timestamp")) * 1_000);
  const webhook = new Webhook(keyOf(SECRET), { format: "raw" });
  if (headers.get("webhook-signature")?.split(" ").includes(webhook.sign(id, at, text))) {
    const now = new Date();
    headers.set("webhook-timestamp", String(Math.floor(now.getTime() / 1_000)));
    headers.set("webhook-signature", webhook.sign(id, now, text));
  }
  return new Request(request.url, { method: request.method, headers, body: text });
}
