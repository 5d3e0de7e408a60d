/**
 * The QR code alone, for the phone in the other hand: as large as the screen, with what to tap. It
 * notices the scan.
 *
 * @module
 */

import { useEffect, useState } from "preact/hooks";
import { stateOf } from "../data/number-state.ts";
import { addressOf } from "../data/route.ts";
import { Glyph } from "../parts/glyph.tsx";
import { useReading, useSignedIn } from "../parts/signed-in.ts";
import { phone } from "../words/format.ts";
import { QrImage, QrTime } from "./qr-image.tsx";
import { useQr } from "./use-qr.ts";

/** Between two looks at whether it was scanned, in milliseconds. */
const LOOK_MS = 1_000;

/** The page. */
export function QrPage({ id }: { id: string }) {
  const { data, say } = useSignedIn();
  const found = useReading(`number ${id}`, () => data.number(id));
  const connected = useConnected(id);
  const page = found?.value ?? null;
  if (found === null) return <p class="hint" role="status">{say("loading")}</p>;
  if (page === null) return <p id="no-number" class="panel empty">{say("noSuchNumber")}</p>;
  const { number } = page;
  const name = number.displayName ?? number.instanceName;
  const shown = { id, name, phoneNumber: number.phoneNumber };
  // Someone who came for a code, and saw it scanned, is told so whatever follows.
  return connected || number.status === "connected"
    ? <Done {...shown} />
    : page.state === "off"
    ? <NotNow {...shown} state={say(stateOf(page).word)} mayAsk={number.role !== "agent"} />
    : <Scan {...shown} />;
}

interface Shown {
  id: string;
  name: string;
  phoneNumber: string | null;
}

function Scan({ id, name, phoneNumber }: Shown) {
  const { say } = useSignedIn();
  const { answer, fault } = useQr(id);
  useAwake();
  const pairing = answer?.qr?.pairingCode ?? null;
  return (
    <section class="scan-page" aria-labelledby="scan-title">
      <h1 id="scan-title">{say("qrPage", { name })}</h1>
      <QrImage answer={answer} />
      <QrTime answer={answer} fault={fault} />
      <ol class="steps">
        <li>
          {phoneNumber === null
            ? say("qrStepOpenAny")
            : say("qrStepOpen", { phone: phone(phoneNumber) })}
        </li>
        <li>{say("qrStepMenu")}</li>
        <li>{say("qrStepScan")}</li>
      </ol>
      {pairing !== null && (
        <div class="pairing">
          <p>{say("qrCodeTitle")}</p>
          <p class="code" id="qr-pairing">{pairing}</p>
        </div>
      )}
      <a href={addressOf({ page: "number", id })}>{say("toNumber")}</a>
    </section>
  );
}

function Done({ id, name }: Shown) {
  const { say } = useSignedIn();
  return (
    <section id="scanned" class="scan-page done" aria-labelledby="scan-title" data-tone="ok">
      <span class="big-glyph">
        <Glyph name="ok" />
      </span>
      <h1 id="scan-title">{say("qrDone")}</h1>
      <p role="status">{say("qrDoneText", { name })}</p>
      <a class="button" href={addressOf({ page: "number", id })}>{say("toNumber")}</a>
    </section>
  );
}

function NotNow({ id, name, state, mayAsk }: Shown & { state: string; mayAsk: boolean }) {
  const { data, say, perform } = useSignedIn();
  return (
    <section class="scan-page" aria-labelledby="scan-title">
      <h1 id="scan-title">{say("qrNotNow")}</h1>
      <p>{say("qrNotNowText", { name, state })}</p>
      {mayAsk && (
        <button
          type="button"
          class="main"
          onClick={() => void perform(() => data.reconnect(id))}
        >
          {say("qrReconnect")}
        </button>
      )}
      <a href={addressOf({ page: "number", id })}>{say("toNumber")}</a>
    </section>
  );
}

/** Whether the number was seen connected since the page was opened. */
function useConnected(id: string): boolean {
  const { data } = useSignedIn();
  const [connected, setConnected] = useState(false);
  useEffect(() => {
    if (connected) return;
    let busy = false;
    const timer = setInterval(async () => {
      if (busy || document.hidden) return;
      busy = true;
      // No answer is no news; the next look is a second away.
      const status = await data.status(id).catch(() => null);
      busy = false;
      if (status === "connected") setConnected(true);
    }, LOOK_MS);
    return () => clearInterval(timer);
  }, [id, connected]);
  return connected;
}

/** A screen that goes dark is not scanned. */
function useAwake(): void {
  useEffect(() => {
    let lock: WakeLockSentinel | null = null;
    let gone = false;
    // Where the browser has no such thing, or says no, the screen's own time holds.
    navigator.wakeLock?.request("screen").then((given) => {
      lock = given;
      if (gone) void given.release();
    }).catch(() => {});
    return () => {
      gone = true;
      void lock?.release();
    };
  }, []);
}
