/**
 * Words of the pages about many numbers: the list, one number's uptime, the QR page, gateways.
 *
 * @module
 */

/** See {@linkcode WORDS} of strings.ts, of which these are a part. */
export const FLEET_WORDS = {
  pages: { pt: "Páginas", en: "Pages" },
  gateways: { pt: "Gateways", en: "Gateways" },
  alertsPage: { pt: "Alertas", en: "Alerts" },
  allNumbers: { pt: "Todos os números", en: "All numbers" },
  notLive: { pt: "sem resposta, tentando de novo", en: "no answer, trying again" },
  liveTold: { pt: "ao vivo", en: "live" },
  loading: { pt: "Carregando…", en: "Loading…" },

  stateGaveUp: { pt: "reconexão desistiu", en: "reconnection gave up" },
  stateOff: { pt: "desligado à mão", en: "switched off" },

  sumLabel: { pt: "Números por estado", en: "Numbers by state" },
  sumAll: { pt: "Todos", en: "All" },
  sumPerson: { pt: "Precisam de alguém", en: "Need somebody" },
  sumScan: { pt: "Esperam um QR", en: "Wait for a scan" },
  sumRepair: { pt: "Em reparo", en: "Being repaired" },
  sumWell: { pt: "Bem", en: "Well" },
  sumOff: { pt: "Desligados", en: "Switched off" },
  sumDeaf: { pt: "Talvez não recebam", en: "May not hear" },

  whatIsThis: { pt: "O que é isto?", en: "What is this?" },
  whatStates: { pt: "O que querem dizer os estados?", en: "What do the states mean?" },
  meansWell: {
    pt: "A sessão está aberta, e nada indica o contrário.",
    en: "The session is open, and nothing speaks against it.",
  },
  meansRepairing: {
    pt: "O reparo trabalha sozinho neste número; ninguém precisa fazer nada.",
    en: "The repair works on this number by itself; nobody has to do anything.",
  },
  meansReconnecting: {
    pt: "A sessão caiu, e a reconexão automática tenta até três vezes trazê-la de volta.",
    en: "The session went down, and auto-reconnect tries up to three times to bring it back.",
  },
  meansScan: {
    pt: "O pareamento acabou: alguém precisa ler um QR code com o celular deste número.",
    en: "The pairing has ended: somebody has to scan a QR code with this number's phone.",
  },
  meansPerson: {
    pt: "Aqui ninguém consegue curar isto sozinho: a linha do tempo diz o que fazer.",
    en: "Nothing here can cure this by itself: the timeline says what to do.",
  },
  meansGaveUp: {
    pt: "Três reconexões falharam: religue o número quando a causa estiver resolvida.",
    en: "Three reconnections failed: reconnect the number once the cause is gone.",
  },
  meansOff: {
    pt: "Uma pessoa desligou o número; ele fica assim até alguém religá-lo.",
    en: "A person disconnected the number; it stays so until somebody reconnects it.",
  },
  meansDeaf: {
    pt: "O número envia, mas mensagens de teste provaram que não recebe nada.",
    en: "The number sends, but test messages proved that nothing comes in.",
  },
  meansSuspectedDeaf: {
    pt: "O número calou além do seu costume e talvez não receba; sem prova, nada é mexido.",
    en: "The number is quiet beyond its habit and may not hear; without proof nothing is touched.",
  },
  meansWebhookMute: {
    pt: "O Evolution recebe as mensagens deste número, mas o webhook dele não as entrega aqui.",
    en: "Evolution gets this number's messages, but its webhook does not deliver them here.",
  },
  meansUnproven: {
    pt:
      "Voltou depois de um logout que pode deixar sem receber; só conta como são quando algo chegar.",
    en:
      "It is back after a logout that can make deaf; it counts as well only once something came in.",
  },
  meansLagging: {
    pt: "As mensagens chegam com minutos de atraso; nada precisa ser feito.",
    en: "Messages arrive minutes late; nothing has to be done.",
  },

  search: { pt: "Buscar por nome ou número", en: "Search by name or number" },
  organization: { pt: "Organização", en: "Organization" },
  everyOrganization: { pt: "Todas as organizações", en: "All organizations" },
  everyGateway: { pt: "Todos os gateways", en: "All gateways" },
  sortBy: { pt: "Ordenar por", en: "Sort by" },
  sortNeed: { pt: "Quem precisa de alguém", en: "Who needs somebody" },
  sortName: { pt: "Nome", en: "Name" },
  sortSilent: { pt: "Há mais tempo em silêncio", en: "Longest without proof of life" },
  sortUptime: { pt: "Pior semana", en: "Worst week" },
  state: { pt: "Estado", en: "State" },
  number: { pt: "Número", en: "Number" },
  what: { pt: "O que há", en: "What is the matter" },
  uptime: { pt: "Disponibilidade", en: "Uptime" },
  day: { pt: "24 h", en: "24 h" },
  week: { pt: "7 d", en: "7 d" },
  month: { pt: "30 d", en: "30 d" },
  noUptime: { pt: "—", en: "—" },
  sinceTime: { pt: "há {time}", en: "for {time}" },
  someFailed: { pt: "{count} com falha", en: "{count} failed" },
  someUnconfirmed: { pt: "{count} sem confirmação", en: "{count} unconfirmed" },
  pageOf: { pt: "{from}–{to} de {all}", en: "{from}–{to} of {all}" },
  pagesLabel: { pt: "Páginas da lista", en: "Pages of the list" },
  previous: { pt: "Anteriores", en: "Previous" },
  following: { pt: "Próximos", en: "Next" },
  foundNumbers: { pt: "{count} números", en: "{count} numbers" },
  foundOne: { pt: "1 número", en: "1 number" },
  nothingFound: {
    pt: "Nenhum número combina com esta busca.",
    en: "No number fits this search.",
  },
  showAll: { pt: "Mostrar todos", en: "Show all" },

  noSuchNumber: {
    pt: "Este número não existe mais, ou não é de uma organização sua.",
    en: "This number is gone, or belongs to none of your organizations.",
  },
  lastDays: { pt: "Últimos 30 dias", en: "The last 30 days" },
  daysAgo: { pt: "há 30 dias", en: "30 days ago" },
  dayLabel: { pt: "{day}: {share}", en: "{day}: {share}" },
  timesAway: { pt: "Quedas", en: "Times away" },
  neverAway: {
    pt: "Nenhuma queda registrada.",
    en: "No time away on record.",
  },
  when: { pt: "Quando", en: "When" },
  howLong: { pt: "Durou", en: "Lasted" },
  knownAfter: { pt: "Percebida em até", en: "Noticed within" },
  stillAway: { pt: "ainda dura", en: "still going on" },
  byHand: { pt: "à mão", en: "by hand" },
  medianAway: { pt: "Cura, mediana", en: "Cure, median" },
  medianFound: { pt: "Percebida em até, mediana", en: "Noticed within, median" },
  facts: { pt: "Em números", en: "In figures" },
  unconfirmedDay: { pt: "Sem confirmação", en: "Unconfirmed" },
  heldNow: { pt: "Retidas", en: "Held" },
  recoveredDay: { pt: "Recuperadas", en: "Recovered" },
  missingDay: { pt: "Podem faltar", en: "May be missing" },
  notKnown: { pt: "não se sabe", en: "not known" },
  version: { pt: "Versão", en: "Version" },
  versionUnknown: { pt: "versão desconhecida", en: "version not known" },
  logoutUnsafe: {
    pt: "Nesta versão um logout faria mal; o reparo não o faz.",
    en: "On this version a logout would do harm; the repair does not make one.",
  },
  logoutIsSafe: { pt: "pode ser feito", en: "can be made" },

  qrOpen: { pt: "Abrir em tela cheia", en: "Open full screen" },
  qrOpenHint: {
    pt: "No celular, ou para mandar a quem tem o aparelho.",
    en: "On a phone, or to send to whoever holds the device.",
  },
  qrPage: { pt: "Conectar {name}", en: "Link {name}" },
  qrStepOpen: {
    pt: "Abra o WhatsApp no celular do número {phone}",
    en: "Open WhatsApp on the phone of {phone}",
  },
  qrStepOpenAny: {
    pt: "Abra o WhatsApp no celular deste número",
    en: "Open WhatsApp on this number's phone",
  },
  qrStepMenu: {
    pt: "Toque em ⋮ (Android) ou Configurações (iPhone) e em Aparelhos conectados",
    en: "Tap ⋮ (Android) or Settings (iPhone), then Linked devices",
  },
  qrStepScan: {
    pt: "Toque em Conectar um aparelho e aponte para este código",
    en: "Tap Link a device and point it at this code",
  },
  qrCodeTitle: {
    pt: "Só tem este celular? Toque em “Conectar com número de telefone” e digite",
    en: "Only this phone? Tap “Link with phone number instead” and type",
  },
  qrDone: { pt: "Conectado", en: "Linked" },
  qrDoneText: {
    pt: "{name} está de volta. Pode fechar esta página.",
    en: "{name} is back. You can close this page.",
  },
  qrNotNow: { pt: "Nada para ler agora", en: "Nothing to scan now" },
  qrNotNowText: {
    pt: "{name} não espera um QR code: {state}.",
    en: "{name} waits for no QR code: {state}.",
  },
  qrReconnect: { pt: "Pedir um QR code", en: "Ask for a QR code" },
  toNumber: { pt: "Ver o número", en: "See the number" },

  gatewaysText: {
    pt: "Os servidores Evolution dos números que você administra.",
    en: "The Evolution servers of the numbers that you manage.",
  },
  noGateways: {
    pt: "Nenhum gateway: só quem administra números os vê.",
    en: "No gateway: only those who manage numbers see them.",
  },
  lastHeard: { pt: "Último webhook", en: "Last webhook" },
  restartAgent: { pt: "Agente de reinício", en: "Restart agent" },
  yes: { pt: "sim", en: "yes" },
  no: { pt: "não", en: "no" },
  logoutHere: { pt: "Logout", en: "Logout" },
} as const;
