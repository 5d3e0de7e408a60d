/**
 * Logout and delete: what they do depends on the websocket at that very moment.
 *
 * @module
 */

import { type Answer, failure, success } from "../answers.ts";
import type { Instance } from "../session/instance.ts";
import { isWebsocketOpen } from "../model.ts";
import { flap } from "../session/session.ts";
import { end, loggedOut } from "../session/session-end.ts";
import type { World } from "../world.ts";
import type { InstanceCall } from "./route.ts";

/** From the logout's write to the end of the session. */
const LOGOUT_MS = 20;

/** `DELETE /instance/logout`: closes the registry only where the websocket is open. */
export async function logoutInstance({ world, instance }: InstanceCall): Promise<Answer> {
  // The process does not hold it: nothing is called, and nothing says so.
  if (!instance.inMemory) return success("Instance logged out");
  if (instance.memory === "close") {
    return world.rules.logoutWhenClosed === "accepted"
      ? success("Instance already disconnected")
      : failure(400, [`The "${instance.name}" instance is not connected`]);
  }
  if (await logout(world, instance)) return success("Instance logged out");
  switch (world.rules.logoutOnDeadSocket) {
    case "lies":
      return success("Instance logged out");
    case "closes":
      finish(world, instance);
      return success("Instance logged out");
    case "fails":
      return failure(500, ["Error: Connection Closed"]);
  }
}

/** `DELETE /instance/delete`: a logout first, and where that fails nothing is deleted. */
export async function deleteInstance({ world, instance }: InstanceCall): Promise<Answer> {
  const connected = instance.inMemory && instance.memory !== "close";
  if (connected && !(await logout(world, instance)) && !world.rules.deleteIgnoresLogout) {
    return failure(400, ["[object Object]"]);
  }
  instance.rest();
  instance.socket = "closed";
  instance.memory = "close";
  world.instances.delete(instance.name);
  const freed = world.now().getTime() + world.settings.nameFreedAfterMs;
  world.takenNames.set(instance.name, freed);
  return success("Instance deleted");
}

/** Writes the logout to the websocket; false where that is not open. */
async function logout(world: World, instance: Instance): Promise<boolean> {
  if (!isWebsocketOpen(instance.socket)) return false;
  const flapping = instance.life?.kind === "flapping";
  // From here on the websocket is closing: a second logout at the same time fails.
  instance.rest();
  instance.socket = "closed";
  await world.sleep(LOGOUT_MS);
  finish(world, instance);
  if (flapping) outlive(world, instance);
  return true;
}

function finish(world: World, instance: Instance): void {
  end(world, instance, 401, loggedOut(instance));
  instance.ignoresClose = world.rules.ignoresCloseAfterLogout;
}

/** Of two sockets the logout ends one; the other still has the keys, and stores them again. */
function outlive(world: World, instance: Instance): void {
  instance.paired = true;
  flap(world, instance);
}
