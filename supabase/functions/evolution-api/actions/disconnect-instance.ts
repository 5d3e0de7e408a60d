/**
 * `disconnect_instance`: by hand. The row says so before the gateway is asked, so that nothing
 * reconnects the number meanwhile, and nothing does afterwards. Where the session lives on, the
 * database remembers the wish, and the watch carries it out.
 *
 * @module
 */

import * as z from "zod/mini";
import { capabilitiesOf, isLogoutSafe } from "../../_shared/gateway/capabilities.ts";
import { instanceConnection } from "../../_shared/contracts/instance-row.ts";
import { gatewayOf } from "../../_shared/gateway/instance.ts";
import type { Language } from "../../_shared/http/language.ts";
import { tryRefreshVersions } from "../../_shared/messages/refresh-versions.ts";
import { DatabaseError } from "../../_shared/runtime/database.ts";
import { errorName } from "../../_shared/runtime/log.ts";
import { type Action, ask, type Call, succeed } from "../action.ts";

const begun = z.object({
  result: z.literal("disconnected"),
  logout: z.boolean(),
  unsafe_version: z.nullable(z.string()),
  instance: z.nullable(instanceConnection),
});

/** What a logout costs where it does harm; see `_shared/gateway/capabilities.ts`. */
const COSTS = {
  pairsAfterLogout: {
    pt: (version) =>
      `No Evolution ${version}, o próximo pareamento não termina sozinho: depois de ler o QR code, espere alguns segundos, até a conexão ser pedida mais uma vez.`,
    en: (version) =>
      `On Evolution ${version} the next pairing does not finish by itself: after the QR code was scanned, wait some seconds, until the connection is asked for once more.`,
  },
  hearsAfterLogout: {
    pt: (version) =>
      `No Evolution ${version}, depois de um logout este número não recebe mais nada até o processo do Evolution ser reiniciado. Reinicie-o antes de conectar de novo; onde há um agente de reinício, ele o faz depois.`,
    en: (version) =>
      `On Evolution ${version} this number hears nothing after a logout until the Evolution process is restarted. Restart it before connecting again; where there is a restart agent, it does so afterwards.`,
  },
} as const satisfies Record<string, Record<Language, (version: string) => string>>;

function costOf(version: string, language: Language): string {
  const { hearsAfterLogout } = capabilitiesOf(version);
  return COSTS[hearsAfterLogout.is ? "pairsAfterLogout" : "hearsAfterLogout"][language](version);
}

const NOT_CALLED = { outcome: "not_called", ms: 0 } as const;

/** After these words of the registry there is no session. */
const GONE: readonly string[] = ["close", "not_found", NOT_CALLED.outcome];

/** What a person has to know where it is not gone. */
const STILL_THERE = {
  pt:
    "Aqui o número está desligado, mas no Evolution a sessão pode continuar viva. O logout será " +
    "feito sozinho assim que der.",
  en:
    "The number is disconnected here, but its session may live on at Evolution. The logout will " +
    "be made by itself as soon as it can be.",
} as const satisfies Record<Language, string>;

/**
 * Disconnects. A gateway that fails does not undo it: what the logout came to is in the answer, and
 * so is what the registry says afterwards, which is the only truth about it.
 */
export const disconnectInstance: Action<"disconnect_instance"> = async ({ instanceId }, call) => {
  const { effects, language, log } = call;
  const asked = { p_user_id: call.userId, p_instance_id: instanceId };
  const { instance, logout: isAsked, unsafe_version: known } = await ask(
    call,
    "begin_disconnect",
    asked,
    begun,
  );
  // Kept for whoever reconnects it, too: what was known may be a day old.
  const unsafe = instance === null ? known : await readUnsafeVersion(instanceId, known, call);
  const answered = (logout: string, registry: string) => {
    const warnings = [
      ...(GONE.includes(registry) ? [] : [STILL_THERE[language]]),
      ...(unsafe === null ? [] : [costOf(unsafe, language)]),
    ];
    return succeed("disconnect_instance", {
      status: "disconnected",
      logout,
      registry,
      ...(warnings.length === 0 ? {} : { warning: warnings.join(" ") }),
    });
  };
  if (instance === null) return answered(NOT_CALLED.outcome, NOT_CALLED.outcome);

  const gateway = gatewayOf(instance, effects);
  const logout = isAsked ? await gateway.logout() : NOT_CALLED;
  const registry = await gateway.registry();
  log.write("info", "logged_out", { instanceId, outcome: logout.outcome, ms: logout.ms });
  if (isAsked) {
    const outcome = { logout: logout.outcome, registry: registry.outcome, ms: logout.ms };
    const made = { p_instance_id: instanceId, p_outcome: outcome };
    // The row says what the person wants: where this cannot be written, the watch finds out.
    await effects.database.call("record_logout", made, z.unknown()).catch((error: unknown) => {
      if (!(error instanceof DatabaseError)) throw error;
      log.write("error", "logout_not_recorded", { instanceId, error: errorName(error) });
    });
  }
  return answered(logout.outcome, registry.outcome);
};

/** The version whose logout does harm; null: it does none. As known before, where it does not say. */
async function readUnsafeVersion(
  instanceId: string,
  known: string | null,
  { effects, log }: Call,
): Promise<string | null> {
  const [found] = await tryRefreshVersions(1, effects, log, instanceId);
  if (found?.kind !== "evolution") return known;
  return isLogoutSafe(found.capabilities) ? null : found.version;
}
