/**
 * Keeps the code to scan fresh. The gateway makes a new one every 20 to 45 seconds, and an old one
 * scans badly: so it is asked for every two seconds, and the answer comes from the database.
 *
 * @module
 */

import { useEffect, useState } from "preact/hooks";
import { useSignedIn } from "../parts/signed-in.ts";
import type { QrAnswer } from "../types.ts";

const QR_MS = 2_000;
const FAULT_MS = 10_000;

/** The code of now, or why there is none. */
interface Qr {
  answer: QrAnswer | null;
  fault: string | null;
  /** Whether the first answer came. */
  asked: boolean;
}

/** How long until the code is asked for again, in milliseconds. Pure. */
export function qrWaitMs(answer: QrAnswer | null): number {
  if (answer === null) return FAULT_MS;
  // Without a code the database says when the gateway may be asked again.
  return answer.qr === null ? Math.max(QR_MS, answer.retryAfterSeconds * 1_000) : QR_MS;
}

/** Asks as long as the part is shown and the page is seen. */
export function useQr(id: string): Qr {
  const { data, hurry } = useSignedIn();
  const [qr, setQr] = useState<Qr>({ answer: null, fault: null, asked: false });
  useEffect(() => {
    let gone = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let was: string | null = null;
    const ask = async () => {
      clearTimeout(timer);
      if (gone || document.hidden) return;
      let wait = FAULT_MS;
      try {
        const answer = await data.qr(id);
        if (gone) return;
        setQr({ answer, fault: null, asked: true });
        // The rest of the page is to know of it too.
        if (was !== null && answer !== null && answer.status !== was) hurry();
        was = answer?.status ?? null;
        wait = qrWaitMs(answer);
      } catch (error) {
        const fault = error instanceof Error ? error.message : String(error);
        if (!gone) setQr((before) => ({ ...before, fault, asked: true }));
      }
      if (!gone) timer = setTimeout(ask, wait);
    };
    const onSeen = () => void ask();
    document.addEventListener("visibilitychange", onSeen);
    void ask();
    return () => {
      gone = true;
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", onSeen);
    };
  }, [id]);
  return qr;
}
