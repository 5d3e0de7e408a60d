/**
 * A world whose functions are called as themselves, with no router before them: what the platform
 * would check is not checked, and every answer, log line and query can be looked at.
 *
 * @module
 */

import { createUserEffects } from "../../../supabase/functions/evolution-api/authenticator.ts";
import type { Clock } from "../../../supabase/functions/_shared/runtime/clock.ts";
import { FUNCTION_FACTORIES, type FunctionName } from "../../../dev/platform/function-handlers.ts";
import type { FunctionHandler } from "../../../dev/platform/functions.ts";
import {
  createVirtualWorld,
  CRON_SECRET,
  EVOLUTION_KEY,
  EVOLUTION_URL,
  SUPABASE_URL,
  type VirtualWorld,
  type WorldOptions,
} from "../../../dev/world/virtual-world.ts";
import { closeServerAfterAll, onGround, serverTest, testServer } from "../../support/server.ts";

closeServerAfterAll();

/** The secret that the scheduler showed before the rotation. */
export const OLD_CRON_SECRET = "cron-secret-of-last-month-0000";

/** The functions that a scheduler calls. */
export const CRON_FUNCTIONS = [
  "advance-ghost-repairs",
  "auto-reconnect-instances",
  "watch-instances",
  "recover-messages",
  "release-held-messages",
  "send-alerts",
] as const satisfies readonly FunctionName[];

/** A request to a function, without what never changes. */
interface Ask {
  readonly body?: BodyInit | null;
  readonly headers?: Readonly<Record<string, string>>;
  /** Behind the function's name. */
  readonly path?: string;
}

/** An answer, whole. */
interface Told {
  readonly status: number;
  readonly text: string;
  /** Status, headers and body as one text. */
  readonly whole: string;
}

/** The world and its functions. */
export interface BareWorld {
  readonly world: VirtualWorld;
  /** Every log line of these functions. */
  readonly logs: string[];
  /** Every query that they made. */
  readonly queries: { readonly fn: string; readonly status: number }[];
  /** Calls a function; time passes until it has answered. */
  ask(name: FunctionName, ask?: Ask): Promise<Told>;
  /** Calls a function; time stands still. */
  begin(name: FunctionName, ask?: Ask): Promise<Told>;
  /** Time passes until nothing works in the background. */
  settle(): Promise<void>;
}

/** What may be told of a bare world. */
interface BareWorldOptions extends Omit<WorldOptions, "aroundDatabase" | "aroundGateway"> {
  /** Stands between the functions and Supabase: database and auth. */
  readonly aroundSupabase?: (inner: typeof fetch) => typeof fetch;
  readonly aroundGateway?: (inner: typeof fetch) => typeof fetch;
  readonly operatorHook?: { readonly url: string; readonly secret: string };
  /** Stands between the gateway and the function that takes its webhooks. */
  readonly aroundWebhooks?: (inner: FunctionHandler) => FunctionHandler;
  /** The functions' own clock. */
  readonly functionsClock?: (clock: Clock) => Clock;
}

/** Builds one. Close its world in the end. */
export async function createBareWorld(options: BareWorldOptions = {}): Promise<BareWorld> {
  const { aroundSupabase, aroundGateway, aroundWebhooks, operatorHook, functionsClock, ...rest } =
    options;
  let supabase: typeof fetch = fetch;
  let gateway: typeof fetch = fetch;
  const late: { webhook?: FunctionHandler } = {};
  const world = await createVirtualWorld(await testServer(), {
    ...rest,
    simulator: {
      ...rest.simulator,
      // Webhooks reach the same functions as everybody else. Not tracked as a whole: one that hangs
      // has to run into its time limits.
      deliver: (request) => late.webhook!(request),
    },
    aroundDatabase: (inner) => supabase = inner,
    aroundGateway: (inner) => gateway = inner,
  });
  const logs: string[] = [];
  const queries: BareWorld["queries"] = [];
  const watched: typeof fetch = async (input, init) => {
    const response = await supabase(input, init);
    const fn = /\/rest\/v1\/rpc\/(\w+)/.exec(String(input instanceof Request ? input.url : input));
    if (fn) queries.push({ fn: fn[1]!, status: response.status });
    return response;
  };
  const backgrounds: (() => Promise<void>)[] = [];
  const made = Object.entries(FUNCTION_FACTORIES).map(([name, create]) => {
    const effects = createUserEffects({
      supabaseUrl: SUPABASE_URL,
      secretKey: world.auth.secretKey,
      publishableKey: world.auth.publishableKey,
      cronSecrets: [CRON_SECRET, OLD_CRON_SECRET],
      metricsTokens: [],
      allowPrivateAddresses: true,
      defaultGateway: { apiUrl: EVOLUTION_URL, apiKey: EVOLUTION_KEY },
      logLevel: options.logLevel ?? "info",
      ...(operatorHook === undefined ? {} : { operatorHook }),
    }, {
      clock: functionsClock?.(world.clock) ?? world.clock,
      supabaseFetch: aroundSupabase?.(watched) ?? watched,
      gatewayFetch: aroundGateway?.(gateway) ?? gateway,
      logSink: (line) => logs.push(line),
    });
    backgrounds.push(() => effects.background.settled());
    return [name, create(effects)] as const;
  });
  const handlers = Object.fromEntries(made) as Record<FunctionName, FunctionHandler>;
  const webhooks = handlers["evolution-webhook"];
  late.webhook = aroundWebhooks?.(webhooks) ?? webhooks;

  const begin = async (name: FunctionName, { body, headers, path }: Ask = {}): Promise<Told> => {
    const response = await handlers[name](
      new Request(`${SUPABASE_URL}/functions/v1/${name}${path ?? ""}`, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: body ?? "{}",
      }),
    );
    const text = await response.text();
    const head = [...response.headers].map(([key, value]) => `${key}: ${value}`).join("\n");
    return { status: response.status, text, whole: `${response.status}\n${head}\n\n${text}` };
  };
  return {
    world,
    logs,
    queries,
    begin,
    ask: (name, ask) => world.clock.until(begin(name, ask)),
    settle: () =>
      world.clock.until((async () => {
        for (const settled of backgrounds) await settled();
      })()),
  };
}

/** Registers a test that gets a fresh bare world, which is taken down whatever happens. */
export function bareTest(
  name: string,
  run: (bare: BareWorld) => Promise<void>,
  options: BareWorldOptions = {},
): void {
  serverTest(name, async () => {
    const live = async (bare: BareWorld) => {
      try {
        await run(bare);
      } finally {
        await bare.world.close();
      }
    };
    // supabase-js remembers a project's keys as long as the process lives: where the way to the auth
    // server is broken they must be new ones.
    await (options.aroundSupabase === undefined
      ? onGround(async (ground) => live(await createBareWorld({ ...options, ground })))
      : createBareWorld(options).then(live));
  });
}

/** The actions of `evolution-api`, as it names them itself. */
export async function knownActions(bare: BareWorld): Promise<readonly string[]> {
  const told = await bare.ask("evolution-api", {
    body: JSON.stringify({ action: "?" }),
    headers: { authorization: `Bearer ${bare.world.userToken}`, "accept-language": "en" },
  });
  const { error } = JSON.parse(told.text) as { error: string };
  return error.slice(error.indexOf("action: ") + "action: ".length).split(" | ");
}
