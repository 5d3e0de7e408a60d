// @ts-check
/// <reference no-default-lib="true" />
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/// <reference lib="esnext" />
/**
 * The console: starts the page, keeps it up to date, and turns clicks into calls.
 *
 * @module
 */

import { ApiFault, createApi } from "./data/api.js";
import { createBreakPanel } from "./views/break-panel.js";
import { createConversation } from "./views/conversation.js";
import { createData } from "./data/data.js";
import { createFaultLine } from "./data/fault-line.js";
import { createDeletePanel } from "./views/delete-panel.js";
import { createHealthStrip } from "./views/health-strip.js";
import { createInstanceList } from "./views/instance-list.js";
import { stateOf } from "./data/instance-state.js";
import { readLocalInfo } from "./data/local.js";
import { createLogin } from "./views/login.js";
import { byId, setAttribute, setShown, setText } from "./views/patch.js";
import { createQrPanel } from "./views/qr-panel.js";
import { createRefresh } from "./data/refresh.js";
import { emptyState, selectedInstance } from "./data/state.js";
import { chooseLanguage, speaker } from "./words/strings.js";
import { createTimeline } from "./views/timeline.js";

/** @import { Data } from "./data/data.js" */
/** @import { Word } from "./words/strings.js" */

/** From the end of one look to the next, in milliseconds; longest where nobody sees the page. */
const PACE_MS = { local: 800, elsewhere: 1_500, hidden: 10_000 };

const language = chooseLanguage(navigator.languages);
const voice = { say: speaker(language), language };
const { say } = voice;
document.documentElement.lang = language === "pt" ? "pt-BR" : "en";
document.title = say("title");
for (const element of document.querySelectorAll("[data-word]")) {
  setText(element, say(/** @type {Word} */ (element.getAttribute("data-word"))));
}

let state = emptyState();
/** @type {Data | null} */
let data = null;
/** @type {ReturnType<typeof createRefresh> | null} */
let refresh = null;
/** Counts log-ins: a loop of an earlier one ends itself. */
let session = 0;
let wake = () => {};
/** @type {Map<string, Word>} */
const announced = new Map();

const fault = createFaultLine((message) => {
  setShown(byId("fault"), message !== null);
  setText(byId("fault"), message ?? "");
});

/** What came of a deletion, until the person goes on. @param {string | null} message */
function showNotice(message) {
  setShown(byId("notice"), message !== null);
  setText(byId("notice"), message ?? "");
}

/** @param {unknown} error */
function faultWords(error) {
  const message = error instanceof Error ? error.message : String(error);
  return message === "no_answer" ? say("faultNoAnswer") : say("fault", { why: message });
}

/** Does what a click asked for; what goes wrong is said. @param {() => Promise<unknown>} task */
async function perform(task) {
  try {
    await task();
    fault.task(null);
  } catch (error) {
    fault.task(faultWords(error));
  }
  look();
}

/** Looks now instead of later. */
function look() {
  refresh?.hurry();
  wake();
}

const views = [
  createHealthStrip(byId("health"), voice),
  createInstanceList(byId("instances"), voice, (id) => select(id === state.selected ? null : id)),
  createQrPanel(voice),
  createTimeline(voice),
  createConversation(voice, (id, anyway) => perform(async () => await data?.retry(id, anyway))),
  createBreakPanel(voice, look),
  createDeletePanel(voice, {
    remove: async (id, name, force) => await data?.remove(id, name, force) ?? {},
    onDeleted: (id, words) => {
      if (id === state.selected) closeDetails();
      showNotice(words);
      look();
    },
    faultWords,
  }),
];

function render() {
  const now = Date.now() + (state.info?.aheadMs ?? 0);
  const instance = selectedInstance(state);
  setShown(byId("numbers"), data !== null);
  setShown(byId("no-numbers"), state.instances.length === 0);
  setShown(byId("details"), instance !== null);
  if (instance) {
    setText(byId("details-title"), instance.displayName ?? instance.instanceName);
    const may = instance.role === "owner" || instance.role === "admin";
    setShown(byId("disconnect"), may && !instance.manualDisconnect);
    setShown(byId("reconnect"), may && instance.status !== "connected");
    setShown(byId("update-webhook"), may);
  }
  for (const view of views) view(state, now);
  for (const each of state.instances) announce(each);
}

