// @ts-check
/// <reference no-default-lib="true" />
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/// <reference lib="esnext" />
/**
 * "Break it": what only the world outside can do, on the simulated gateway.
 *
 * @module
 */

import { ghostTitle } from "../words/ghost-titles.js";
import { control } from "../data/local.js";
import { byId, make, part, patchList, setAttribute, setShown, setText } from "./patch.js";
import { selectedInstance } from "../data/state.js";

/** @import { Inside, Tone } from "../data/types.js" */
/** @import { State, Voice } from "../data/state.js" */
/** @import { Word } from "../words/strings.js" */

/** A half-open session that came back by itself would end the show too early. */
const OPTIONS = { A1: { selfHeals: false, noticedAfterMs: 180_000 } };

/**
 * @param {Voice} voice
 * @param {() => void} onChange Called after the world has changed.
 * @returns {(state: State) => void}
 */
export function createBreakPanel({ say, language }, onChange) {
  let name = "";
  let customer = "";

  /** @param {string} method @param {Record<string, unknown>} body @param {string} what */
  const act = async (method, body, what) => {
    try {
      const result = await control(method, body);
      const refused = result?.accepted === false ? result.reason : null;
      setText(byId("break-done"), refused ? say("fault", { why: refused }) : say("done", { what }));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      setText(byId("break-done"), say("fault", { why }));
    }
    onChange();
  };
  /** @param {string} id @param {Word} word @param {() => Promise<void>} run */
  const button = (id, word, run) => {
    const element = make("button", { type: "button", id }, say(word));
    element.addEventListener("click", () => void run());
    return element;
  };
  /** @param {string} id @param {Word} word @param {(on: boolean) => Promise<void>} run */
  const toggle = (id, word, run) => {
    const element = button(id, word, () => run(element.getAttribute("aria-checked") !== "true"));
    setAttribute(element, "role", "switch");
    setAttribute(element, "aria-checked", "true");
    return element;
  };
  byId("scan").addEventListener("click", () => void act("scan", { name }, say("scan")));
  byId("outside").append(
    button(
      "inbound",
      "inbound",
      () => act("inbound", { name, from: customer, text: say("inboundText") }, say("inbound")),
    ),
    toggle(
      "whatsapp-up",
      "whatsappUp",
      (on) =>
        act(
          "whatsapp",
          { change: on ? { reachable: true } : { refusing: true } },
          say("whatsappUp"),
        ),
    ),
    toggle("gateway-up", "gatewayUp", (on) => act("gatewayDown", { on: !on }, say("gatewayUp"))),
    button(
      "remove-device",
      "removeDevice",
      () => act("removeDevice", { name }, say("removeDevice")),
    ),
    button(
      "restart-process",
      "restartProcess",
      () => act("restartProcess", {}, say("restartProcess")),
    ),
  );

  return ({ info, ...state }) => {
    const instance = selectedInstance({ info, ...state });
    const inside = info?.simulator?.instances.find((each) => each.name === instance?.instanceName);
    setShown(byId("break"), inside !== undefined);
    setShown(byId("scan"), inside !== undefined);
    setShown(byId("nudge"), inside?.ghost != null && instance?.status === "connected");
    if (!info?.simulator || inside === undefined) return;
    name = inside.name;
    customer = info.customer;
    showTruth(inside, say);
    patchList(
      byId("ghosts"),
      info.simulator.ghosts,
      ({ kind }) => kind,
      ({ kind, title }) => {
        const words = make("span", {}, ghostTitle(kind, title, language));
        const element = make(
          "button",
          { type: "button", "data-ghost": kind },
          make("b", {}, kind.replace("flapping-", "")),
          words,
        );
        element.addEventListener("click", () => {
          const options = OPTIONS[/** @type {keyof typeof OPTIONS} */ (kind)] ?? {};
          void act("ghost", { name, kind, options }, kind);
        });
        return make("li", {}, element);
      },
      (element, { kind }) => {
        const pressed = part(element, "button");
        setAttribute(pressed, "aria-pressed", String(inside.ghost === kind));
        // A session without a pairing has nothing left to break.
        /** @type {HTMLButtonElement} */ (pressed).disabled = !inside.paired;
      },
    );
    setAttribute(byId("whatsapp-up"), "aria-checked", String(inside.network === "reachable"));
    setAttribute(byId("gateway-up"), "aria-checked", String(info.gateway.reachable));
    const wanted = instance?.repair?.state === "needs_operator" ? "true" : null;
    setAttribute(byId("restart-process"), "data-wanted", wanted);
    /** @type {HTMLButtonElement} */ (byId("scan")).disabled = !inside.qr;
  };
}

/** Registry, memory and websocket: the three that people take for one. @param {Inside} inside @param {Voice["say"]} say */
function showTruth({ registry, memory, socket }, say) {
  /** @type {{ word: Word, value: string, tone: Tone }[]} */
  const lamps = [
    { word: "registry", value: registry, tone: lamp(registry) },
    { word: "memory", value: memory ?? "—", tone: lamp(memory) },
    { word: "socket", value: socket, tone: lamp(socket) },
  ];
  patchList(
    byId("truth"),
    lamps,
    ({ word }) => word,
    ({ word }) => make("div", {}, make("dt", {}, say(word)), make("dd")),
    (element, { value, tone }) => {
      setAttribute(element, "data-tone", tone);
      setText(part(element, "dd"), value);
    },
  );
}

/** @param {string | null} value @returns {Tone} */
function lamp(value) {
  if (value === "open") return "ok";
  if (value === "pairing") return "ask";
  return value === "connecting" || value === "upgrading" || value === "login" ? "busy" : "bad";
}
