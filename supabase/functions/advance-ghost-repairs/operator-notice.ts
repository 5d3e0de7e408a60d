/**
 * What a person is told when nothing over HTTP can repair a session.
 *
 * @module
 */

import type { OperatorReason } from "./decide.ts";

/** What `claim_operator_notices` hands over. */
export interface Notice {
  readonly repair_id: string;
  readonly instance_id: string;
  readonly organization_id: string | null;
  readonly instance_name: string;
  readonly display_name: string | null;
  readonly disconnected_since: string | null;
  readonly opened_at: string;
  readonly reason: string | null;
  readonly connect_called: boolean;
  readonly restart_called: boolean;
  readonly logout_called: boolean;
}

const RESTART = {
  pt: "Reinicie o contêiner do Evolution; o pareamento é mantido.",
  en: "Restart the Evolution container; the pairing is kept.",
};

/** What to do, by reason. */
const ADVICE: Readonly<Record<OperatorReason, { readonly pt: string; readonly en: string }>> = {
  steps_used_up: RESTART,
  not_loaded: RESTART,
  not_found: {
    pt:
      "O Evolution não conhece esta instância. Se ela aparece na lista, reinicie o contêiner; se foi apagada, conecte o número de novo.",
    en:
      "Evolution does not know this instance. If it is in its list, restart the container; if it was deleted, connect the number again.",
  },
  whatsapp_unreachable: {
    pt:
      "O Evolution tenta reconectar sem parar: o WhatsApp está fora do alcance ou recusa o login. Confira a rede e o proxy do servidor; não apague nem reconecte a instância.",
    en:
      "Evolution keeps reconnecting: WhatsApp is unreachable or refuses the login. Check the server's network and proxy; do not delete or connect the instance.",
  },
  gateway_unreachable: {
    pt: "O servidor Evolution não responde. Confira se ele está no ar e se a chave é a certa.",
    en: "The Evolution server does not answer. Check that it is up and that the key is right.",
  },
  outage: {
    pt:
      "Vários números deste servidor caíram juntos. Confira o Evolution e a rede antes de mexer nas sessões.",
    en:
      "Several numbers of this server failed together. Check Evolution and the network before touching the sessions.",
  },
};

/** The hook's body. Which instance, since when, what was tried, what to do; no number, no key. */
export function operatorMessage(notice: Notice): Record<string, unknown> {
  const reason = (notice.reason ?? "steps_used_up") as OperatorReason;
  const advice = ADVICE[reason] ?? RESTART;
  const tried = [
    ...(notice.logout_called ? ["logout"] : []),
    ...(notice.connect_called ? ["connect"] : []),
    ...(notice.restart_called ? ["restart"] : []),
  ];
  const since = notice.disconnected_since ?? notice.opened_at;
  const name = notice.display_name ?? notice.instance_name;
  const what = tried.length === 0
    ? { pt: "nada", en: "nothing" }
    : { pt: tried.join(", "), en: tried.join(", ") };
  return {
    type: "ghost_repair.needs_operator",
    timestamp: notice.opened_at,
    data: {
      repairId: notice.repair_id,
      instanceId: notice.instance_id,
      organizationId: notice.organization_id,
      instanceName: notice.instance_name,
      disconnectedSince: since,
      reason,
      tried,
      message: {
        pt:
          `O número "${name}" está sem WhatsApp desde ${since}. Já tentado: ${what.pt}. ${advice.pt}`,
        en:
          `The number "${name}" has been without WhatsApp since ${since}. Tried: ${what.en}. ${advice.en}`,
      },
    },
  };
}
