/**
 * `delete_instance`: at the gateway first, here only once it is gone there, or where a person insists.
 *
 * @module
 */

import * as z from "zod/mini";
import type { Gateway } from "../../_shared/gateway/client.ts";
import { instanceConnection } from "../../_shared/contracts/instance-row.ts";
import { gatewayOf } from "../../_shared/gateway/instance.ts";
import { removeInstance } from "../../_shared/gateway/remove-instance.ts";
import { ApiError } from "../../_shared/http/errors.ts";
import type { Language } from "../../_shared/http/language.ts";
import type { Clock } from "../../_shared/runtime/clock.ts";
import { type Action, ask, gatewayError, type GatewayFailure, succeed } from "../action.ts";

const begun = z.object({
  result: z.literal("claimed"),
  token: z.uuid(),
  instance: z.nullable(instanceConnection),
});

/** How long the gateway may take to let go of the name, and how often it is asked, in ms. */
const NAME_LIMIT_MS = 10_000;
const NAME_LOOK_MS = 1_000;

/** What a deletion without the gateway's word leaves behind, and what helps. */
const LEFT_BEHIND: Readonly<Record<Language, (instanceName: string) => string>> = {
  pt: (name) =>
    "O número foi apagado aqui, mas o servidor Evolution não confirmou: a sessão pode continuar " +
    "viva lá. No celular, em Aparelhos conectados, desconecte-a; e, se o servidor voltar, apague " +
    `nele a instância “${name}”.`,
  en: (name) =>
    "The number was deleted here, but the Evolution server did not confirm: the session may live " +
    "on there. On the phone, under Linked devices, log it out; and if the server comes back, " +
    `delete the instance “${name}” there.`,
};

/**
 * Deletes a number. Nothing is deleted here where the gateway refuses (a zombie's session cannot be
 * deleted over HTTP) or where nobody knows what it did; with `force` the number goes all the same,
 * as its gateway may be gone for good.
 */
export const deleteInstance: Action<"delete_instance"> = async (request, call) => {
  const { instanceId } = request;
  const { effects, language, log } = call;
  const { instance, token } = await ask(call, "begin_delete", {
    p_user_id: call.userId,
    p_instance_id: instanceId,
    p_confirm_name: request.confirmName,
  }, begun);
  const finish = (outcome: Readonly<Record<string, unknown>>) => {
    const end = { p_instance_id: instanceId, p_token: token, p_outcome: outcome };
    return effects.database.call("finish_delete", end, z.boolean());
  };
  const remove = async () => {
    if (await finish({ deleted: true })) return;
    // Somebody else deletes it too, and may not come to the end.
    throw new ApiError("DELETE_TAKEN_OVER", { field: "instanceId" });
  };
  if (instance === null) {
    await remove();
    return succeed("delete_instance", { nameFreed: true });
  }
  const gateway = gatewayOf(instance, effects);
  const { failure, logout } = await removeFromGateway(gateway);
  const outcome = failure ?? "removed";
  log.write("info", "instance_removed", { instanceId, outcome, reason: logout });
  if (failure !== null && !request.force) {
    await finish({ deleted: false, outcome, logout });
    throw gatewayError(failure, { field: "instanceId" });
  }
  if (failure !== null) {
    await remove();
    log.write("warn", "session_left_at_gateway", { instanceId, outcome });
    const warning = LEFT_BEHIND[language](instance.instance_name);
    return succeed("delete_instance", { nameFreed: false, warning });
  }
  const nameFreed = await isNameFreed(gateway, effects.clock);
  await remove();
  return succeed("delete_instance", { nameFreed });
};

interface Removal {
  /** What the logout came to; the delete is tried all the same. */
  readonly logout: string;
  /** Why it is not gone; null where it is. */
  readonly failure: GatewayFailure | null;
}

async function removeFromGateway(gateway: Gateway): Promise<Removal> {
  const { outcome: logout } = await gateway.logout();
  return { logout, failure: await removeInstance(gateway) };
}

async function isNameFreed(gateway: Gateway, clock: Clock): Promise<boolean> {
  const end = clock.monotonicMs() + NAME_LIMIT_MS;
  while (true) {
    if ((await gateway.registry()).outcome === "not_found") return true;
    if (clock.monotonicMs() + NAME_LOOK_MS > end) return false;
    await clock.sleep(NAME_LOOK_MS);
  }
}
