/**
 * A share of time.
 *
 * @module
 */

import type { Tone } from "../types.ts";
import { percent } from "../words/format.ts";
import { useSession } from "./session.ts";

/** How good an uptime is. */
export function toneOfShare(share: number | null): Tone {
  if (share === null) return "quiet";
  return share >= 0.995 ? "ok" : share >= 0.95 ? "busy" : "bad";
}

/** An uptime; a dash where nothing is known. */
export function Percent({ share }: { share: number | null }) {
  const { say, language } = useSession();
  if (share === null) return <span>{say("noUptime")}</span>;
  return <span data-tone={toneOfShare(share)}>{percent(share, language)}</span>;
}
