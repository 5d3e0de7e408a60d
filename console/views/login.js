// @ts-check
/// <reference no-default-lib="true" />
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/// <reference lib="esnext" />
/**
 * Signing in to a project. What is typed goes to that project alone; it is not stored and never part
 * of the page's address.
 *
 * @module
 */

import { byId, setShown } from "./patch.js";

/**
 * @typedef {object} Entry
 * @property {string} url
 * @property {string} key
 * @property {string} email
 * @property {string} password
 * @property {boolean} local Whether the project is the stack that served this page.
 */

/**
 * @param {(entry: Entry) => Promise<void>} onEnter
 * @param {(error: unknown) => void} onFault
 */
export function createLogin(onEnter, onFault) {
  const form = /** @type {HTMLFormElement} */ (byId("login-form"));
  const field = (
    /** @type {string} */ name,
  ) => /** @type {HTMLInputElement} */ (form.elements.namedItem(name));

  /** @param {Entry} entry */
  const enter = async (entry) => {
    try {
      await onEnter(entry);
      setShown(byId("login"), false);
      form.reset();
    } catch (error) {
      onFault(error);
      setShown(byId("login"), true);
    }
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const url = field("url").value.trim().replace(/\/+$/, "");
    void enter({
      url,
      key: field("key").value.trim(),
      email: field("email").value.trim(),
      password: field("password").value,
      local: false,
    });
  });
  const show = () => {
    setShown(byId("login"), true);
    field("url").focus();
  };
  return {
    enter,
    /** Shows the form. */
    show,
    /** Shows the form, or puts it away again. @param {boolean} may Whether there is anything else to see. */
    toggle: (may) => {
      if (byId("login").hidden || !may) show();
      else setShown(byId("login"), false);
    },
  };
}
