/**
 * What the events of a number's session and of its gateway say.
 *
 * @module
 */

import type { Sentence } from "./line.ts";

/** By kind, or by the name that sentences.ts gives; a part of its catalogue. */
export const SESSION_SENTENCES: Readonly<Record<string, Sentence>> = {
  logout_owed: {
    tone: "bad",
    pt: "Uma pessoa desligou o número, mas a sessão ainda pode viver no Evolution: o logout será " +
      "feito assim que der. Reconectar desiste disso.",
    en: "A person disconnected the number, but its session may live on at Evolution: the logout " +
      "will be made as soon as it can be. Reconnecting takes that back.",
  },
  logout_made_good: {
    tone: "busy",
    pt: "O logout que faltava foi feito no Evolution: {answer}. O registro diz {registry}.",
    en: "The logout that was owed was made at Evolution: {answer}. The registry says {registry}.",
  },
  reconnect: {
    tone: "busy",
    pt: "Tentativa de reconexão: {answer}.",
    en: "Reconnection tried: {answer}.",
  },
  not_found: {
    tone: "bad",
    pt: "O Evolution não conhece mais esta instância.",
    en: "Evolution does not know this instance any more.",
  },
  qr_required: {
    tone: "ask",
    pt: "Um QR code espera o celular.",
    en: "A QR code waits for the phone.",
  },
  qr_limit: {
    tone: "ask",
    pt: "O Evolution parou de gerar QR codes; um novo será pedido.",
    en: "Evolution stopped making QR codes; a new one will be asked for.",
  },
  connected: { tone: "ok", pt: "Conectado. {source}", en: "Connected. {source}" },
  webhook_close: {
    tone: "bad",
    pt: "O Evolution avisou: a sessão foi encerrada{code}.",
    en: "Evolution reported: the session was ended{code}.",
  },
  created: { tone: "quiet", pt: "O número foi criado.", en: "The number was created." },
  manual_disconnect: {
    tone: "bad",
    pt: "Uma pessoa desligou o número: nada o religa sozinho.",
    en: "A person disconnected the number: nothing reconnects it by itself.",
  },
  delete_failed: {
    tone: "bad",
    pt: "Apagar não deu certo: o Evolution recusou.",
    en: "Deleting did not work: Evolution refused.",
  },
  suspected: {
    tone: "busy",
    pt: "Suspeita: {reason}. O socket será perguntado.",
    en: "Suspicion: {reason}. The socket will be asked.",
  },
  watch_dead: {
    tone: "bad",
    pt:
      "Ninguém escreveu, e o socket não respondeu duas vezes: um fantasma, achado antes de todos.",
    en: "Nobody wrote, and the socket did not answer twice: a ghost, found before anybody met it.",
  },
  watch_blind: {
    tone: "quiet",
    pt: "Perguntar a este socket não prova nada: {reason}.",
    en: "Asking this socket proves nothing: {reason}.",
  },
  gateway_silent: {
    tone: "quiet",
    pt: "O Evolution não responde: nada se sabe dos números dele, e nada muda.",
    en: "Evolution does not answer: nothing is known of its numbers, and nothing changes.",
  },
  recreating: {
    tone: "busy",
    pt:
      "Nada mais ajuda: a instância será apagada no Evolution e criada de novo, como permitido. " +
      "Depois é preciso ler um QR code.",
    en:
      "Nothing else helps: the instance is deleted at Evolution and made anew, as was allowed. A " +
      "QR code has to be scanned afterwards.",
  },
  recreated: {
    tone: "ok",
    pt: "A instância foi criada de novo no Evolution, com o webhook. Falta ler o QR code.",
    en: "The instance was made anew at Evolution, with its webhook. The QR code is left to scan.",
  },
  gateway_version: {
    tone: "quiet",
    pt: "O servidor Evolution mudou de versão: era {was}, agora é {version}.",
    en: "The Evolution server changed its version: it was {was}, now it is {version}.",
  },
  gateway_version_assumed: {
    tone: "quiet",
    pt:
      "O Evolution {version} não é conhecido aqui: vale o que vale para a versão anterior mais próxima.",
    en: "Evolution {version} is not known here: it is taken for the nearest older version.",
  },
  gateway_version_unusable: {
    tone: "bad",
    pt:
      "No endereço do servidor responde {version}, que não serve. É preciso o Evolution API 2.2.3 ou mais novo.",
    en:
      "{version} answers at the server's address, which is of no use. Evolution API 2.2.3 or newer is needed.",
  },
  webhook_updated: {
    tone: "quiet",
    pt: "O webhook do número foi atualizado no Evolution.",
    en: "The number's webhook was brought up to date at Evolution.",
  },
};
