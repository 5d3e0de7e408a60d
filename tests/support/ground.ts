/**
 * The ground of a test file's worlds: made once, cleared for each.
 *
 * @module
 */

import { createGround, type Ground } from "../../dev/world/ground.ts";
import { beforeServerCloses, testServer } from "./server.ts";

let free: Ground | undefined;

beforeServerCloses(async () => {
  await free?.close();
  free = undefined;
});

/** Uses the file's ground; where it is in use already, another one. */
export async function onGround<T>(use: (ground: Ground) => Promise<T>): Promise<T> {
  const ground = free ?? await createGround(await testServer());
  free = undefined;
  try {
    return await use(ground);
  } finally {
    if (free === undefined) free = ground;
    else await ground.close();
  }
}
