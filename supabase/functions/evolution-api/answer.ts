/**
 * Answers that hold what their contract says.
 *
 * @module
 */

import type { ActionName, ActionResponse } from "../_shared/contracts/actions.ts";
import { jsonResponse } from "../_shared/http/serve.ts";

/**
 * Answers an action with success.
 *
 * @param _action Whose contract the compiler checks `body` by.
 */
export function succeed<A extends ActionName>(
  _action: A,
  body: Omit<ActionResponse<A>, "success">,
): Response {
  return jsonResponse(200, { success: true, ...body });
}
