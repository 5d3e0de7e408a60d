/**
 * `erase_customer`: for an organization's owners and admins, all that is here of one of its customers.
 *
 * @module
 */

import * as z from "zod/mini";
import { eraseCustomerContract } from "../../_shared/contracts/erase-customer.ts";
import { type Action, ask, succeed } from "../action.ts";

const erased = z.pick(eraseCustomerContract.response, { receipt: true });

/** Begins it, or says how far it has come. */
export const eraseCustomer: Action<"erase_customer"> = async ({ conversationId }, call) => {
  const asked = { p_user_id: call.userId, p_conversation_id: conversationId };
  return succeed("erase_customer", await ask(call, "erase_customer", asked, erased));
};
