/**
 * Requests and answers of the actions on what an organization has chosen. Runs in browsers too.
 *
 * @module
 */

import * as z from "zod/mini";

const settings = z.object({
  /** Whether its silent numbers are asked, by canaries, whether they hear. Off unless chosen. */
  canaries: z.boolean(),
});

const response = z.object({ success: z.literal(true), settings });

/** What is chosen; for every member. */
export const getSettingsContract = { request: z.object({ organizationId: z.uuid() }), response };

/** Chooses; for owners and admins. */
export const updateSettingsContract = {
  request: z.object({ organizationId: z.uuid(), canaries: z.boolean() }),
  response,
};
