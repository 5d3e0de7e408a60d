/**
 * The story's words.
 *
 * @module
 */

import type { Language } from "../../../supabase/functions/_shared/http/language.ts";

/** What the story says. `{…}` are filled in. */
const SENTENCES = {
  title: {
    pt: "Um número de WhatsApp perde a sessão, e a recupera",
    en: "A WhatsApp number loses its session, and gets it back",
  },
  parts_without_postgrest: {
    pt:
      "PostgreSQL real, as funções reais, um Evolution 2.3.7 simulado; sem PostgREST aqui, /rpc no lugar.",
    en:
      "Real PostgreSQL, the real functions, a simulated Evolution 2.3.7; no PostgREST here, /rpc instead.",
  },
  parts: {
    pt:
      "PostgreSQL e PostgREST reais, as funções reais, um Evolution 2.3.7 simulado. O relógio salta.",
    en:
      "Real PostgreSQL and PostgREST, the real functions, a simulated Evolution 2.3.7. The clock jumps.",
  },
  healthy: { pt: "Saudável", en: "Healthy" },
  before: {
    pt: "Antes: {kind}, com o reparo desligado",
    en: "Before: {kind}, the repair switched off",
  },
  after: { pt: "Depois: com o reparo ligado", en: "After: the repair switched on" },
  held: {
    pt: "(O simulador a mantém assim; uma real pode voltar sozinha após 35 a 65 s.)",
    en: "(The simulator keeps it half-open; a real one may come back by itself after 35 to 65 s.)",
  },
  userSends: { pt: "o usuário envia uma mensagem", en: "the user sends a message" },
  messageEnded: { pt: "a mensagem está {status}", en: "the message is {status}" },
  inboundArrived: { pt: "uma mensagem recebida chegou", en: "an inbound message arrived" },
  inboundMissing: {
    pt: "um cliente escreve: nada chega",
    en: "a customer writes: nothing arrives",
  },
  round: { pt: "volta {round}", en: "round {round}" },
  sendFailed: {
    pt: "o envio falha após {seconds} s: Connection Closed",
    en: "send fails after {seconds} s: Connection Closed",
  },
  tick: { pt: "o auto-reconnect roda", en: "auto-reconnect runs" },
  ladderTick: {
    pt: "o agendador bate: o reparo aberto dá um passo",
    en: "the scheduler ticks: the open repair takes a step",
  },
  states: {
    pt: "registro {registry} · socket {socket} · banco {database}",
    en: "registry {registry} · socket {socket} · database {database}",
  },
  loop: {
    pt: "O registro diz open, então o ciclo nunca acaba.",
    en: "The registry says open, so the loop goes on for ever.",
  },
  noLoop: {
    pt: "Este tipo não entra no ciclo: o registro não diz open.",
    en: "This kind does not loop: its registry does not say open.",
  },
  probe: { pt: "pergunta ao socket: sonda {count}", en: "asks the socket: probe {count}" },
  falseAlarm: { pt: "o socket vive: alarme falso", en: "the socket lives: a false alarm" },
  messageFailed: {
    pt: "a mensagem falha para o usuário, antes de algo lento",
    en: "the message is failed for the user, before anything slow",
  },
  logout: {
    pt: "DELETE /instance/logout → {status} ({outcome})",
    en: "DELETE /instance/logout → {status} ({outcome})",
  },
  marked: { pt: "a linha está disconnected", en: "the row is disconnected" },
  verified: {
    pt: "o registro é lido de novo: {registry} ({outcome})",
    en: "the registry is read again: {registry} ({outcome})",
  },
  registryRead: { pt: "o registro diz {registry}", en: "the registry says {registry}" },
  connect: {
    pt: "GET /instance/connect: a única reconexão real",
    en: "GET /instance/connect: the one real reconnection",
  },
  qr: {
    pt: "o 2.3.7 apagou o pareamento no logout: um QR code espera o celular",
    en: "2.3.7 deleted the pairing with the logout: a QR code waits for the phone",
  },
  scanned: { pt: "o celular lê o QR code", en: "the phone scans the QR code" },
  customerWrites: {
    pt: "enquanto ninguém está pareado, um cliente escreve",
    en: "while no device is paired, a customer writes",
  },
  missedArrived: {
    pt: "o que o cliente escreveu entre o logout e a leitura está aqui, uma vez",
    en: "what the customer wrote between logout and scan is here, once",
  },
  missedMissing: {
    pt: "o que o cliente escreveu entre o logout e a leitura se perdeu",
    en: "what the customer wrote between logout and scan is lost",
  },
  socketOpen: { pt: "o socket do WhatsApp abre", en: "the WhatsApp socket opens" },
  webhookOpen: { pt: "o webhook diz open", en: "the webhook says open" },
  connected: { pt: "a linha está connected", en: "the row is connected" },
  step: { pt: "escada: {step}", en: "ladder: {step}" },
  waiting: { pt: "escada: espera ({reason})", en: "ladder: waits ({reason})" },
  healed: {
    pt: "o socket respondeu: curada, a linha está connected",
    en: "the socket answered: healed, the row is connected",
  },
  whatsappBack: { pt: "o WhatsApp voltou", en: "WhatsApp is back" },
  operator: {
    pt:
      "Uma pessoa precisa agir: reinicie o processo (contêiner) do Evolution. O pareamento é mantido.",
    en: "A person must act: restart the Evolution process (container). The pairing is kept.",
  },
  flapping: {
    pt: "Dois sockets do mesmo aparelho se derrubam: só o processo pode acabar com isso.",
    en: "Two sockets of one device throw each other out: only the process can end that.",
  },
  operatorReason: { pt: "precisa de um operador: {reason}", en: "needs an operator: {reason}" },
  restartRequested: {
    pt: "só o processo cura isto ({reason}): o agente ao lado do Evolution é chamado",
    en: "only the process cures this ({reason}): the agent beside Evolution is called",
  },
  agentRestarted: {
    pt: "o agente reinicia o processo do Evolution: os pareamentos são mantidos",
    en: "the agent restarts the Evolution process: the pairings are kept",
  },
  processRestarted: {
    pt: "o operador reinicia o processo do Evolution",
    en: "the operator restarts the Evolution process",
  },
  nextSend: { pt: "o próximo envio funciona", en: "the next send works" },
  figures: {
    pt:
      "{logouts} logout(s), {ticks} tique(s), {seconds} s do envio que falhou até a cura ({real} s aqui), {lost} mensagem(ns) perdida(s)",
    en:
      "{logouts} logout(s), {ticks} tick(s), {seconds} s from the failed send to the cure ({real} s here), {lost} message(s) lost",
  },
} as const satisfies Record<string, Record<Language, string>>;

/** The name of a sentence. */
export type Sentence = keyof typeof SENTENCES;

/** Fills a sentence in. */
export function say(
  language: Language,
  sentence: Sentence,
  values: Readonly<Record<string, string | number>> = {},
): string {
  return SENTENCES[sentence][language].replace(
    /\{(\w+)\}/g,
    (_, name: string) => String(values[name] ?? ""),
  );
}
