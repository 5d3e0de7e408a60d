/**
 * WhatsApp numbers as the gateway writes them.
 *
 * @module
 */

/** Signs that people put into a number. */
const FORMATTING = /[\s()+.-]/g;

/** Brazil: the ninth digit of a mobile number, whose eight others begin with 6 to 9; a landline's begin
 * with 2 to 5, and with a 9 before it it would be somebody else's mobile number. */
const BRAZIL = /^(55\d{2})9([6-9]\d{7})$/;

/** Mexico and Argentina: the digit that WhatsApp has between country and area. */
const MEXICO_OR_ARGENTINA = /^(?:(52)1|(54)9)(\d{10})$/;

/**
 * The digits of a WhatsApp address.
 *
 * @param jid `5511999998888:3@s.whatsapp.net`, `5511999998888@c.us`, or a number alone, also with
 * `+`, spaces, brackets, dots and dashes.
 * @returns `5511999998888`; null where it is no person's number (a group, a `@lid`, a broadcast).
 */
export function numberFromJid(jid: string | null | undefined): string | null {
  if (!jid) return null;
  const [user = "", server, ...rest] = jid.trim().split("@");
  if (rest.length > 0) return null;
  if (server !== undefined && server !== "s.whatsapp.net" && server !== "c.us") return null;
  const digits = user.replace(/:\d+$/, "").replace(FORMATTING, "");
  return /^\d{5,15}$/.test(digits) ? digits : null;
}

/**
 * Whether two numbers (digits) are the same line. WhatsApp knows many numbers of Brazil without
 * their ninth digit and some of Mexico and Argentina with one more, and the gateway rewrites them
 * on the way: asked about one form, it answers about the other.
 */
export function isSameNumber(one: string, other: string): boolean {
  return canonical(one) === canonical(other);
}

function canonical(digits: string): string {
  return digits.replace(BRAZIL, "$1$2").replace(MEXICO_OR_ARGENTINA, "$1$2$3");
}
