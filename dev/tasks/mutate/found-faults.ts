/**
 * Faults that were found in use and mended, as the table of docs/proof.md names them, and the
 * mutation that takes each one's mend away. A history from a seed has to notice it: a fault that no
 * seed could show is a gap of the simulation.
 *
 * @module
 */

/** In the order of docs/proof.md. */
export const FOUND_FAULTS: ReadonlyMap<string, string> = new Map([
  [
    "one locked row of a number held up the sweep of all",
    "a sweep waits for whoever has a number locked",
  ],
  [
    "a fight of two sockets was not known",
    "a fight is told by its closes alone, which are hardly ever reported",
  ],
  [
    "a fresh QR was shown over a pairing that was kept",
    "a QR code that nobody asked for is shown over a pairing that may live",
  ],
  [
    "a disconnected zombie whose process started anew was open for ever",
    "a logout that is owed is never made",
  ],
  [
    "the webhook of a scan was lost",
    "one lost webhook leaves a number waiting for a scan for ever",
  ],
  [
    "webhooks that came again after their token's end were lost",
    "a webhook that is tried again after its token's end is refused for good",
  ],
  [
    "one bad item of a webhook lost the good ones beside it",
    "one bad item loses its whole list",
  ],
  [
    "Connection Closed after some seconds: held, then sent again",
    "what may have left is held and sent again by itself",
  ],
  [
    "parts were called interrupted before anybody tried them",
    "what nobody tried is called interrupted",
  ],
  [
    "a text behind a slow picture arrived before it",
    "a message overtakes an earlier one of its conversation",
  ],
  ["what WhatsApp refused stayed sent", "what WhatsApp refused stays sent"],
  ["a page of HTML with status 200 counted as sent", "a page of HTML is a sent message"],
  [
    "one customer had two conversations",
    "one person is two conversations, with and without Brazil's ninth digit",
  ],
  [
    "a deleted number was taken apart in one statement",
    "all that a deleted number leaves is detached in one minute",
  ],
  [
    "an organization went, its sessions stayed",
    "an organization goes and leaves its sessions at the gateway",
  ],
  ["a logout on 2.3.6", "a version on which a logout does harm is logged out all the same"],
]);
