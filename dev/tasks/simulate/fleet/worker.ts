/**
 * Plays a share of a fleet in a thread of its own.
 *
 * @module
 */

/// <reference lib="webworker" />

import { attachPostgres } from "../../../platform/database/postgres.ts";
import { createCleanUp } from "../../../process/clean-up.ts";
import type { FleetPlan } from "./plan.ts";
import { type FleetReport, playFleet } from "./run.ts";

/** What the thread is asked. */
export interface FleetRequest {
  readonly adminUrl: string;
  readonly plan: FleetPlan;
}

/** What it answers: every virtual hour, and in the end. */
export type FleetAnswer =
  | {
    readonly kind: "hour";
    readonly hour: number;
    readonly deaths: number;
    readonly violations: number;
  }
  | { readonly kind: "report"; readonly report: FleetReport }
  | { readonly kind: "broken"; readonly error: string };

if (typeof WorkerGlobalScope !== "undefined") {
  const answer = (it: FleetAnswer) => self.postMessage(it);
  self.onmessage = async ({ data: { adminUrl, plan } }: MessageEvent<FleetRequest>) => {
    const cleanUp = createCleanUp();
    try {
      const server = attachPostgres(adminUrl);
      cleanUp.add("server", () => server.stop());
      const report = await playFleet(server, plan, cleanUp, {
        onHour: (hour, soFar) => answer({ kind: "hour", hour, ...soFar }),
      });
      await cleanUp.close();
      answer({ kind: "report", report });
    } catch (error) {
      await cleanUp.close().catch(() => {});
      answer({ kind: "broken", error: error instanceof Error ? `${error.stack}` : `${error}` });
    }
  };
}
