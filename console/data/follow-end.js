// @ts-check
/// <reference no-default-lib="true" />
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/// <reference lib="esnext" />
/**
 * A list that grows at its end and stays where the reader left it.
 *
 * @module
 */

/** How near to the end counts as being there, in pixels. */
const NEAR_PX = 40;

/**
 * @param {HTMLElement} box What scrolls.
 * @returns {(change: () => void, toEnd?: boolean) => void} Makes a change; the end stays in view where
 * it was in view before, or where `toEnd` asks for it.
 */
export function followEnd(box) {
  return (change, toEnd = false) => {
    const height = box.scrollHeight;
    const near = height - box.scrollTop - box.clientHeight < NEAR_PX;
    change();
    if ((near || toEnd) && box.scrollHeight !== height) box.scrollTop = box.scrollHeight;
  };
}
