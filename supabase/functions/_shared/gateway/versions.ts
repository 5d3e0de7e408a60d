/**
 * What answers at a gateway's address: which version of Evolution API, or something else.
 *
 * @module
 */

import * as z from "zod/mini";
import { isSuccess } from "./answer.ts";
import { type Capabilities, capabilitiesOf, supportOf } from "./capabilities.ts";
import { endpointUrl, type Exchange, exchange, type GatewayEffects } from "./exchange.ts";

/** How long a gateway may take to say its version, in ms. */
const LIMIT_MS = 3_000;

/**
 * What was found at an address:
 * - `evolution`: a version that can be used; `assumed`: not known, taken for the nearest older one;
 * - `unusable`: 2.1 or older, or another product; `what` names it, for a sentence;
 * - `page`: a web page, which may stand before a gateway that works;
 * - `silent`: nothing that says what it is.
 */
export type Found =
  | {
    readonly kind: "evolution";
    readonly version: string;
    readonly assumed: boolean;
    readonly capabilities: Capabilities;
  }
  | { readonly kind: "unusable"; readonly what: string }
  | { readonly kind: "page" }
  | { readonly kind: "silent" };

const root = z.object({
  status: z.number(),
  version: z.string().check(z.regex(/^[\w.+-]{1,40}$/)),
});

/** Others that people put behind the same settings, by a word of what they answer. */
const OTHERS = [["Evolution Go", /evolution[ -]?go\b/i], ["WAHA", /\bwaha\b/i]] as const;

/** Looks at what answers at an address (`GET /`, which needs no key). */
export async function findGateway(apiUrl: string, effects: GatewayEffects): Promise<Found> {
  return judgeRoot(
    await exchange({
      method: "GET",
      url: endpointUrl(apiUrl, ""),
      apiKey: "",
      limitMs: LIMIT_MS,
      bodyBytes: 10_000,
    }, effects),
  );
}

/** What the root's answer says of whoever gave it. */
function judgeRoot(answer: Exchange): Found {
  if (answer.kind === "unanswered") return { kind: "silent" };
  const isRead = answer.kind === "answered";
  const text = isRead ? JSON.stringify(answer.body) : answer.start;
  const other = OTHERS.find(([, word]) => word.test(text));
  if (other !== undefined) return { kind: "unusable", what: other[0] };
  if (!isSuccess(answer.httpStatus)) return { kind: "silent" };
  if (!isRead) {
    return { kind: /^\s*<(?:!doctype\s+)?html/i.test(text) ? "page" : "silent" };
  }
  const { data } = z.safeParse(root, answer.body);
  if (data === undefined) return { kind: "silent" };
  const { version } = data;
  const support = supportOf(version);
  if (support === "too_old") return { kind: "unusable", what: `Evolution API ${version}` };
  const capabilities = capabilitiesOf(version);
  return { kind: "evolution", version, assumed: support === "assumed", capabilities };
}
