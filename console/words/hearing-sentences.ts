/**
 * What the events say of messages that do not arrive, out or in.
 *
 * @module
 */

import type { Sentence } from "./line.ts";

/** By kind, or by the name that sentences.ts gives; a part of its catalogue. */
export const HEARING_SENTENCES: Readonly<Record<string, Sentence>> = {
  maybe_deaf: {
    tone: "bad",
    pt:
      "O número voltou depois de um logout, e nesta versão do Evolution assim não recebe nada até " +
      "o processo ser reiniciado. Só conta como são quando algo chegar.",
    en:
      "The number is back after a logout, and on this version of Evolution it hears nothing until " +
      "the process is restarted. It counts as well only once something has come in.",
  },
  unconfirmed: {
    tone: "busy",
    pt: "{messages} mensagem(ns) aceita(s) e nunca confirmada(s).",
    en: "{messages} message(s) accepted and never confirmed.",
  },
  silence: {
    tone: "quiet",
    pt:
      "Ninguém escreve há mais tempo que o normal: mensagens de teste entre números seus dirão se " +
      "este recebe.",
    en:
      "Nobody has written for longer than usual: test messages between numbers of yours will tell " +
      "whether this one hears.",
  },
  hearing_hears: {
    tone: "ok",
    pt: "A mensagem de teste chegou: o número recebe.",
    en: "The test message arrived: the number hears.",
  },
  hearing_deaf: {
    tone: "bad",
    pt: "Provado: o número envia, mas não recebe. A sessão não será encerrada; o conserto começa.",
    en: "Proven: the number sends but does not hear. Its session is not ended; the cure begins.",
  },
  hearing_suspected_deaf: {
    tone: "bad",
    pt: "Suspeita: o número talvez não receba. Sem outro número para provar, nada é mexido.",
    en:
      "Suspicion: the number may not hear. Without another number to prove it nothing is touched.",
  },
  hearing_webhook_mute: {
    tone: "bad",
    pt: "O Evolution recebe, mas o webhook não avisa. O que falta é buscado no Evolution.",
    en:
      "Evolution hears, but its webhook does not tell. What is missing is fetched from Evolution.",
  },
  hearing_lagging: {
    tone: "busy",
    pt: "O que chega vem com minutos de atraso. Nada é mexido.",
    en: "What comes in comes minutes late. Nothing is touched.",
  },
  hearing_step_presence: {
    tone: "busy",
    pt: "A fila de eventos do número é testada.",
    en: "It is tried whether the number's queue of events moves.",
  },
  hearing_step_restart: {
    tone: "busy",
    pt: "A fila anda: um restart da sessão, o único. O pareamento é mantido.",
    en: "The queue moves: one restart of the session, the only one. The pairing is kept.",
  },
  healed_hearing: {
    tone: "ok",
    pt: "O número recebe de novo {after}. O que faltou é comparado com o Evolution.",
    en: "The number hears again {after}. What it missed is compared with Evolution.",
  },
  sends_rejected: {
    tone: "busy",
    pt:
      "O WhatsApp recusou {messages} mensagens em dez minutos. Conversas novas podem estar limitadas; respostas ainda passam.",
    en:
      "WhatsApp refused {messages} messages within ten minutes. New conversations may be limited; replies still pass.",
  },
};
