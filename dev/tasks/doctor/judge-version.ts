/**
 * What the version of a number's gateway means for the number.
 *
 * @module
 */

import {
  type Fact,
  isLogoutSafe,
} from "../../../supabase/functions/_shared/gateway/capabilities.ts";
import type { Found } from "../../../supabase/functions/_shared/gateway/versions.ts";
import type { Finding } from "./findings.ts";
import type { DatabaseReport } from "./report.ts";

type Instance = DatabaseReport["instances"][number];

/** The version whose behaviour was measured. */
const MEASURED = "2.3.7";

/** What the version means for the number; nothing where it is the measured one. */
export function judgeVersion(
  name: string,
  found: Exclude<Found, { kind: "silent" }>,
): readonly Finding[] {
  if (found.kind !== "evolution") {
    const what = found.kind === "page" ? "a web page" : found.what;
    return [{
      code: "gateway_unusable",
      what: `At the address of ${name}'s gateway answers ${what}, not an Evolution API of use.`,
      remedy: `Run Evolution API ${MEASURED} there, or correct the address.`,
    }];
  }
  const { version, assumed, capabilities } = found;
  if (version === MEASURED) return [];
  const { hearsAfterLogout, pairsAfterLogout, signature, deletesZombies, baileys } = capabilities;
  const means = [
    ...(assumed ? ["it is not known here, and taken for the nearest older version"] : []),
    ...(isLogoutSafe(capabilities) ? [] : [
      "a logout does harm: the number " +
      (hearsAfterLogout.is
        ? `cannot finish its next pairing by itself${sourceOf(pairsAfterLogout)}`
        : `hears nothing until the process restarts${sourceOf(hearsAfterLogout)}`) +
      "; no automatic logout is made there, the repair takes its other steps",
    ]),
    ...(signature.is === "jwt" ? [] : [
      "it cannot sign webhooks, and sends a jwt_key in clear: its webhooks carry a static token",
    ]),
    ...(deletesZombies.is
      ? [
        "a zombie can be deleted and made anew, with a new QR code, where allow_recreate is on" +
        sourceOf(deletesZombies),
      ]
      : []),
    ...(assumed || baileys.is === null
      ? ["which Baileys it runs cannot be asked for, and is not known"]
      : [`it was looked at with Baileys ${baileys.is}; which one runs cannot be asked for`]),
  ];
  return [{
    code: isLogoutSafe(capabilities) ? "gateway_version" : "logout_unsafe_here",
    what:
      `The gateway of ${name} is Evolution ${version}; the repair was measured on ${MEASURED}. ` +
      `There ${means.join("; ")}.`,
    remedy: `Run Evolution ${MEASURED}, or see docs/ghosts.md for what differs.`,
  }];
}

/** A number that was logged out where that makes deaf, is connected, and has heard nothing since. */
export function judgeHearing(
  { name, status, unheard_since_logout: since }: Instance,
  found: Found,
): readonly Finding[] {
  if (found.kind !== "evolution" || found.capabilities.hearsAfterLogout.is) return [];
  if (status !== "connected" || since === null || since === undefined) return [];
  return [{
    code: "maybe_deaf",
    what: `${name} was logged out at ${since}, and nothing came in since: on Evolution ` +
      `${found.version} it may send and hear nothing.`,
    remedy: "Restart the Evolution container: the pairing is kept, and it hears again.",
  }];
}

/** A number without a token at a gateway that cannot sign: what should sign goes out in clear. */
export function judgeSecret(
  { id, name, has_token: hasToken }: Instance,
  found: Found,
): readonly Finding[] {
  if (found.kind !== "evolution" || found.capabilities.signature.is === "jwt") return [];
  if (hasToken !== false) return [];
  return [{
    code: "webhook_secret_in_clear",
    what:
      `Evolution ${found.version} cannot sign: a jwt_key in the webhook of ${name} goes out in ` +
      "clear with every webhook, and none of them is accepted here.",
    remedy:
      `As an owner: the action update_webhook with instanceId ${id}. It gives the webhook a ` +
      "token of its own, and the number a new secret.",
  }];
}

function sourceOf({ source }: Fact<unknown>): string {
  return source === "measured" ? "" : ` (${source}, not measured)`;
}
