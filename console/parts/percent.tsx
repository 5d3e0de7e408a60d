/**
 * A share of time.
 *
 * @module
 */

import type { Tone } from "../types.ts";
import { percent } from "../words/format.ts";
import { useSignedIn } from "./signed-in.ts";

/** How good an uptime is. */
export function toneOfShare(share: number | null): Tone {
  if (share === null) return "quiet";
  return share >= 0.995 ? "ok" : share >= 0.95 ? "busy" : "bad";
}

/** How far back an uptime goes: the names of its parts, and the words for them. */
export const UPTIME_SPANS = ["day", "week", "month"] as const;

/** An uptime; a dash where nothing is known. */
export function Percent({ share }: { share: number | null }) {
  const { say, language } = useSignedIn();
  if (share === null) return <span>{say("noUptime")}</span>;
  return <span data-tone={toneOfShare(share)}>{percent(share, language)}</span>;
}