/** A change of state is said once. @param {import("./data/types.js").Instance} instance */
function announce(instance) {
  const { word } = stateOf(instance);
  const before = announced.get(instance.id);
  announced.set(instance.id, word);
  if (before === undefined || before === word) return;
  const name = instance.displayName ?? instance.instanceName;
  setText(byId("announcer"), say("stateNow", { name, state: say(word) }));
}

/** @param {string | null} id */
function select(id) {
  Object.assign(state, { selected: id, conversations: [], conversationId: null, messages: [] });
  Object.assign(state, { qr: null, qrFault: null });
  showNotice(null);
  render();
  look();
}

/** @param {number} mine */
async function keepLooking(mine) {
  while (mine === session && refresh) {
    try {
      await refresh.run(performance.now());
      if (mine !== session) return;
      if (state.selected === null && announced.size === 0) {
        state.selected = state.instances[0]?.id ?? null;
        if (state.selected) await refresh.run(performance.now());
      }
      setAttribute(byId("where").parentElement ?? byId("where"), "data-tone", "ok");
      fault.look(null);
    } catch (error) {
      if (mine !== session) return;
      setAttribute(byId("where").parentElement ?? byId("where"), "data-tone", "bad");
      fault.look(faultWords(error));
      if (error instanceof ApiFault && error.status === 401) return void signIn();
    }
    render();
    await new Promise((resolve) => {
      wake = () => resolve(undefined);
      const pace = state.info ? PACE_MS.local : PACE_MS.elsewhere;
      setTimeout(wake, document.hidden ? PACE_MS.hidden : pace);
    });
  }
}

const login = createLogin(async ({ url, key, email, password, local }) => {
  const api = createApi({ url, key, language });
  await api.login(email, password);
  session++;
  state = emptyState();
  announced.clear();
  data = createData(api);
  refresh = createRefresh(state, data, local ? readLocalInfo : () => Promise.resolve(null));
  setText(byId("where"), `${new URL(url).host} · ${say("subtitle")}`);
  fault.task(null);
  void keepLooking(session);
}, (error) => fault.task(faultWords(error)));

/** Where the focus was is gone with the details. */
function closeDetails() {
  select(null);
  byId("numbers").focus();
}

byId("another").addEventListener("click", () => login.toggle(data !== null));
byId("close").addEventListener("click", closeDetails);
byId("details").addEventListener("keydown", (event) => {
  if (event.key === "Escape") closeDetails();
});
byId("conversations").addEventListener("change", (event) => {
  state.conversationId = /** @type {HTMLSelectElement} */ (event.target).value;
  look();
});
/** @type {[string, (id: string) => Promise<unknown> | undefined][]} */
const actions = [
  ["disconnect", (id) => data?.disconnect(id)],
  ["reconnect", (id) => data?.reconnect(id)],
  ["update-webhook", async (id) => {
    const set = await data?.updateWebhook(id);
    if (!set) return;
    const { added: { length: added }, removed: { length: removed } } = set;
    showNotice(say("webhookUpdated", { added, removed }));
  }],
];
for (const [id, run] of actions) {
  byId(id).addEventListener("click", () =>
    void perform(async () => {
      if (state.selected !== null) await run(state.selected);
    }));
}
byId("send-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const input = /** @type {HTMLInputElement} */ (byId("message"));
  const { conversationId } = state;
  const text = input.value.trim();
  if (text === "" || conversationId === null) return;
  void perform(async () => {
    await data?.send(conversationId, text);
    input.value = state.info ? say("sample") : "";
  });
});
setAttribute(byId("message"), "placeholder", say("messageHint"));
document.addEventListener("visibilitychange", () => wake());
// Countdowns go on between two looks.
setInterval(() => data && !document.hidden && render(), 1_000);

/** A local stack tells how to get in, also a new one at the same address; elsewhere a person does. */
async function signIn() {
  const info = await readLocalInfo();
  if (info === null) return login.show();
  /** @type {HTMLInputElement} */ (byId("message")).value = say("sample");
  await login.enter({ url: info.url, key: info.publishableKey, ...info.login, local: true });
}
await signIn();
