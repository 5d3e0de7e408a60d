/**
 * How large a body says that it is.
 *
 * @module
 */

import { ApiError } from "./errors.ts";

/**
 * Reads it before the body.
 *
 * @param limit In bytes.
 * @returns 0 where it does not say.
 * @throws {ApiError} PAYLOAD_TOO_LARGE; nothing of such a body is read.
 */
export async function announcedBytes(request: Request, limit: number): Promise<number> {
  const announced = Number(request.headers.get("content-length") ?? 0);
  if (announced > limit) {
    await request.body?.cancel();
    throw new ApiError("PAYLOAD_TOO_LARGE");
  }
  return announced;
}
