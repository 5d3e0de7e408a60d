/**
 * A list that grows at its end and stays where the reader left it.
 *
 * @module
 */

import type { RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

/** How near to the end counts as being there, in pixels. */
const NEAR_PX = 40;

/**
 * Keeps the end in view where it was in view before.
 *
 * @param key Another key is another list: its end is shown.
 * @returns For the box that scrolls.
 */
export function useFollowEnd(key: string): RefObject<HTMLDivElement | null> {
  const box = useRef<HTMLDivElement>(null);
  const before = useRef({ key: "", height: 0, near: true });
  useLayoutEffect(() => {
    const { current } = box;
    if (current === null) return;
    const { height, near } = before.current;
    const other = before.current.key !== key;
    if ((near || other) && current.scrollHeight !== height) {
      current.scrollTop = current.scrollHeight;
    }
    before.current = { key, height: current.scrollHeight, near: near || other };
  });
  useLayoutEffect(() => {
    const { current } = box;
    if (current === null) return;
    const onScroll = () => {
      const left = current.scrollHeight - current.scrollTop - current.clientHeight;
      before.current.near = left < NEAR_PX;
    };
    current.addEventListener("scroll", onScroll, { passive: true });
    return () => current.removeEventListener("scroll", onScroll);
  }, []);
  return box;
}
