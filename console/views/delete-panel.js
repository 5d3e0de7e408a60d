// @ts-check
/// <reference no-default-lib="true" />
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/// <reference lib="esnext" />
/**
 * Deleting a number: its name is typed, and where the gateway could not be asked a second click
 * deletes it all the same.
 *
 * @module
 */

import { ApiFault } from "../data/api.js";
import { mayDeleteAnyway } from "./delete-anyway.js";
import { byId, setAttribute, setShown, setText } from "./patch.js";
import { selectedInstance } from "../data/state.js";

/** @import { Instance } from "../data/types.js" */
/** @import { State, Voice } from "../data/state.js" */

/**
 * @typedef {object} Deletion
 * @property {(id: string, confirmName: string, force: boolean) => Promise<{ warning?: string }>} remove
 * @property {(id: string, words: string) => void} onDeleted What there is to say about it.
 * @property {(error: unknown) => string} faultWords
 */

/**
 * @param {Voice} voice
 * @param {Deletion} deletion
 * @returns {(state: State) => void}
 */
export function createDeletePanel({ say }, { remove, onDeleted, faultWords }) {
  const name = /** @type {HTMLInputElement} */ (byId("removal-name"));
  const buttons = ["removal-do", "removal-anyway", "removal-cancel"].map(byId);
  /** The number that is looked at. @type {Instance | null} */
  let instance = null;
  /** The number that the panel is open for. @type {string | null} */
  let openFor = null;
  let busy = false;
  /** @type {string | null} */
  let fault = null;
  let anyway = false;

  const show = () => {
    const may = instance?.role === "owner" || instance?.role === "admin";
    if (openFor !== null && openFor !== instance?.id) openFor = null;
    setShown(byId("delete"), may && openFor === null);
    setShown(byId("removal"), may && openFor !== null);
    if (instance === null) return;
    setText(byId("removal-text"), say("deleteText", { name: instance.instanceName }));
    for (const button of buttons) setAttribute(button, "disabled", busy ? "" : null);
    setShown(byId("removal-fault"), fault !== null || busy);
    setText(byId("removal-fault"), busy ? say("deleting") : fault ?? "");
    setShown(byId("removal-insist"), anyway && !busy);
  };

  /** @param {boolean} force */
  const attempt = async (force) => {
    const target = instance;
    if (busy || target === null) return;
    busy = true;
    fault = null;
    show();
    /** @type {string | null} */
    let end = null;
    try {
      const { warning } = await remove(target.id, name.value.trim(), force);
      end = warning ?? say("deleted", { name: target.displayName ?? target.instanceName });
    } catch (error) {
      fault = faultWords(error);
      anyway = error instanceof ApiFault && mayDeleteAnyway(error.code);
    }
    busy = false;
    if (end === null) return show();
    openFor = null;
    onDeleted(target.id, end);
  };

  byId("delete").addEventListener("click", () => {
    openFor = instance?.id ?? null;
    fault = null;
    anyway = false;
    name.value = "";
    show();
    name.focus();
  });
  byId("removal-cancel").addEventListener("click", () => {
    openFor = null;
    show();
    byId("delete").focus();
  });
  byId("removal-form").addEventListener("submit", (event) => {
    event.preventDefault();
    void attempt(false);
  });
  byId("removal-anyway").addEventListener("click", () => void attempt(true));

  return (state) => {
    instance = selectedInstance(state);
    show();
  };
}
