/**
 * Names as they may be told to others.
 *
 * @module
 */

/** Many people name an instance after its number: all but the last two digits are left out. */
export function withoutNumbers(name: string): string {
  return name.replace(/\+?\d(?:[\s().-]*\d){7,}/g, (found) => `…${found.slice(-2)}`);
}
