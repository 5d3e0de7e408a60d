/**
 * QR codes as PNG data URLs, drawn at once: the `qrcode` package's own PNG writer compresses in the
 * background, which is time that a virtual clock cannot see.
 *
 * @module
 */

import { crc32, deflateSync } from "node:zlib";
import QRCode from "qrcode";
import { encodeBase64 } from "./base64.ts";

/** White cells around the code, as readers expect them. */
const MARGIN = 4;
/** Pixels per cell. */
const SCALE = 4;

interface Modules {
  readonly size: number;
  readonly data: Uint8Array;
}

/**
 * Draws `text` as a QR code.
 *
 * @param text What the code says.
 * @returns `data:image/png;base64,…`, one bit per pixel.
 */
export function qrDataUrl(text: string): string {
  const modules: Modules = QRCode.create(text).modules;
  const side = (modules.size + 2 * MARGIN) * SCALE;
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, side);
  view.setUint32(4, side);
  header[8] = 1; // bit depth; the other fields are 0: greyscale, deflate, no interlace
  const png = concatenate([
    Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(pixels(modules, side))),
    chunk("IEND", new Uint8Array()),
  ]);
  return `data:image/png;base64,${encodeBase64(png)}`;
}

/** Rows of one filter byte (none) and the packed pixels; a set bit is white. */
function pixels(modules: Modules, side: number): Uint8Array {
  const stride = 1 + Math.ceil(side / 8);
  const rows = new Uint8Array(stride * side);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const row = Math.floor(y / SCALE) - MARGIN;
      const column = Math.floor(x / SCALE) - MARGIN;
      const inside = row >= 0 && column >= 0 && row < modules.size && column < modules.size;
      const dark = inside && modules.data[row * modules.size + column] === 1;
      const at = y * stride + 1 + (x >> 3);
      if (!dark) rows[at] = (rows[at] ?? 0) | (0x80 >> (x & 7));
    }
  }
  return rows;
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const body = concatenate([new TextEncoder().encode(type), data]);
  const framed = new Uint8Array(body.length + 8);
  const view = new DataView(framed.buffer);
  view.setUint32(0, data.length);
  framed.set(body, 4);
  view.setUint32(body.length + 4, crc32(body));
  return framed;
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
