/**
 * What each event says, in Portuguese and English. Pure.
 *
 * @module
 */

import { describeMissed } from "./missed-sentences.ts";
import { fill } from "./strings.ts";
import { describeStep } from "./step-sentences.ts";
import { adviceOf, outcomeWord, reasonWord } from "./reasons.ts";

import type { Line, Sentence } from "./line.ts";
import type { Language, TimelineEvent } from "../types.ts";

/** By kind; gaps are filled from `gapsOf`. */
const SENTENCES: Record<string, Sentence> = {
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
  maybe_deaf: {
    tone: "bad",
    pt:
      "O número voltou depois de um logout, e nesta versão do Evolution assim não recebe nada até " +
      "o processo ser reiniciado. Só conta como são quando algo chegar.",
    en:
      "The number is back after a logout, and on this version of Evolution it hears nothing until " +
      "the process is restarted. It counts as well only once something has come in.",
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

const SOURCES: Record<string, Record<Language, string>> = {
  webhook: { pt: "O webhook disse open.", en: "The webhook said open." },
  registry_open: { pt: "O registro diz open.", en: "The registry says open." },
  watch: {
    pt: "O registro diz open, embora nenhum aviso tenha chegado.",
    en: "The registry says open, though no report came.",
  },
  open: { pt: "A reconexão abriu a sessão.", en: "The reconnection opened the session." },
};

/**
 * An event as lines for people; more than one where it tells of several things.
 */
export function describeEvent(
  { kind, detail }: Pick<TimelineEvent, "kind" | "detail">,
  language: Language,
): Line[] {
  if (kind === "repair_step") return [describeStep(detail, language)];
  if (kind === "messages_recovered" || kind === "messages_may_be_missing") {
    return [describeMissed(kind, detail, language)];
  }
  const lines: Line[] = [];
  const probes = Array.isArray(detail.probes) ? detail.probes.map(String) : [];
  if (kind === "logout" && probes.length > 0) {
    const facts = probes.map((probe) => outcomeWord(probe, language));
    lines.push(
      line("probes", { count: probes.length }, language, [[...new Set(facts)].join(", ")]),
    );
  }
  const name = nameOf(kind, detail);
  const facts = kind === "connected" && detail.step === undefined ? [] : factsOf(detail);
  lines.push(line(name, gapsOf(detail, language), language, facts));
  return lines;
}

function nameOf(kind: string, detail: Record<string, unknown>) {
  if (kind === "hearing") return `hearing_${detail.verdict}`;
  if (kind === "hearing_step") return `hearing_step_${detail.step}`;
  if (kind === "healed" && detail.hearing !== undefined) return "healed_hearing";
  if (kind === "logout" && detail.source === "owed") return "logout_made_good";
  if (kind === "verified") return `verified_${record(detail.verified).outcome}`;
  if (kind === "logout" && detail.logout === "not_called") return "logout_not_called";
  if (kind === "qr_required" && detail.qr_limit === true) return "qr_limit";
  return kind;
}

function line(
  name: string,
  gaps: Record<string, unknown>,
  language: Language,
  facts: string[],
): Line {
  // A kind that this page does not know is shown by its own name.
  const sentence = SENTENCES[name] ?? { tone: "quiet", pt: name, en: name };
  return { tone: sentence.tone, text: fill(sentence[language], gaps).trim(), facts };
}

function gapsOf(detail: Record<string, unknown>, language: Language): Record<string, unknown> {
  const { reason, outcome, source, after_seconds: after } = detail;
  const code = typeof reason === "number" ? ` (${reason})` : "";
  return {
    ...detail,
    code,
    registry: record(detail.verified).registry ?? detail.registry,
    reason: reasonWord(reason, language),
    advice: adviceOf(reason, language),
    answer: outcomeWord(detail.logout ?? outcome, language),
    source: SOURCES[String(source ?? outcome)]?.[language] ?? "",
    after: after === undefined ? "" : `${language === "pt" ? "após" : "after"} ${after} s`,
  };
}

function factsOf(detail: Record<string, unknown>) {
  const told = { ...detail, ...record(detail.verified) };
  const status = told.http_status ?? told.httpStatus;
  return [
    ...(status === undefined ? [] : [`HTTP ${status}`]),
    ...(typeof told.ms === "number" ? [`${Math.round(told.ms)} ms`] : []),
    ...(told.stale === true ? ["stale"] : []),
  ];
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
