/**
 * What the ladder has to know of a webhook that the project's own function received: that one came, and
 * what a `connection.update` says.
 *
 * @module
 */

import * as z from "zod/mini";
import type { CallDatabase } from "./project-database.ts";

/** What reporting needs of the world. */
interface ReportWorld {
  /** Null: the environment names no project. */
  readonly database: CallDatabase | null;
  /** Milliseconds that never go back. */
  readonly monotonicMs: () => number;
  /** Told what failed: no name, number or key. */
  readonly log: (line: string) => void;
}

const webhook = z.object({
  event: z.string(),
  instance: z.string(),
  server_url: z.optional(z.unknown()),
  data: z.optional(z.unknown()),
});
const connection = z.object({ state: z.string() });

/** Of what says only that webhooks arrive, one in so long is enough. In ms. */
const EVERY_MS = 30_000;

/** Makes what reports a webhook's body, parsed; other bodies are none of its business. */
export function createReporter(world: ReportWorld): (body: unknown) => Promise<void> {
  const { database, monotonicMs, log } = world;
  const heard = new Map<string, number>();
  return async (body) => {
    const { data: received } = z.safeParse(webhook, body);
    if (received === undefined || database === null) return;
    const { event, instance, server_url: server } = received;
    const isConnection = /^connection[._]update$/i.test(event);
    const update = isConnection ? z.safeParse(connection, received.data).data : undefined;
    const gateway = typeof server === "string" ? server : "";
    if (update === undefined) {
      const last = heard.get(gateway);
      if (last !== undefined && monotonicMs() - last < EVERY_MS) return;
      heard.set(gateway, monotonicMs());
    }
    try {
      await database("ghost_repair_webhook", {
        p_instance_name: instance,
        p_server_url: gateway,
        p_state: update?.state ?? null,
      });
    } catch (error) {
      log(`ghost repair: a webhook was not reported (${(error as Error).name})`);
    }
  };
}
