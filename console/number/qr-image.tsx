/**
 * The code itself, and how long it can be scanned.
 *
 * @module
 */

import { useNow, useSignedIn } from "../parts/signed-in.ts";
import type { QrAnswer } from "../types.ts";
import { countdown } from "../words/format.ts";
import { qrAdvice } from "../words/reasons.ts";

/** The picture: white whatever the scheme, phones do not read it otherwise. */
export function QrImage({ answer }: { answer: QrAnswer | null }) {
  const { say } = useSignedIn();
  const base64 = answer?.qr?.base64 ?? null;
  return (
    <div class="qr-image">
      {base64 === null
        ? <span class="qr-none" aria-hidden="true" />
        : <img id="qr-image" width={264} height={264} alt={say("qrAlt")} src={asDataUrl(base64)} />}
    </div>
  );
}

/** Until when, or what is missing. */
export function QrTime({ answer, fault }: { answer: QrAnswer | null; fault: string | null }) {
  const { say, language, info } = useSignedIn();
  const now = useNow(1_000);
  let words: string;
  if (fault !== null) words = fault;
  else if (answer === null) words = say("qrFetching");
  else if (answer.qr === null) words = qrAdvice(answer.reason, language) ?? say("qrFetching");
  else {
    // A faster stack's seconds go by sooner.
    const left = (Date.parse(answer.qr.expiresAt) - now) / (info?.speed ?? 1);
    words = left > 0 ? say("qrExpires", { time: countdown(left) }) : say("qrExpired");
  }
  return <p id="qr-time" class="strong" role="timer">{words}</p>;
}

/** Gateways give a data URL or the bare base64 of a PNG. */
function asDataUrl(base64: string): string {
  return base64.startsWith("data:image/") ? base64 : `data:image/png;base64,${base64}`;
}
