/**
 * The story's words.
 *
 * @module
 */

/** A language of the demo. */
export type StoryLanguage = "en" | "pt";

/** What the story says. `{…}` are filled in. */
export const SENTENCES = {
  title: {
    en: "A WhatsApp number loses its session, and gets it back",
    pt: "Um número de WhatsApp perde a sessão, e a recupera",
  },
  parts: {
    en:
      "Real PostgreSQL and PostgREST, the real functions, a simulated Evolution 2.3.7. The clock jumps.",
    pt:
      "PostgreSQL e PostgREST reais, as funções reais, um Evolution 2.3.7 simulado. O relógio salta.",
  },
  healthy: { en: "Healthy", pt: "Saudável" },
  before: {
    en: "Before: {kind}, the repair switched off",
    pt: "Antes: {kind}, com o reparo desligado",
  },
  after: { en: "After: the repair switched on", pt: "Depois: com o reparo ligado" },
  held: {
    en: "(The simulator keeps it half-open; a real one may come back by itself after 35 to 65 s.)",
    pt: "(O simulador a mantém assim; uma real pode voltar sozinha após 35 a 65 s.)",
  },
  userSends: { en: "the user sends a message", pt: "o usuário envia uma mensagem" },
  messageEnded: { en: "the message is {status}", pt: "a mensagem está {status}" },
  inboundArrived: { en: "an inbound message arrived", pt: "uma mensagem recebida chegou" },
  inboundMissing: {
    en: "a customer writes: nothing arrives",
    pt: "um cliente escreve: nada chega",
  },
  round: { en: "round {round}", pt: "volta {round}" },
  sendFailed: {
    en: "send fails after {seconds} s: Connection Closed",
    pt: "o envio falha após {seconds} s: Connection Closed",
  },
  tick: { en: "auto-reconnect runs", pt: "o auto-reconnect roda" },
  ladderTick: {
    en: "the scheduler ticks: the open repair takes a step",
    pt: "o agendador bate: o reparo aberto dá um passo",
  },
  states: {
    en: "registry {registry} · socket {socket} · database {database}",
    pt: "registro {registry} · socket {socket} · banco {database}",
  },
  loop: {
    en: "The registry says open, so the loop goes on for ever.",
    pt: "O registro diz open, então o ciclo nunca acaba.",
  },
  noLoop: {
    en: "This kind does not loop: its registry does not say open.",
    pt: "Este tipo não entra no ciclo: o registro não diz open.",
  },
  probe: { en: "asks the socket: probe {count}", pt: "pergunta ao socket: sonda {count}" },
  falseAlarm: { en: "the socket lives: a false alarm", pt: "o socket vive: alarme falso" },
  messageFailed: {
    en: "the message is failed for the user, before anything slow",
    pt: "a mensagem falha para o usuário, antes de algo lento",
  },
  logout: {
    en: "DELETE /instance/logout → {status} ({outcome})",
    pt: "DELETE /instance/logout → {status} ({outcome})",
  },
  marked: { en: "the row is disconnected", pt: "a linha está disconnected" },
  verified: {
    en: "the registry is read again: {registry} ({outcome})",
    pt: "o registro é lido de novo: {registry} ({outcome})",
  },
  registryRead: {
    en: "the registry says {registry}",
    pt: "o registro diz {registry}",
  },
  connect: {
    en: "GET /instance/connect: the one real reconnection",
    pt: "GET /instance/connect: a única reconexão real",
  },
  qr: {
    en: "2.3.7 deleted the pairing with the logout: a QR code waits for the phone",
    pt: "o 2.3.7 apagou o pareamento no logout: um QR code espera o celular",
  },
  scanned: { en: "the phone scans the QR code", pt: "o celular lê o QR code" },
  socketOpen: { en: "the WhatsApp socket opens", pt: "o socket do WhatsApp abre" },
  webhookOpen: {
    en: "the webhook says open",
    pt: "o webhook diz open",
  },
  connected: { en: "the row is connected", pt: "a linha está connected" },
  step: { en: "ladder: {step}", pt: "escada: {step}" },
  waiting: { en: "ladder: waits ({reason})", pt: "escada: espera ({reason})" },
  healed: {
    en: "the socket answered: healed, the row is connected",
    pt: "o socket respondeu: curada, a linha está connected",
  },
  whatsappBack: { en: "WhatsApp is back", pt: "o WhatsApp voltou" },
  operator: {
    en: "A person must act: restart the Evolution process (container). The pairing is kept.",
    pt:
      "Uma pessoa precisa agir: reinicie o processo (contêiner) do Evolution. O pareamento é mantido.",
  },
  flapping: {
    en: "Two sockets of one device throw each other out: only the process can end that.",
    pt: "Dois sockets do mesmo aparelho se derrubam: só o processo pode acabar com isso.",
  },
  operatorReason: { en: "needs an operator: {reason}", pt: "precisa de um operador: {reason}" },
  processRestarted: {
    en: "the operator restarts the Evolution process",
    pt: "o operador reinicia o processo do Evolution",
  },
  nextSend: { en: "the next send works", pt: "o próximo envio funciona" },
  // The last lines are for scripts too: they begin the same in every language.
  endCured: { en: "demo: cured", pt: "demo: cured" },
  endOperator: { en: "demo: needs an operator", pt: "demo: needs an operator" },
  endNotCured: { en: "demo: not cured", pt: "demo: not cured" },
  figures: {
    en: "{logouts} logout(s), {ticks} tick(s), {seconds} s from the failed send to the cure " +
      "({real} s here), {lost} message(s) lost",
    pt: "{logouts} logout(s), {ticks} tique(s), {seconds} s do envio que falhou até a cura " +
      "({real} s aqui), {lost} mensagem(ns) perdida(s)",
  },
} as const satisfies Record<string, Record<StoryLanguage, string>>;

/** The name of a sentence. */
export type Sentence = keyof typeof SENTENCES;

/** Fills a sentence in. */
export function say(
  language: StoryLanguage,
  sentence: Sentence,
  values: Readonly<Record<string, string | number>> = {},
): string {
  return SENTENCES[sentence][language].replace(
    /\{(\w+)\}/g,
    (_, name: string) => String(values[name] ?? ""),
  );
}
