/**
 * Words of the alerts page: channels, their form, what came of a trial.
 *
 * @module
 */

/** See {@linkcode WORDS} of strings.ts, of which these are a part. */
export const CHANNEL_WORDS = {
  alertsText: {
    pt: "Onde as pessoas são avisadas de números que precisam delas.",
    en: "Where people are told of numbers that need them.",
  },
  noChannels: {
    pt: "Nenhum canal ainda: ninguém é avisado.",
    en: "No channel yet: nobody is told.",
  },
  alertsForbidden: {
    pt: "Só donos e administradores veem os canais.",
    en: "Only owners and admins see the channels.",
  },
  hearingSwitch: { pt: "Verificar se os números ouvem", en: "Check whether numbers hear" },
  hearingSwitchText: {
    pt:
      "Quando um número cala além do seu costume, outro número desta organização lhe escreve: no " +
      "máximo quatro mensagens por dia, marcadas, fora das conversas.",
    en:
      "Where a number is quiet beyond its habit, another number of this organization writes to it: " +
      "four messages a day at the most, marked, kept out of conversations.",
  },
  channelTest: { pt: "Enviar um teste", en: "Send a test" },
  channelTesting: {
    pt: "O teste sai na próxima rodada, em até um minuto.",
    en: "The test goes out with the next turn, within a minute.",
  },
  channelDown: { pt: "precisa de alguém", en: "needs somebody" },
  channelQr: { pt: "espera um QR", en: "waits for a scan" },
  channelRecovered: { pt: "voltou", en: "is back" },
  channelOff: { pt: "desligado", en: "off" },
  channelQuiet: { pt: "silêncio {from}–{until}", en: "quiet {from}–{until}" },
  channelNever: { pt: "nada enviado ainda", en: "nothing sent yet" },
  channelSent: { pt: "enviado {time}", en: "sent {time}" },
  channelFailed: { pt: "não foi aceito: {why}", en: "not taken: {why}" },

  kindTelegram: { pt: "Telegram", en: "Telegram" },
  kindSlack: { pt: "Slack", en: "Slack" },
  kindDiscord: { pt: "Discord", en: "Discord" },
  kindWhatsapp: {
    pt: "WhatsApp, por outro número seu",
    en: "WhatsApp, by another number of yours",
  },
  kindWebhook: { pt: "Webhook assinado", en: "Signed webhook" },
  channelAdd: { pt: "Criar um canal", en: "Add a channel" },
  channelNew: { pt: "Novo canal", en: "New channel" },
  channelEdit: { pt: "Editar", en: "Edit" },
  channelEditing: { pt: "Editar “{name}”", en: "Edit “{name}”" },
  channelSave: { pt: "Salvar", en: "Save" },
  channelSaved: { pt: "O canal “{name}” está salvo.", en: "The channel “{name}” is saved." },
  channelPause: { pt: "Pausar", en: "Pause" },
  channelResume: { pt: "Retomar", en: "Resume" },
  channelPaused: {
    pt: "O canal “{name}” está pausado: ninguém é avisado por ele.",
    en: "The channel “{name}” is paused: it tells nobody.",
  },
  channelResumed: {
    pt: "O canal “{name}” avisa de novo.",
    en: "The channel “{name}” tells again.",
  },
  channelDeleteAsk: {
    pt: "Apagar o canal “{name}”? Ninguém mais será avisado por ele, e não há volta.",
    en: "Delete the channel “{name}”? It tells nobody any more, and it cannot be brought back.",
  },
  channelDeleteDo: { pt: "Apagar “{name}”", en: "Delete “{name}”" },
  channelDeleted: { pt: "O canal “{name}” foi apagado.", en: "The channel “{name}” was deleted." },
  channelKind: { pt: "Por onde", en: "By what" },
  channelName: { pt: "Nome", en: "Name" },
  channelNameHint: {
    pt: "Até 60 letras; só a equipe o vê.",
    en: "Up to 60 letters; only your team sees it.",
  },
  channelTarget: { pt: "Para quem", en: "To whom" },
  channelTargetTelegram: {
    pt: "O id do chat, como -1001234567890, ou @nome.",
    en: "The chat's id, such as -1001234567890, or @name.",
  },
  channelTargetWhatsapp: {
    pt: "Um número com o código do país, só dígitos: 5511999998888.",
    en: "A number with its country's code, digits only: 5511999998888.",
  },
  channelUrl: { pt: "Endereço", en: "Address" },
  channelUrlSlack: {
    pt: "O que o Slack deu: https://hooks.slack.com/…",
    en: "What Slack gave you: https://hooks.slack.com/…",
  },
  channelUrlDiscord: {
    pt: "O que o Discord deu: https://discord.com/api/webhooks/…",
    en: "What Discord gave you: https://discord.com/api/webhooks/…",
  },
  channelUrlWebhook: {
    pt: "Um endereço público seu: https://…",
    en: "A public address of yours: https://…",
  },
  channelSecret: { pt: "Segredo", en: "Secret" },
  channelSecretTelegram: {
    pt: "O token do bot, como o @BotFather o deu. Nunca é mostrado de novo.",
    en: "The bot's token, as @BotFather gave it. It is never shown again.",
  },
  channelSecretWebhook: {
    pt: "Assina as mensagens: 16 caracteres ou mais, sem espaços. Nunca é mostrado de novo.",
    en: "Signs the messages: 16 characters or more, no spaces. It is never shown again.",
  },
  channelKept: { pt: "Vazio: fica como está.", en: "Empty: it stays as it is." },
  channelEvents: { pt: "Avisa quando um número", en: "Tells when a number" },
  channelEventsHint: { pt: "Pelo menos um.", en: "At least one." },
  channelLanguage: { pt: "Língua dos avisos", en: "Language of the messages" },
  channelQuietHours: { pt: "Horas de silêncio", en: "Quiet hours" },
  channelQuietOn: { pt: "Não acordar ninguém entre", en: "Wake nobody between" },
  channelQuietHint: {
    pt: "A menos que todos os números estejam fora do ar.",
    en: "Unless all numbers are down.",
  },
  channelFrom: { pt: "De", en: "From" },
  channelUntil: { pt: "Até", en: "Until" },
  channelZone: { pt: "Fuso horário", en: "Time zone" },
  channelZoneHint: { pt: "Como America/Sao_Paulo.", en: "Such as America/Sao_Paulo." },
  channelWrong: { pt: "Não é aceito.", en: "Not accepted." },
} as const;
