/**
 * What can go wrong with a fleet. Pure.
 *
 * @module
 */

import type { WhatsAppChange } from "../../../evolution/control/changes.ts";
import { type DeafKind, deafRules } from "../../../evolution/model/deaf-kinds.ts";
import { GHOSTS } from "../../../evolution/model/ghost-kinds.ts";
import type { GhostOptions } from "../../../evolution/session/ghosts.ts";
import type { PlayedKind } from "../../shared/kinds.ts";

const MINUTE = 60_000;

/** What answers in the place of a gateway. */
export type GatewayMood = "down" | "hangs" | "answers anything";

/** Something that goes wrong; it ends by itself after `forMs`, where it has one. */
export type Happening =
  & { readonly at: number }
  & (
    | {
      readonly kind: "death";
      readonly number: number;
      readonly ghost: PlayedKind;
      readonly options: GhostOptions;
      /** Until WhatsApp is back, in the kinds where it is away. */
      readonly forMs: number;
    }
    /** Its session lives on, and nothing comes in any more; what made it so ends after `forMs`. */
    | {
      readonly kind: "deafness";
      readonly number: number;
      readonly deafness: DeafKind;
      readonly forMs: number;
    }
    /** The socket breaks and comes back within a second. */
    | { readonly kind: "blip"; readonly number: number }
    /** WhatsApp answers `rate-overlimit` to whoever asks through this number. */
    | { readonly kind: "rate limit"; readonly number: number; readonly forMs: number }
    | {
      readonly kind: "gateway";
      readonly gateway: number;
      readonly mood: GatewayMood;
      readonly forMs: number;
    }
    | { readonly kind: "process restart"; readonly gateway: number; readonly forgets: number[] }
    /** Webhooks reach nobody: of one gateway, or (null) because our functions are away. */
    | { readonly kind: "webhooks away"; readonly gateway: number | null; readonly forMs: number }
    /** WhatsApp is away for everybody. */
    | { readonly kind: "whatsapp away"; readonly change: WhatsAppChange; readonly forMs: number }
  );

/** One line about what happens. */
export function describeHappening(happening: Happening): string {
  const lasts = "forMs" in happening && happening.forMs > 0
    ? ` for ${Math.round(happening.forMs / MINUTE)} min`
    : "";
  switch (happening.kind) {
    case "death":
      return `dies: ${happening.ghost}, ${GHOSTS[happening.ghost].title}${lasts}`;
    case "deafness":
      return `hears nothing: ${happening.deafness}, ${deafRules(happening.deafness).title}${lasts}`;
    case "blip":
      return "its socket breaks and comes back";
    case "rate limit":
      return `WhatsApp answers rate-overlimit${lasts}`;
    case "gateway":
      return `its gateway ${happening.mood === "down" ? "is down" : happening.mood}${lasts}`;
    case "process restart":
      return "its gateway's process restarts";
    case "webhooks away":
      return `webhooks ${happening.gateway === null ? "of everybody " : ""}reach nobody${lasts}`;
    case "whatsapp away":
      return `WhatsApp is away for everybody (${JSON.stringify(happening.change)})${lasts}`;
  }
}
