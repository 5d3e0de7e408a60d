/**
 * The kinds of ghost that the ladder is played against, and what the world outside does in each.
 *
 * @module
 */

import type { GhostOptions } from "../../evolution/session/ghosts.ts";
import { GHOST_KINDS, type GhostKind, GHOSTS } from "../../evolution/model/ghost-kinds.ts";

/** The policies, in the order of the table. */
export const POLICIES = ["logout-first", "keep-pairing"] as const;

/** One of {@linkcode POLICIES}. */
export type Policy = typeof POLICIES[number];

/** The kinds of the table. `flapping-440` is left out: no ladder climbs out of it. */
export type PlayedKind = Exclude<GhostKind, "flapping-440">;

/** All of {@linkcode PlayedKind}. */
export const PLAYED_KINDS = GHOST_KINDS.filter((kind): kind is PlayedKind =>
  kind !== "flapping-440"
);

/**
 * A kind of the tables; `440-two-gateways`: one that no restart of either process ends; `F6-for-long`:
 * WhatsApp routes nothing to the device after a login either.
 */
export type CaseKind = GhostKind | "440-two-gateways" | DeafCaseKind;

/** Numbers that live and hear nothing, played with a restart agent. */
const DEAF_KINDS = ["F2a", "F3", "F6", "F6-for-long"] as const;

/** One of those. */
export type DeafCaseKind = typeof DEAF_KINDS[number];

/** Whether a kind is one that hears nothing. */
export function isDeafKind(kind: CaseKind): kind is DeafCaseKind {
  return (DEAF_KINDS as readonly string[]).includes(kind);
}

/** What is played with a restart agent: what it cures, and what it must leave as it is. */
export const AGENT_KINDS: readonly CaseKind[] = [
  "A2",
  "H2",
  "C3",
  "flapping-440",
  "440-two-gateways",
  "A1",
  "H1",
  "B1",
  "B2",
  ...DEAF_KINDS,
];

/** How long WhatsApp stays away in the kinds where it is away, in minutes. */
export const WHATSAPP_AWAY_MINUTES = 5;

/** How long an operator takes, once told, in minutes. */
export const OPERATOR_TAKES_MINUTES = 3;

/** Variations: an A1 that the keep-alive does not end before the repair can. */
export const GHOST_OPTIONS: Readonly<Partial<Record<PlayedKind, GhostOptions>>> = {
  A1: { noticedAfterMs: 24 * 3_600_000 },
};

/** Whether WhatsApp is what is missing, and comes back. */
export function isWhatsAppAway(kind: GhostKind): boolean {
  return GHOSTS[kind].whatsAppAway ?? false;
}

/** Whether the session comes back by itself in a few minutes, so that the operator never acts. */
export function healsAlone(kind: GhostKind): boolean {
  return GHOSTS[kind].healsAlone ?? false;
}
