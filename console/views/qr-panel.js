// @ts-check
/// <reference no-default-lib="true" />
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/// <reference lib="esnext" />
/**
 * The QR code that waits for the phone.
 *
 * @module
 */

import { countdown } from "../words/format.js";
import { qrAdvice } from "../words/reasons.js";
import { byId, setAttribute, setShown, setText } from "./patch.js";
import { selectedInstance } from "../data/state.js";

/** @import { QrAnswer } from "../data/types.js" */
/** @import { State, Voice } from "../data/state.js" */

/**
 * @param {Voice} voice
 * @returns {(state: State, now: number) => void}
 */
export function createQrPanel(voice) {
  const { say } = voice;
  const image = byId("qr-image");
  return (state, now) => {
    const waiting = selectedInstance(state)?.status === "awaiting_qr";
    setShown(byId("qr"), waiting);
    if (!waiting) return;
    const qr = state.qr?.qr ?? null;
    const picture = qr?.base64 ? asDataUrl(qr.base64) : null;
    setShown(image, picture !== null);
    setAttribute(image, "src", picture);
    setAttribute(image, "alt", picture === null ? "" : say("qrAlt"));
    setText(
      byId("qr-time"),
      state.qrFault ?? timeWords(state.qr, now, state.info?.speed ?? 1, voice),
    );
    setShown(byId("qr-pairing"), Boolean(qr?.pairingCode));
    setText(byId("qr-pairing"), qr?.pairingCode ?? "");
  };
}

/**
 * @param {QrAnswer | null} answer
 * @param {number} now
 * @param {number} speed A faster stack's seconds go by sooner.
 * @param {Voice} voice
 */
function timeWords(answer, now, speed, { say, language }) {
  if (answer === null) return say("qrUnknown");
  if (answer.qr === null) return qrAdvice(answer.reason, language) ?? say("qrFetching");
  const left = (Date.parse(answer.qr.expiresAt) - now) / speed;
  return left > 0 ? say("qrExpires", { time: countdown(left) }) : say("qrExpired");
}

/** Gateways give a data URL or the bare base64 of a PNG. @param {string} base64 */
function asDataUrl(base64) {
  return base64.startsWith("data:image/") ? base64 : `data:image/png;base64,${base64}`;
}
