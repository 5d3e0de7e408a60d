/**
 * What the events of a repair say, from the failed send to the cure or the person.
 *
 * @module
 */

import type { Sentence } from "./line.ts";

/** By kind, or by the name that sentences.ts gives; a part of its catalogue. */
export const REPAIR_SENTENCES: Readonly<Record<string, Sentence>> = {
  connection_closed: {
    tone: "bad",
    pt:
      "O envio voltou com “Connection Closed”: talvez um fantasma. Só este reparo trabalha agora.",
    en: "A send came back with “Connection Closed”: maybe a ghost. One repair takes it on.",
  },
  repair_skipped: {
    tone: "quiet",
    pt: "Outro envio falhou; nenhum segundo logout: {reason}.",
    en: "Another send failed; no second logout: {reason}.",
  },
  false_alarm: {
    tone: "ok",
    pt: "O socket respondeu: alarme falso, nada foi desligado.",
    en: "The socket answered: a false alarm, nothing was logged out.",
  },
  probes: {
    tone: "busy",
    pt: "O próprio socket foi perguntado {count}×: nenhuma resposta de um vivo.",
    en: "The socket itself was asked {count}×: no sign of life.",
  },
  logout: {
    tone: "busy",
    pt: "Logout no Evolution: {answer}.",
    en: "Logout at Evolution: {answer}.",
  },
  logout_not_called: {
    tone: "quiet",
    pt: "Nenhum logout: a política mantém o pareamento.",
    en: "No logout: the policy keeps the pairing.",
  },
  logout_unsafe_here: {
    tone: "quiet",
    pt: "Nenhum logout: nesta versão do Evolution ele faria mal. A escada continua.",
    en: "No logout: on this version of Evolution it would do harm. The ladder goes on.",
  },
  marked_disconnected: {
    tone: "bad",
    pt: "O número está marcado como desconectado.",
    en: "The number is marked disconnected.",
  },
  verified_invalidated: {
    tone: "ok",
    pt: "O registro foi relido: close. A reconexão assume no próximo ciclo.",
    en: "The registry was read again: close. The reconnection takes over at its next tick.",
  },
  verified_not_invalidated: {
    tone: "bad",
    pt: "O registro ainda diz {registry}: o logout não alcançou a sessão. A escada continua.",
    en: "The registry still says {registry}: logout did not reach the session. The ladder goes on.",
  },
  verified_unverified: {
    tone: "busy",
    pt: "O registro não pôde ser relido ({registry}). A escada continua.",
    en: "The registry could not be read again ({registry}). The ladder goes on.",
  },
  healed: {
    tone: "ok",
    pt: "O socket respondeu: curado {after}. Conectado.",
    en: "The socket answered: healed {after}. Connected.",
  },
  needs_operator: {
    tone: "bad",
    pt: "Uma pessoa precisa agir. {advice}",
    en: "A person must act. {advice}",
  },
  restart_requested: {
    tone: "busy",
    pt: "O agente ao lado do Evolution foi chamado para reiniciar o processo: os pareamentos são " +
      "mantidos, e ninguém precisa agir.",
    en: "The agent beside Evolution is asked to restart its process: the pairings are kept, and " +
      "nobody has to act.",
  },
  restart_postponed: {
    tone: "busy",
    pt: "O agente adiou o reinício do Evolution: {reason}.",
    en: "The agent put the restart of Evolution off: {reason}.",
  },
  process_restarted: {
    tone: "busy",
    pt: "O processo do Evolution foi reiniciado. O socket será perguntado após 10, 20 e 40 s.",
    en: "The Evolution process was restarted. The socket is asked after 10, 20 and 40 s.",
  },
};
