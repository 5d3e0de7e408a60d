/**
 * The machine's short words for why something is so, as people read them: what the operator's notice
 * and the console say. A reason that is not here does not compile, or fails a test.
 *
 * @module
 */

type Sentence = Readonly<Record<"pt" | "en", string>>;

const RESTART: Sentence = {
  pt: "Reinicie o contêiner do Evolution; o pareamento é mantido.",
  en: "Restart the Evolution container; the pairing is kept.",
};

/** What a person should do, by the reason why one is needed. Whole sentences. */
export const ADVICE = {
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
  gateway_unauthorized: {
    pt: "O Evolution recusa a chave. Confira a chave deste número.",
    en: "Evolution refuses the key. Check this number's key.",
  },
  gateway_unlicensed: {
    pt: "O Evolution espera a ativação da licença dele (LICENSE_REQUIRED) e não faz nada até lá. " +
      "Ative-a no painel do Evolution; reiniciar não adianta.",
    en: "Evolution waits for the activation of its licence (LICENSE_REQUIRED) and does nothing " +
      "until then. Activate it in its manager; a restart does not help.",
  },
  gateway_error: {
    pt: "O endereço do Evolution responde algo que não se entende. Confira o que está nele.",
    en: "The Evolution address answers something that makes no sense. Check what is there.",
  },
  outage: {
    pt: "Vários números deste servidor caíram juntos. Confira o Evolution e a rede antes de " +
      "mexer nas sessões.",
    en: "Several numbers of this server failed together. Check Evolution and the network before " +
      "touching the sessions.",
  },
  gateway_stuck: {
    pt: "Muitos números deste servidor caíram juntos, e o processo do Evolution não tenta " +
      "reconectar nenhum. Reinicie o contêiner do Evolution; os pareamentos são mantidos.",
    en: "Many numbers of this server died together, and its Evolution process tries to reconnect " +
      "none of them. Restart the Evolution container; the pairings are kept.",
  },
  restarted_in_vain: {
    pt: "O processo do Evolution foi reiniciado e a sessão continua morta. Veja o registro (log) " +
      "do Evolution; se ele não disser por quê, conecte o número de novo com um QR code.",
    en:
      "The Evolution process was restarted, and the session is still dead. Look into Evolution's " +
      "log; if it does not say why, connect the number again with a QR code.",
  },
  restart_postponed: {
    pt:
      "O agente só reinicia o Evolution mais tarde, no horário ou no limite que ele tem. Se não " +
      "der para esperar, reinicie o contêiner agora; o pareamento é mantido.",
    en:
      "The agent restarts Evolution only later, by its window or its limit. If that is too long, " +
      "restart the container now; the pairing is kept.",
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
  instance_without_gateway: {
    pt: "O número não está ligado a nenhum servidor Evolution. Salve o endereço e a chave dele.",
    en: "The number is linked to no Evolution server. Save its address and key.",
  },
  reconnect_attempts_exhausted: {
    pt: "Todas as tentativas de reconexão falharam. Peça um novo QR code para este número.",
    en: "All reconnection attempts failed. Ask for a new QR code for this number.",
  },
  session_conflict: {
    pt: "Dois sockets usam a sessão deste número e se derrubam sem parar (440). Reinicie o " +
      "contêiner do Evolution (docker restart <contêiner>); o pareamento é mantido. Se dois " +
      "gateways ou servidores usam a mesma sessão, pare um deles.",
    en: "Two sockets use this number's session and throw each other out without end (440). " +
      "Restart the Evolution container (docker restart <container>); the pairing is kept. If two " +
      "gateways or servers use the same session, stop one of them.",
  },
  deaf: {
    pt: "O número envia, mas não recebe: duas mensagens de teste entre números seus provaram. " +
      "Reinicie o contêiner do Evolution; o pareamento é mantido, e o que faltou é buscado depois. " +
      "Não desconecte nem apague a instância: isso custa o pareamento e não resolve. Se continuar, " +
      "o WhatsApp não entrega a este aparelho: conecte o número de novo com um QR code.",
    en:
      "The number sends but does not hear: two test messages between numbers of yours proved it. " +
      "Restart the Evolution container; the pairing is kept, and what is missing is fetched " +
      "afterwards. Do not log out or delete the instance: that costs the pairing and cures nothing. " +
      "If it stays so, WhatsApp does not deliver to this device: pair the number anew by QR code.",
  },
  suspected_deaf: {
    pt:
      "Ninguém escreve há mais tempo que o normal, e duas mensagens de teste para o próprio número " +
      "ficaram sem resposta. Pode ser só o celular desligado. Mande uma mensagem de outro telefone: " +
      "se ela não aparecer aqui, reinicie o contêiner do Evolution; o pareamento é mantido.",
    en:
      "Nobody has written for longer than usual, and two test messages to the number itself had no " +
      "answer. Its own phone may just be switched off. Write to it from another phone: if that does " +
      "not appear here, restart the Evolution container; the pairing is kept.",
  },
  webhook_mute: {
    pt:
      "O Evolution recebe as mensagens deste número, mas o webhook não as traz para cá. Confira em " +
      "“Atualizar webhook” o endereço e a chave, e se o servidor alcança a internet. O que " +
      "faltou foi buscado no Evolution; nada foi reiniciado.",
    en:
      "Evolution gets this number's messages, but its webhook does not bring them here. Set the " +
      "webhook again (update_webhook) and check its address, its key, and that the server reaches " +
      "the internet. What was missing was fetched from Evolution; nothing was restarted.",
  },
  deaf_after_logout: {
    pt:
      "O número foi desconectado (logout) nesta versão do Evolution e está conectado de novo, mas " +
      "assim não recebe nada até o processo ser reiniciado. Reinicie o contêiner do Evolution; o " +
      "pareamento é mantido, e o que faltou é buscado depois. O aviso some quando chegar uma mensagem.",
    en:
      "The number was logged out on this version of Evolution and is connected again, but hears " +
      "nothing until the process is restarted. Restart the Evolution container; the pairing is kept, " +
      "and what is missing is fetched afterwards. This goes away when a message has come in.",
  },
  unproven: {
    pt:
      "Há 24 horas nada chega a este número, desde um logout que nesta versão do Evolution pode " +
      "deixá-lo surdo. Mande uma mensagem de outro telefone: se ela não aparecer aqui, reinicie o " +
      "contêiner do Evolution; o pareamento é mantido.",
    en:
      "Nothing has come in for 24 hours, since a logout that can make a number deaf on this version " +
      "of Evolution. Write to it from another phone: if that does not appear here, restart the " +
      "Evolution container; the pairing is kept.",
  },
  recreate_failed: {
    pt:
      "A instância foi apagada no Evolution para ser criada de novo, e a criação não deu certo. Crie-a " +
      "lá com o mesmo nome, configure o webhook (“Atualizar webhook”) e leia o QR code.",
    en:
      "The instance was deleted at Evolution to be made anew, and making it failed. Create it there " +
      "with the same name, set its webhook (update_webhook), and scan the QR code.",
  },
  lagging: {
    pt: "As mensagens deste número chegam com minutos de atraso. Nada se perde; o Evolution está " +
      "ocupado ou espera por algo. Se durar, reinicie o contêiner do Evolution.",
    en:
      "This number's messages come minutes late. Nothing is lost; Evolution is busy or waits for " +
      "something. If it lasts, restart the Evolution container.",
  },
} as const satisfies Record<string, Sentence>;

/** What is wrong with a session that lives: its number does not hear, or not all of it. */
export const HEARING: ReadonlySet<string> = new Set<keyof typeof ADVICE>(
  ["deaf", "suspected_deaf", "webhook_mute", "lagging", "deaf_after_logout", "unproven"],
);

/** Reasons that a restart of the gateway's process cures (docs/ghosts.md). */
export const CURED_BY_RESTART: ReadonlySet<string> = new Set<keyof typeof ADVICE>(
  ["steps_used_up", "not_loaded", "gateway_stuck", "session_conflict", "deaf", "deaf_after_logout"],
);

/** The reason whose advice is given: of a reason of another version the last one there is. */
export function knownReason(reason: string | null): keyof typeof ADVICE {
  return reason !== null && Object.hasOwn(ADVICE, reason)
    ? reason as keyof typeof ADVICE
    : "steps_used_up";
}

/** Why the ladder waits. Ends of sentences, like the ones below. */
export const WAITS = {
  live_loop: {
    pt: "a sessão tenta sozinha; o WhatsApp está fora",
    en: "the session is trying by itself; WhatsApp is away",
  },
  gateway: { pt: "o Evolution não responde", en: "Evolution does not answer" },
  number_unknown: {
    pt: "o Evolution não diz de que número é a sessão",
    en: "Evolution does not say whose session it is",
  },
  outage: {
    pt: "muitos números caíram juntos: não é culpa da sessão",
    en: "many numbers failed together: not the session's fault",
  },
  unheard: {
    pt: "nenhum webhook deste servidor chega aqui, e o silêncio não prova nada",
    en: "no webhook of this server arrives here, and its silence proves nothing",
  },
  process_restarted: {
    pt: "o processo do Evolution foi reiniciado, e os números estão entrando",
    en: "the Evolution process was restarted, and its numbers are logging in",
  },
  settling: { pt: "a sessão está entrando", en: "the session is logging in" },
  unexpected_qr_code: {
    pt: "o Evolution mostra um QR code que ninguém pediu; talvez o pareamento ainda viva",
    en: "Evolution shows a QR code that nobody asked for; the pairing may still live",
  },
  not_granted: {
    pt: "algo mudou bem antes da chamada; o socket será perguntado de novo",
    en: "something changed right before the call; the socket will be asked again",
  },
} as const satisfies Record<string, Sentence>;

/** Why a send that failed got no repair of its own. */
export const SKIPS = {
  paused: { pt: "tudo está em pausa", en: "everything is on hold" },
  recently_disconnected: { pt: "houve um há pouco", en: "there was one a moment ago" },
  repair_in_flight: { pt: "um reparo já está em andamento", en: "a repair is under way" },
  needs_operator: {
    pt: "o reparo espera quem cuida do servidor",
    en: "the repair waits for whoever runs the server",
  },
  manual_disconnect: { pt: "foi desligado à mão", en: "it was disconnected by hand" },
  awaiting_qr: { pt: "um QR code espera o celular", en: "a QR code waits for the phone" },
  disabled: { pt: "o reparo está desligado", en: "the repair is switched off" },
  stale: { pt: "este demorou demais", en: "this one took too long" },
} as const satisfies Record<string, Sentence>;

/** Why a session is suspected although nothing said Connection Closed to its sender. */
export const SUSPICIONS = {
  connection_closed: {
    pt: "uma mensagem que esperava encontrou a conexão fechada",
    en: "a message that waited met a closed connection",
  },
  slow_send: { pt: "um envio demorou demais", en: "a send took too long" },
  unconfirmed: { pt: "mensagens sem confirmação", en: "messages without confirmation" },
  unexpected_qr_code: WAITS.unexpected_qr_code,
  repair_abandoned: {
    pt: "um reparo parou no meio",
    en: "a repair stopped halfway",
  },
  watch: {
    pt: "o socket não respondeu a duas perguntas",
    en: "the socket answered neither of two questions",
  },
  canary: {
    pt: "uma mensagem de teste encontrou a conexão fechada",
    en: "a test message met a closed connection",
  },
} as const satisfies Record<string, Sentence>;

/** Why the restart of a gateway's process comes later. */
export const POSTPONED = {
  too_soon: {
    pt: "houve outro há pouco, ou muitos hoje",
    en: "there was another a moment ago, or many today",
  },
  outside_window: {
    pt: "fora da janela de manutenção, e poucos números estão parados",
    en: "outside the maintenance window, and few numbers are dead",
  },
} as const satisfies Record<string, Sentence>;

/** Why a probe of the watch proves nothing. */
export const BLIND = {
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
} as const satisfies Record<string, Sentence>;
