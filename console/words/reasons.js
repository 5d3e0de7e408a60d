// @ts-check
/**
 * The machine's short words, in words. Pure.
 *
 * @module
 */

/** @import { Language } from "../data/types.js" */

/** Why. @type {Record<string, Record<Language, string>>} */
const REASONS = {
  recently_disconnected: {
    pt: "houve um há pouco",
    en: "there was one a moment ago",
  },
  repair_in_flight: { pt: "um reparo já está em andamento", en: "a repair is under way" },
  manual_disconnect: { pt: "foi desligado à mão", en: "it was disconnected by hand" },
  awaiting_qr: { pt: "um QR code espera o celular", en: "a QR code waits for the phone" },
  disabled: { pt: "o reparo está desligado", en: "the repair is switched off" },
  whatsapp_unreachable: {
    pt: "o WhatsApp está fora do alcance ou recusa o login",
    en: "WhatsApp is unreachable or refuses the login",
  },
  gateway_unreachable: { pt: "o Evolution não responde", en: "Evolution does not answer" },
  outage: {
    pt: "muitos números caíram juntos: não é culpa da sessão",
    en: "many numbers failed together: not the session's fault",
  },
  not_loaded: {
    pt: "o processo do Evolution não carregou a instância; reinicie-o",
    en: "the Evolution process did not load the instance; restart it",
  },
  not_found: {
    pt: "o Evolution não conhece a instância",
    en: "Evolution does not know the instance",
  },
  steps_used_up: {
    pt: "reinicie o processo do Evolution, nada por HTTP ajuda",
    en: "restart the Evolution process, nothing over HTTP helps",
  },
  webhooks_missing: {
    pt: "nenhum webhook deste servidor chega aqui; confira o endereço, a chave e a rede dele",
    en: "no webhook of this server arrives here; check its address, its key and its network",
  },
  number_unknown: {
    pt: "o Evolution não diz de que número é a sessão",
    en: "Evolution does not say whose session it is",
  },
  no_credentials: {
    pt: "faltam o endereço ou a chave do Evolution deste número",
    en: "the address or the key of this number's Evolution is missing",
  },
  unheard: {
    pt: "nenhum webhook deste servidor chega aqui, e o silêncio não prova nada",
    en: "no webhook of this server arrives here, and its silence proves nothing",
  },
  watch: {
    pt: "o socket não respondeu a duas perguntas",
    en: "the socket answered neither of two questions",
  },
  no_number: {
    pt: "o Evolution não diz qual é o número",
    en: "Evolution does not say which number it is",
  },
  any_answer: {
    pt: "este Evolution responde 200 a qualquer coisa",
    en: "this Evolution answers 200 to anything",
  },
  no_endpoint: {
    pt: "esta versão do Evolution não tem essa pergunta",
    en: "this version of Evolution does not have that question",
  },
  probe_refused: {
    pt: "o Evolution a recusa com palavras desconhecidas",
    en: "Evolution refuses it in words that nobody knows",
  },
  probe_blocked: {
    pt: "algo na frente do Evolution a recusa",
    en: "something in front of Evolution refuses it",
  },
  unknown_answer: {
    pt: "a resposta do Evolution não tem forma conhecida",
    en: "Evolution's answer has no known shape",
  },
  unexpected_qr_code: {
    pt: "o Evolution mostra um QR code que ninguém pediu; talvez o pareamento ainda viva",
    en: "Evolution shows a QR code that nobody asked for; the pairing may still live",
  },
  session_conflict: {
    pt: "dois sockets da mesma sessão se derrubam sem parar (440); reinicie o processo do " +
      "Evolution (docker restart <contêiner>) e, se dois servidores usam a sessão, pare um deles",
    en: "two sockets of one session throw each other out without end (440); restart the " +
      "Evolution process (docker restart <container>) and, if two servers use the session, stop one",
  },
  gateway_unauthorized: {
    pt: "o Evolution recusa a chave há dez minutos; confira a chave deste número",
    en: "Evolution has refused the key for ten minutes; check this number's key",
  },
  gateway_error: {
    pt: "o endereço do Evolution responde algo que não se entende; confira o que está nele",
    en: "the Evolution address answers something that makes no sense; check what is there",
  },
  instance_without_gateway: {
    pt: "o número não está ligado a nenhum servidor Evolution; guarde o endereço e a chave",
    en: "the number is linked to no Evolution server; store its address and key",
  },
  session_still_open: {
    pt: "foi desligado à mão, mas a sessão ainda vive no Evolution",
    en: "it was disconnected by hand, but its session lives on at Evolution",
  },
  reconnect_attempts_exhausted: {
    pt: "todas as tentativas de reconexão falharam",
    en: "all reconnection attempts failed",
  },
  instance_not_found: { pt: "o Evolution respondeu 404", en: "Evolution answered 404" },
  connection_closed: {
    pt: "uma mensagem que esperava encontrou a conexão fechada",
    en: "a message that waited met a closed connection",
  },
  slow_send: { pt: "um envio demorou demais", en: "a send took too long" },
  unconfirmed: { pt: "mensagens sem confirmação", en: "messages without confirmation" },
  live_loop: {
    pt: "a sessão tenta sozinha; o WhatsApp está fora",
    en: "the session is trying by itself; WhatsApp is away",
  },
  gateway: { pt: "o Evolution não responde", en: "Evolution does not answer" },
  settling: { pt: "a sessão está entrando", en: "the session is logging in" },
};

/** What an answer came to. @type {Record<string, Record<Language, string>>} */
const OUTCOMES = {
  accepted: { pt: "aceito, a sessão terminou", en: "accepted, the session ended" },
  not_connected: { pt: "recusado, “não conectado”", en: "refused, “not connected”" },
  socket_dead: { pt: "recusado, o socket está morto", en: "refused, the socket is dead" },
  not_found: { pt: "instância desconhecida", en: "unknown instance" },
  unauthorized: { pt: "a chave foi recusada", en: "the key was refused" },
  timeout: { pt: "sem resposta", en: "no answer" },
  unreachable: { pt: "o Evolution não responde", en: "Evolution does not answer" },
  connection_closed: { pt: "Connection Closed", en: "Connection Closed" },
  refused: { pt: "recusado", en: "refused" },
  alive: { pt: "vivo", en: "alive" },
  number_unknown: { pt: "número desconhecido", en: "number not known" },
  no_number: { pt: "número desconhecido", en: "number not known" },
  no_qr_yet: { pt: "ainda sem QR code", en: "no QR code yet" },
  qr: { pt: "um QR code", en: "a QR code" },
  open: { pt: "aberta", en: "open" },
  taken: { pt: "aceito", en: "accepted" },
  invalid: { pt: "uma resposta sem sentido", en: "an answer that makes no sense" },
  unknown: { pt: "não se sabe", en: "not known" },
  fault: { pt: "falhou do nosso lado", en: "failed on our side" },
};

/** @param {unknown} reason @param {Language} language */
export function reasonWord(reason, language) {
  return REASONS[String(reason)]?.[language] ?? String(reason ?? "");
}

/** @param {unknown} outcome @param {Language} language */
export function outcomeWord(outcome, language) {
  return OUTCOMES[String(outcome)]?.[language] ?? String(outcome ?? "");
}
