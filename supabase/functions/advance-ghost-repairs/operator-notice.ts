/**
 * What a person is told when nothing over HTTP can repair a session: which number, since when, what
 * was tried, what to do. No phone number and no key.
 *
 * @module
 */

import type { Language } from "../_shared/http/language.ts";
import type { OperatorReason } from "./decide.ts";
import type { Notice } from "./work-list.ts";

type Sentence = Readonly<Record<Language, string>>;

/** Why a person is needed; what is no {@linkcode OperatorReason} the database finds out by itself. */
type NoticeReason = OperatorReason | "session_conflict" | "no_credentials";

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
  webhooks_missing: {
    pt: "Nada foi mexido: há mais de 10 minutos não chega aqui nenhum aviso (webhook) deste " +
      "servidor Evolution, e sem eles não dá para saber se ele está reconectando sozinho. Confira " +
      "o endereço e a chave do webhook e se o servidor alcança a internet.",
    en: "Nothing was touched: for more than 10 minutes no webhook of this Evolution server has " +
      "arrived here, and without them nobody can tell whether it is reconnecting by itself. Check " +
      "the webhook's address and key, and that the server reaches the internet.",
  },
  number_unknown: {
    pt: "O Evolution diz que a sessão está aberta, mas não diz de qual número; por isso ninguém " +
      "consegue confirmar. Reinicie o contêiner do Evolution; se continuar assim, conecte o " +
      "número de novo.",
    en: "Evolution calls the session open but does not say of which number, so nobody can tell " +
      "whether it lives. Restart the Evolution container; if it stays so, connect the number again.",
  },
  no_credentials: {
    pt:
      "Falta aqui o endereço ou a chave do Evolution deste número, e ninguém consegue consertar " +
      "a sessão. Salve os dois; o reparo continua sozinho.",
    en: "The address or the key of this number's Evolution is missing here, so nobody can repair " +
      "its session. Save both; the repair then goes on by itself.",
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
const TRIED: Readonly<Record<"logout" | "connect" | "restart", Sentence>> = {
  logout: { pt: "encerrar a sessão (logout)", en: "logging out" },
  connect: { pt: "conectar", en: "connecting" },
  restart: { pt: "reiniciar a instância", en: "restarting the instance" },
};

/** Nothing was. */
const NOTHING: Sentence = { pt: "nada", en: "nothing" };

/** The hook's body. */
export function operatorMessage(notice: Notice): Record<string, unknown> {
  const reason = toReason(notice.reason);
  const tried = (["logout", "connect", "restart"] as const).filter((step) =>
    notice[`${step}_called`]
  );
  const since = notice.disconnected_since ?? notice.opened_at;
  const name = withoutNumbers(notice.display_name ?? notice.instance_name);
  const said = (language: Language) =>
    tried.map((step) => TRIED[step][language]).join(", ") || NOTHING[language];
  return {
    type: "ghost_repair.needs_operator",
    timestamp: notice.opened_at,
    data: {
      repairId: notice.repair_id,
      instanceId: notice.instance_id,
      organizationId: notice.organization_id,
      instanceName: withoutNumbers(notice.instance_name),
      disconnectedSince: since,
      reason,
      tried,
      message: {
        pt: `"${name}" está sem WhatsApp desde ${minutes(since)}. Já foi tentado: ${said("pt")}. ` +
          ADVICE[reason].pt,
        en: `"${name}" has been without WhatsApp since ${minutes(since)}. Tried: ${said("en")}. ` +
          ADVICE[reason].en,
      },
    },
  };
}

function toReason(reason: string | null): NoticeReason {
  return reason !== null && reason in ADVICE ? reason as NoticeReason : "steps_used_up";
}

/** Many people name an instance after its number: all but the last two digits are left out. */
function withoutNumbers(name: string): string {
  return name.replace(/\+?\d(?:[\s().-]*\d){7,}/g, (found) => `…${found.slice(-2)}`);
}

/** `2026-11-22 21:27 UTC`. */
function minutes(timestamp: string): string {
  const at = new Date(timestamp);
  return Number.isNaN(at.getTime())
    ? timestamp
    : `${at.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
