/**
 * The QR code that waits for the phone, on the number's page.
 *
 * @module
 */

import { addressOf } from "../data/route.ts";
import { useSignedIn } from "../parts/signed-in.ts";
import { QrImage, QrTime } from "./qr-image.tsx";
import { useQr } from "./use-qr.ts";

/** The panel. */
export function QrPanel({ id }: { id: string }) {
  const { say } = useSignedIn();
  const { answer, fault } = useQr(id);
  const pairing = answer?.qr?.pairingCode ?? null;
  return (
    <section id="qr" class="panel qr" aria-labelledby="qr-title">
      <QrImage answer={answer} />
      <div>
        <h3 id="qr-title">{say("qrTitle")}</h3>
        <p>{say("qrText")}</p>
        <QrTime answer={answer} fault={fault} />
        {pairing !== null && <p class="code">{pairing}</p>}
        <a id="qr-open" class="button" href={addressOf({ page: "qr", id })}>{say("qrOpen")}</a>
        <p class="hint">{say("qrOpenHint")}</p>
      </div>
    </section>
  );
}
