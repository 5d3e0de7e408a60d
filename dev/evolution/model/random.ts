/**
 * Chance that can be repeated: every identifier the simulator invents comes from one seed.
 *
 * @module
 */

import { Buffer } from "node:buffer";

/** A seeded source of numbers and of the identifiers that Evolution hands out. */
export class Random {
  #state: number;

  /** @param seed The same seed gives the same sequence. */
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A number in [0, 1) (mulberry32). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** A whole number in [0, below). */
  integer(below: number): number {
    return Math.floor(this.next() * below);
  }

  /** One of several. */
  pick<T>(from: readonly T[]): T {
    return from[this.integer(from.length)]!;
  }

  /** `length` characters of `alphabet`. */
  text(length: number, alphabet: string): string {
    let text = "";
    for (let i = 0; i < length; i++) text += alphabet.charAt(this.integer(alphabet.length));
    return text;
  }

  /** `length` lower-case hexadecimal digits. */
  hex(length: number): string {
    return this.text(length, "0123456789abcdef");
  }

  /** `length` bytes. */
  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.integer(256));
  }

  /** `length` bytes in base64, as in a QR code. */
  base64(length: number): string {
    return Buffer.from(this.bytes(length)).toString("base64");
  }

  /** A version-4 UUID, lower case: instance ids; tokens are the same in upper case. */
  uuid(): string {
    const variant = this.text(1, "89ab");
    return `${this.hex(8)}-${this.hex(4)}-4${this.hex(3)}-${variant}${this.hex(3)}-${this.hex(12)}`;
  }

  /** A database row's id, 25 characters, as Prisma makes them. */
  cuid(): string {
    return `cmws${this.text(21, "0123456789abcdefghijklmnopqrstuvwxyz")}`;
  }

  /** A message id as Baileys makes them for messages that it sends. */
  messageId(): string {
    return `3EB0${this.hex(18).toUpperCase()}`;
  }
}
