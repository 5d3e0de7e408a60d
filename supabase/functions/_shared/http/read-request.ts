/**
 * Reading a request that may hold media: its base64 stays bytes, the rest is JSON as ever.
 *
 * @module
 */

import { LARGE_TEXT_BYTES, LargeJsonReader } from "../runtime/large-json.ts";
import type { LargeText } from "../runtime/large-text.ts";
import { readLimited } from "../runtime/limited-body.ts";
import { announcedBytes } from "./announced-bytes.ts";
import { ApiError } from "./errors.ts";
import { parseStorable } from "./validation.ts";

/** A request's JSON. */
export interface RequestBody {
  /** Its texts can be stored. */
  readonly json: unknown;
  /** The value of `media.base64` where that is large: its stand-in is in the JSON instead. */
  readonly media: LargeText | null;
  /** How large it was. */
  readonly bytes: number;
}

/** A request that somebody has to admit. */
interface LargeRequest {
  /** It is one where more than these come. */
  readonly bytes: number;
  /** Asked once, with how many are announced; 0: none are. */
  readonly admit: (announced: number) => Promise<void>;
}

/**
 * Reads a JSON body of limited size.
 *
 * @param limits In bytes: of all of it, and of what is left without large media.
 * @param large Asked where more than `bytes` come, and before any is read where large media fits into
 * what is announced; what it throws is the answer.
 * @param signal Ends the read; its reason is the answer.
 * @throws {ApiError} PAYLOAD_TOO_LARGE or INVALID_JSON.
 */
export async function readRequest(
  request: Request,
  limits: { readonly body: number; readonly rest: number },
  large: LargeRequest,
  signal: AbortSignal,
): Promise<RequestBody> {
  const announced = await announcedBytes(request, limits.body);
  const admit = () => large.admit(announced);
  // Before a byte of it is read: what waits costs nothing.
  const isAnnounced = announced > LARGE_TEXT_BYTES;
  if (isAnnounced) await admit();
  const reader = new LargeJsonReader();
  const take = (chunk: Uint8Array<ArrayBuffer>) => {
    reader.push(chunk);
    if (reader.restBytes > limits.rest) throw new ApiError("PAYLOAD_TOO_LARGE");
  };
  try {
    const reading = {
      limit: limits.body,
      take,
      signal,
      ...(isAnnounced ? {} : { large: { ...large, admit } }),
    };
    if (!await readLimited(request.body, reading)) throw new ApiError("PAYLOAD_TOO_LARGE");
    return parse(reader, limits.rest);
  } catch (error) {
    if (error instanceof SyntaxError) throw new ApiError("INVALID_JSON");
    throw error;
  }
}

function parse(reader: LargeJsonReader, maxRest: number): RequestBody {
  const { bytes } = reader;
  const texts = reader.end();
  const json = parseStorable(reader.toText());
  const standIn = mediaOf(json);
  const media = texts.find((text) => text.standIn === standIn) ?? null;
  const others = texts.filter((text) => text !== media);
  if (others.length === 0) return { json, media, bytes };
  // A long text anywhere else is a text like others.
  const rest = others.reduce((total, text) => total + text.bytes, reader.restBytes);
  if (rest > maxRest) throw new ApiError("PAYLOAD_TOO_LARGE");
  return { json: parseStorable(reader.toText(others)), media, bytes };
}

/** `media.base64` of a request; anything where it has none. */
function mediaOf(json: unknown): unknown {
  const media = (json as { readonly media?: unknown } | null)?.media;
  return (media as { readonly base64?: unknown } | null | undefined)?.base64;
}
