/**
 * Faults that were found in use and mended. Where the mend is taken away, a history from a seed has to
 * notice: a fault that no seed could show is a gap of the simulation.
 *
 * @module
 */

/** One of them. */
interface FoundFault {
  /** What it was about. */
  readonly about: "repair" | "gateway" | "messages" | "deletion" | "locks" | "versions";
  /** What happened. */
  readonly fault: string;
  /** The name of the mutation that takes the mend away. */
  readonly mutation: string;
}

/** In the order of docs/proof.md. */
export const FOUND_FAULTS: readonly FoundFault[] = [
  {
    about: "repair",
    fault: "the webhook of a scan was lost: the number waited for its scan for ever",
    mutation: "one lost webhook leaves a number waiting for a scan for ever",
  },
  {
    about: "repair",
    fault: "a disconnected zombie whose process started anew was open at the gateway for ever",
    mutation: "a logout that is owed is never made",
  },
  {
    about: "gateway",
    fault: "two sockets of one device fought, and the row said connected",
    mutation: "a fight is told by its closes alone, which are hardly ever reported",
  },
  {
    about: "gateway",
    fault: "our functions were away: webhooks that came again after their token's end were lost",
    mutation: "a webhook that is tried again after its token's end is refused for good",
  },
  {
    about: "gateway",
    fault: "a fresh QR was shown although the pairing was kept, and people were asked to scan",
    mutation: "a QR code that nobody asked for is shown over a pairing that may live",
  },
  {
    about: "messages",
    fault: "Connection Closed after some seconds: held, then sent a second time",
    mutation: "what may have left is held and sent again by itself",
  },
  {
    about: "messages",
    fault: "parts of a slow request were called interrupted before anybody tried them",
    mutation: "what nobody tried is called interrupted",
  },
  {
    about: "messages",
    fault: "one bad item of a webhook lost the good ones beside it",
    mutation: "one bad item loses its whole list",
  },
  {
    about: "messages",
    fault: "what WhatsApp refused after the send stayed sent for ever",
    mutation: "what WhatsApp refused stays sent",
  },
  {
    about: "messages",
    fault: "a text behind a slow picture arrived before it",
    mutation: "a message overtakes an earlier one of its conversation",
  },
  {
    about: "messages",
    fault: "one customer, written with and without the ninth digit, had two conversations",
    mutation: "one person is two conversations, with and without Brazil's ninth digit",
  },
  {
    about: "messages",
    fault: "a page of HTML with status 200 counted as sent",
    mutation: "a page of HTML is a sent message",
  },
  {
    about: "deletion",
    fault: "all that a number left was taken apart in one statement",
    mutation: "all that a deleted number leaves is detached in one minute",
  },
  {
    about: "deletion",
    fault: "a deleted organization's sessions lived on at the gateway",
    mutation: "an organization goes and leaves its sessions at the gateway",
  },
  {
    about: "locks",
    fault: "one locked row of a number held up the sweep of all",
    mutation: "a sweep waits for whoever has a number locked",
  },
  {
    about: "versions",
    fault: "a logout on 2.3.6: healed, connected, and nothing ever came in again",
    mutation: "a version on which a logout does harm is logged out all the same",
  },
];
