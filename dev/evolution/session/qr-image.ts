/**
 * QR codes as PNG data URLs, drawn at once: the `qrcode` package's own PNG writer compresses in the
 * background, which is time that a virtual clock cannot see.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { crc32, deflateSync } from "node:zlib";
import QRCode from "qrcode";

/** White cells around the code, as readers expect them. */
const MARGIN = 4;
/** Pixels per cell. */
const SCALE = 4;
const PNG_SIGNATURE = Buffer.from("89504e470d0a1a0a", "hex");

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
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header[8] = 1; // bit depth; the other fields are 0: greyscale, deflate, no interlace
  const png = Buffer.concat([
    PNG_SIGNATURE,
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(pixels(modules, side))),
    chunk("IEND", Buffer.alloc(0)),
  ]);
  return `data:image/png;base64,${png.toString("base64")}`;
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

/** A PNG chunk: the data's length, the type and the data, and a checksum over those two. */
function chunk(type: string, data: Uint8Array): Uint8Array {
  const body = Buffer.concat([Buffer.from(type), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}
