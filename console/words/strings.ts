/**
 * The page's words in Portuguese and English. What events say is in sentences.ts.
 *
 * @module
 */

import { fill } from "../../supabase/functions/_shared/contracts/plain-words.ts";
import { CHANNEL_WORDS } from "./channel-words.ts";
import { FLEET_WORDS } from "./fleet-words.ts";
import type { Language } from "../types.ts";

export const WORDS = {
  ...FLEET_WORDS,
  ...CHANNEL_WORDS,
  title: { pt: "Números de WhatsApp", en: "WhatsApp numbers" },
  skip: { pt: "Ir para os números", en: "Skip to the numbers" },
  another: { pt: "Outro projeto", en: "Another project" },
  health: { pt: "Saúde", en: "Health" },
  numbers: { pt: "Números", en: "Numbers" },
  details: { pt: "Detalhes", en: "Details" },
  close: { pt: "Fechar detalhes", en: "Close details" },
  timeline: { pt: "Linha do tempo do reparo", en: "Repair timeline" },
  timelineEmpty: {
    pt: "Nada aconteceu ainda. Um número saudável não tem história.",
    en: "Nothing has happened yet. A healthy number has no history.",
  },
  conversation: { pt: "Conversa", en: "Conversation" },
  conversationEmpty: { pt: "Nenhuma mensagem ainda.", en: "No message yet." },
  noConversation: {
    pt: "Este número ainda não tem conversas.",
    en: "This number has no conversations yet.",
  },
  withWhom: { pt: "Com quem", en: "With whom" },
  messageLabel: { pt: "Mensagem", en: "Message" },
  messageHint: { pt: "Escreva uma mensagem", en: "Write a message" },
  nudge: {
    pt: "Envie uma mensagem: é no envio que o fantasma aparece.",
    en: "Send a message: a ghost shows itself when you send.",
  },
  send: { pt: "Enviar", en: "Send" },
  sample: { pt: "Olá! Seu pedido saiu para entrega.", en: "Hello! Your order is on its way." },
  retry: { pt: "Tentar de novo", en: "Retry" },
  retryAnyway: { pt: "Enviar mesmo assim", en: "Send anyway" },
  stateConnected: { pt: "conectado", en: "connected" },
  stateConnecting: { pt: "conectando", en: "connecting" },
  stateAwaitingQr: { pt: "aguardando QR", en: "awaiting QR" },
  stateOperator: { pt: "precisa de uma pessoa", en: "needs a person" },
  stateRepairing: { pt: "em reparo", en: "under repair" },
  stateDeaf: { pt: "envia, mas não recebe", en: "sends, does not hear" },
  stateSuspectedDeaf: { pt: "talvez não receba", en: "may not hear" },
  stateWebhookMute: { pt: "o webhook está mudo", en: "its webhook is mute" },
  stateUnproven: { pt: "recebe? falta a prova", en: "hearing not proven yet" },
  stateLagging: { pt: "recebe com atraso", en: "hears late" },
  stateNow: { pt: "{name}: {state}", en: "{name}: {state}" },
  lastSent: { pt: "Último envio", en: "Last sent" },
  lastReceived: { pt: "Último recebido", en: "Last received" },
  lastAlive: { pt: "Última prova de vida", en: "Last proof of life" },
  failed: { pt: "Falhas em 24 h", en: "Failed in 24 h" },
  next: { pt: "A seguir", en: "Next" },
  never: { pt: "nunca", en: "never" },
  soon: { pt: "agora", en: "now" },
  within: { pt: "{what} em {time}", en: "{what} in {time}" },
  nextNothing: { pt: "nada a fazer", en: "nothing to do" },
  nextLook: { pt: "perguntar ao socket", en: "ask the socket" },
  nextManual: { pt: "desligado à mão: fica assim", en: "disconnected by hand: stays so" },
  nextLogout: {
    pt: "desligado à mão; a sessão ainda vive no Evolution: logout assim que der",
    en: "disconnected by hand; its session lives on at Evolution: a logout when it can be",
  },
  nextPerson: {
    pt: "uma pessoa precisa olhar: veja a linha do tempo",
    en: "a person has to look: see the timeline",
  },
  nextOperator: {
    pt: "uma pessoa reinicia o processo do Evolution",
    en: "a person restarts the Evolution process",
  },
  nextStep: { pt: "próximo passo do reparo", en: "the repair's next step" },
  nextScan: { pt: "ler o QR code; expira", en: "scan the QR code; it expires" },
  nextGivenUp: { pt: "pedir um novo QR code", en: "ask for a new QR code" },
  nextReconnect: {
    pt: "reconexão, tentativa {attempt}",
    en: "reconnection, attempt {attempt}",
  },
  barLabel: { pt: "Última hora de {name}", en: "The last hour of {name}" },
  barAgo: { pt: "há 60 min", en: "60 min ago" },
  barNow: { pt: "agora", en: "now" },
  beatOk: { pt: "conectado", en: "connected" },
  beatBusy: { pt: "com problema", en: "in trouble" },
  beatAsk: { pt: "aguardando QR", en: "awaiting QR" },
  beatBad: { pt: "desconectado", en: "disconnected" },
  beatQuiet: { pt: "sem dados", en: "no data" },
  qrTitle: { pt: "Leia o QR code", en: "Scan the QR code" },
  qrText: {
    pt: "No celular: WhatsApp → Aparelhos conectados → Conectar um aparelho.",
    en: "On the phone: WhatsApp → Linked devices → Link a device.",
  },
  qrExpires: { pt: "expira em {time}", en: "expires in {time}" },
  qrExpired: { pt: "expirou; o próximo já vem", en: "expired; the next one is coming" },
  qrFetching: { pt: "Buscando o QR code…", en: "Fetching the QR code…" },
  qrAlt: { pt: "QR code para conectar o número", en: "QR code that links the number" },
  breakIt: { pt: "Quebre", en: "Break it" },
  breakText: {
    pt: "Só neste mundo simulado. Quebre a sessão, envie uma mensagem e veja a cura.",
    en: "In this simulated world only. Break the session, send a message, watch it being cured.",
  },
  ghostKinds: { pt: "Fantasmas", en: "Ghosts" },
  outside: { pt: "O mundo lá fora", en: "The world outside" },
  whatsappUp: { pt: "WhatsApp no ar", en: "WhatsApp is up" },
  gatewayUp: { pt: "Evolution no ar", en: "Evolution is up" },
  removeDevice: { pt: "Remover o aparelho no celular", en: "Remove the device on the phone" },
  restartProcess: { pt: "Reiniciar o Evolution", en: "Restart Evolution" },
  scan: { pt: "O celular lê o QR", en: "The phone scans the QR" },
  inbound: { pt: "O cliente escreve", en: "The customer writes" },
  inboundText: { pt: "Oi! Alguma novidade?", en: "Hi! Any news?" },
  truth: { pt: "A verdade por dentro", en: "The truth inside" },
  registry: { pt: "Registro", en: "Registry" },
  memory: { pt: "Memória", en: "Memory" },
  socket: { pt: "Socket", en: "Socket" },
  done: { pt: "Feito: {what}", en: "Done: {what}" },
  gateway: { pt: "Gateway", en: "Gateway" },
  reachable: { pt: "responde", en: "answers" },
  unreachable: { pt: "não responde", en: "does not answer" },
  unknown: { pt: "não se sabe", en: "not known" },
  jobReconnect: { pt: "Reconexão", en: "Reconnection" },
  jobRepair: { pt: "Reparo", en: "Repair" },
  jobWatch: { pt: "Vigia", en: "Watch" },
  jobHeld: { pt: "Mensagens retidas", en: "Held messages" },
  jobRecover: { pt: "Mensagens perdidas", en: "Missed messages" },
  jobAlerts: { pt: "Avisos", en: "Alerts" },
  jobSweep: { pt: "Pontas soltas", en: "Loose ends" },
  jobOk: { pt: "ok {time}", en: "ok {time}" },
  jobBusy: { pt: "ok {time} · {count}", en: "ok {time} · {count}" },
  jobFailed: { pt: "falhou {time}: {why}", en: "failed {time}: {why}" },
  jobNever: { pt: "ainda não rodou", en: "has not run yet" },
  policy: { pt: "Política", en: "Policy" },
  policyLogout: { pt: "logout primeiro", en: "logout first" },
  policyKeep: { pt: "manter o pareamento", en: "keep the pairing" },
  policyOff: { pt: "reparo desligado", en: "repair switched off" },
  speed: { pt: "Velocidade", en: "Speed" },
  loginTitle: { pt: "Entrar", en: "Sign in" },
  loginText: {
    pt: "Um projeto Supabase com estas funções. Nada é guardado, nem vai no endereço.",
    en: "A Supabase project with these functions. Nothing is stored or put in the address.",
  },
  projectUrl: { pt: "Endereço do projeto", en: "Project URL" },
  publishableKey: { pt: "Chave publicável", en: "Publishable key" },
  email: { pt: "E-mail", en: "E-mail" },
  password: { pt: "Senha", en: "Password" },
  enter: { pt: "Entrar", en: "Sign in" },
  noNumbers: { pt: "Este usuário não vê nenhum número.", en: "This user sees no numbers." },
  faultNoAnswer: {
    pt: "O projeto não responde. A página continua tentando.",
    en: "The project does not answer. The page keeps trying.",
  },
  fault: { pt: "Não deu certo: {why}", en: "That did not work: {why}" },
  sending: { pt: "enviando", en: "sending" },
  queued: { pt: "na fila", en: "queued" },
  waitsForWhatsApp: {
    pt: "na fila: o WhatsApp limitou os envios",
    en: "queued: WhatsApp limits sending",
  },
  held: { pt: "espera o número voltar", en: "waits for the number" },
  unconfirmed: { pt: "enviada, sem confirmação", en: "sent, not confirmed" },
  sent: { pt: "enviada", en: "sent" },
  delivered: { pt: "entregue", en: "delivered" },
  read: { pt: "lida", en: "read" },
  failedMessage: { pt: "falhou", en: "failed" },
  received: { pt: "recebida", en: "received" },
  recovered: { pt: "recuperada", en: "recovered" },
  edited: { pt: "editada", en: "edited" },
  deletedMessage: { pt: "Mensagem apagada por quem a enviou", en: "Deleted by its sender" },
  disconnect: { pt: "Desligar", en: "Disconnect" },
  reconnect: { pt: "Religar", en: "Reconnect" },
  updateWebhook: { pt: "Atualizar webhook", en: "Update webhook" },
  lookNow: { pt: "Olhar agora", en: "Look now" },
  lookSoon: {
    pt: "O número é olhado nos próximos segundos.",
    en: "The number is looked at within seconds.",
  },
  lookLately: {
    pt: "Já pediram há instantes: veja a última prova de vida.",
    en: "Asked for a moment ago: see the last proof of life.",
  },
  lookRepair: {
    pt: "O reparo já olha este número: veja o próximo passo.",
    en: "Its repair looks at this number: see the next step.",
  },
  lookReconnect: {
    pt: "A reconexão olha este número no próximo minuto.",
    en: "The reconnection looks at this number within a minute.",
  },
  lookOff: {
    pt: "A vigia está desligada: ninguém sonda este número.",
    en: "The watch is switched off: nobody probes this number.",
  },
  lookPaused: {
    pt: "Tudo está em pausa: ninguém olha este número agora.",
    en: "Everything is paused: nobody looks at this number now.",
  },
  lookUnlinked: {
    pt: "Este número não está ligado a um servidor Evolution.",
    en: "This number is not linked to an Evolution server.",
  },
  webhookUpdated: {
    pt: "Webhook atualizado: {added} eventos a mais, {removed} a menos.",
    en: "Webhook updated: {added} events more, {removed} fewer.",
  },
  delete: { pt: "Apagar", en: "Delete" },
  cancel: { pt: "Cancelar", en: "Cancel" },
  deleteTitle: { pt: "Apagar este número", en: "Delete this number" },
  deleteText: {
    pt: "Ele sai daqui e do servidor Evolution; as conversas ficam, sem número. Para confirmar, " +
      "digite {name}.",
    en: "It goes here and at the Evolution server; conversations stay, without a number. To " +
      "confirm, type {name}.",
  },
  deleteName: { pt: "Nome da instância", en: "Instance name" },
  deleting: { pt: "Apagando… pode levar um minuto.", en: "Deleting… this may take a minute." },
  deleted: { pt: "{name} foi apagado.", en: "{name} was deleted." },
  deleteAnyway: { pt: "Apagar mesmo assim", en: "Delete anyway" },
  deleteAnywayText: {
    pt:
      "Nada foi apagado: o servidor Evolution não confirmou. Se ele não volta mais, apague aqui " +
      "mesmo assim; a sessão pode continuar viva lá até ser desconectada no celular.",
    en: "Nothing was deleted: the Evolution server did not confirm. If it will not come back, " +
      "delete here anyway; the session may live on there until it is logged out on the phone.",
  },
};

/** The name of a word. */
export type Word = keyof typeof WORDS;

/**
 * The language of the person who looks: Portuguese where the browser prefers it, English otherwise.
 *
 * @param preferred Such as `navigator.languages`.
 */
export function chooseLanguage(preferred: readonly string[]): Language {
  for (const tag of preferred) {
    if (/^pt\b/i.test(tag)) return "pt";
    if (/^en\b/i.test(tag)) return "en";
  }
  return "en";
}

/** Says a word in one language, its gaps filled. */
export type Say = (word: Word, values?: Readonly<Record<string, unknown>>) => string;

/**
 * The page's voice in one language.
 */
export function speaker(language: Language): Say {
  return (word, values = {}) => fill(WORDS[word][language], values);
}
