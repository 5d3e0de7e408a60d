/**
 * Which chat a message belongs to.
 *
 * @module
 */

/** The part of a message's key that names the chat. */
export interface ChatKey {
  readonly remoteJid: string;
  /** The phone number's address, where `remoteJid` is a hidden one (`…@lid`). */
  readonly remoteJidAlt: string | null;
}

const JID = /^([\w.-]{1,100})(?::\d+)?@(s\.whatsapp\.net|c\.us|g\.us|lid)$/;

/**
 * The chat's address: a person's or a group's, without the device.
 *
 * @returns `5511999998888@s.whatsapp.net`, `…@g.us` or `…@lid`; null for what is no chat (status,
 * broadcast lists, newsletters).
 */
export function chatJid({ remoteJid, remoteJidAlt }: ChatKey): string | null {
  // The same person under both addresses would be two conversations.
  const hidden = remoteJid.endsWith("@lid") && remoteJidAlt?.endsWith("@s.whatsapp.net");
  const [, user, server] = JID.exec(hidden && remoteJidAlt ? remoteJidAlt : remoteJid) ?? [];
  if (user === undefined || server === undefined) return null;
  return `${user}@${server === "c.us" ? "s.whatsapp.net" : server}`;
}

/** Whether many people write in it: then a sender's name is not the chat's. */
export function isGroup(jid: string): boolean {
  return jid.endsWith("@g.us");
}
