/**
 * The words for an operator.
 *
 * @module
 */

import type { OperatorReason } from "./decide.ts";

/** The same in both languages. */
export interface Sentence {
  readonly pt: string;
  readonly en: string;
}

/** Why a person is needed; that two sockets fight is found out by the webhooks, not the ladder. */
export type NoticeReason = OperatorReason | "session_conflict";

const RESTART: Sentence = {
  pt: "Reinicie o contêiner do Evolution; o pareamento é mantido.",
  en: "Restart the Evolution container; the pairing is kept.",
};

/** What to do, by reason. */
export const ADVICE: Readonly<Record<NoticeReason, Sentence>> = {
  steps_used_up: RESTART,
  not_loaded: RESTART,
  not_found: {
    pt: "O Evolution não conhece esta instância. Se ela aparece na lista dele, reinicie o " +
      "contêiner; se foi apagada, conecte o número de novo.",
    en: "Evolution does not know this instance. If it is in its list, restart the container; if " +
      "it was deleted, connect the number again.",
  },
  whatsapp_unreachable: {
    pt: "O Evolution tenta reconectar sem parar: o WhatsApp está fora do alcance ou recusa o " +
      "login. Confira a rede e o proxy do servidor; não apague nem reconecte a instância.",
    en: "Evolution keeps reconnecting: WhatsApp is unreachable or refuses the login. Check the " +
      "server's network and proxy; do not delete or connect the instance.",
  },
  gateway_unreachable: {
    pt: "O servidor Evolution não responde. Confira se ele está no ar e se a chave é a certa.",
    en: "The Evolution server does not answer. Check that it is up and that the key is right.",
  },
  outage: {
    pt: "Vários números deste servidor caíram juntos. Confira o Evolution e a rede antes de " +
      "mexer nas sessões.",
    en: "Several numbers of this server failed together. Check Evolution and the network before " +
      "touching the sessions.",
  },
  session_conflict: {
    pt: "Dois sockets usam a sessão deste número e se derrubam sem parar (440). Reinicie o " +
      "contêiner do Evolution (docker restart <contêiner>); o pareamento é mantido. Se dois " +
      "gateways ou servidores usam a mesma sessão, pare um deles.",
    en: "Two sockets use this number's session and throw each other out without end (440). " +
      "Restart the Evolution container (docker restart <container>); the pairing is kept. If two " +
      "gateways or servers use the same session, stop one of them.",
  },
};

/** What was tried. */
export const TRIED: Readonly<Record<"logout" | "connect" | "restart", Sentence>> = {
  logout: { pt: "encerrar a sessão (logout)", en: "logging out" },
  connect: { pt: "conectar", en: "connecting" },
  restart: { pt: "reiniciar a instância", en: "restarting the instance" },
};

/** Nothing was. */
export const NOTHING: Sentence = { pt: "nada", en: "nothing" };
