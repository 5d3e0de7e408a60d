/**
 * `get_settings`, `update_settings`: what an organization has chosen. Its members see it, its owners and
 * admins choose.
 *
 * @module
 */

import * as z from "zod/mini";
import { getSettingsContract } from "../../_shared/contracts/settings.ts";
import { type Action, ask, succeed } from "../action.ts";

const chosen = z.pick(getSettingsContract.response, { settings: true });

/** Tells what is chosen. */
export const getSettings: Action<"get_settings"> = async ({ organizationId }, call) => {
  const asked = { p_user_id: call.userId, p_organization_id: organizationId };
  return succeed("get_settings", await ask(call, "organization_settings", asked, chosen));
};

/** Chooses. The same choice again changes nothing. */
export const updateSettings: Action<"update_settings"> = async (request, call) => {
  const { organizationId, canaries } = request;
  const asked = {
    p_user_id: call.userId,
    p_organization_id: organizationId,
    p_canaries: canaries,
  };
  return succeed(
    "update_settings",
    await ask(call, "update_organization_settings", asked, chosen),
  );
};
