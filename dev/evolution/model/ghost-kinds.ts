/**
 * The sick states of an instance: the one list of them. How an instance gets into each is in
 * `session/ghosts.ts`. What follows from there (answers, webhooks, healing) is written nowhere: it
 * comes from registry, memory, websocket and network, as on the real gateway.
 *
 * | kind | registry | memory | websocket | heals alone | repaired with the pairing kept by |
 * |---|---|---|---|---|---|
 * | A1 half-open | open | open | silent | after 55 s | restart |
 * | A2 zombie, close event lost | open | open | closed | never | process restart |
 * | A2b zombie, event queue blocked | open | open | closed | after 300 s | process restart |
 * | B1 WhatsApp unreachable | open | close, 95 % | closed | when WhatsApp is back | waiting |
 * | B2 login rejected | open | flickers | flickers | when WhatsApp is back | waiting |
 * | B3 login unanswered | open | connecting | login | ≤ 65 s after | restart, waiting |
 * | B4 upgrade hangs | open | connecting | upgrading | ≤ 30 s after | restart, waiting |
 * | C1 version fetch hangs | open | close | closed | never | one connect |
 * | C3 not in memory | open | none at all | none | never | process restart |
 * | C4 QR limit | close | close | closed | never | connect, scan |
 * | D device removed | close | close | closed | never | connect, scan |
 * | E logged out | close | close | closed | never | connect, scan |
 * | H1 reconnect loop died | open | close | closed | never | one connect |
 * | H2 the same, half way | open | connecting | closed | never | process restart |
 * | flapping-440 session conflict | open | flips | flips | never | process restart |
 *
 * @module
 */

/** What a sick state is. */
interface Ghost {
  readonly title: string;
  /** WhatsApp itself is what is missing; the session opens when it is back. */
  readonly whatsAppAway?: true;
  /** The session opens by itself in a few minutes, whatever WhatsApp and people do. */
  readonly healsAlone?: true;
}

const describe = <Kind extends string>(ghosts: Readonly<Record<Kind, Ghost>>) => ghosts;

/** The sick states, by their names in docs and measurements. */
export const GHOSTS = describe({
  A1: { title: "half-open: the socket is silent" },
  A2: { title: "zombie: the socket is dead, its close event was lost" },
  A2b: {
    title: "zombie: the socket is dead, its close event is stuck in a queue",
    healsAlone: true,
  },
  B1: { title: "WhatsApp is unreachable", whatsAppAway: true },
  B2: { title: "WhatsApp rejects the login", whatsAppAway: true },
  B3: { title: "the login is never answered", whatsAppAway: true },
  B4: { title: "the websocket upgrade hangs", whatsAppAway: true },
  C1: { title: "the reconnection hangs in its version check" },
  C3: { title: "limbo: the process started without the instance" },
  C4: { title: "the QR code limit was reached" },
  D: { title: "the phone removed the device" },
  E: { title: "logged out" },
  H1: { title: "the reconnect loop died" },
  H2: { title: "the reconnect loop died half way" },
  "flapping-440": { title: "two sockets of one device throw each other out" },
});

/** One of {@linkcode GHOSTS}. */
export type GhostKind = keyof typeof GHOSTS;

/** The names of all of them, in the order of the table. */
export const GHOST_KINDS = Object.keys(GHOSTS) as readonly GhostKind[];
