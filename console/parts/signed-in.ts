/**
 * What every part of the page is given once somebody is signed in, and how it keeps up to date.
 *
 * @module
 */

import { createContext } from "preact";
import { useContext, useEffect, useLayoutEffect, useState } from "preact/hooks";
import type { Data } from "../data/data.ts";
import type { Language, LocalInfo } from "../types.ts";
import type { Say } from "../words/strings.ts";

/** How the page speaks. */
export interface Voice {
  say: Say;
  language: Language;
}

/** A signed-in page. */
export interface SignedIn extends Voice {
  data: Data;
  /** Null away from a local stack. */
  info: LocalInfo | null;
  /** The project's time, in epoch milliseconds; it may be ahead of the machine's. */
  now: () => number;
  /** The project said what time it is. */
  setNow: (instant: string) => void;
  /** Does what a click asked for; what goes wrong is said, and then everything is read again. */
  perform: (task: () => Promise<unknown>) => Promise<void>;
  /** What went wrong, as a sentence. */
  faultWords: (error: unknown) => string;
  /** How a look ended; null: well. */
  looked: (error: unknown) => void;
  /** Says what came of something, until the person goes on; null takes it away. */
  notice: (words: string | null) => void;
  /** Tells a screen reader. */
  announce: (words: string) => void;
  /** Reads everything again, now. */
  hurry: () => void;
  /** Calls at each look; `rest`: it is time to read again what seldom changes. */
  onLook: (listener: (rest: boolean) => void) => () => void;
}

/** Of the part of the page that is asked in. */
export const SignedInContext = createContext<SignedIn | null>(null);

/** What this part of the page is given. */
export function useSignedIn(): SignedIn {
  const signedIn = useContext(SignedInContext);
  if (signedIn === null) throw new Error("nobody is signed in");
  return signedIn;
}

/**
 * Reads something, and again whenever something happened. One read at a time; the last value stays
 * while the next is on its way.
 *
 * @param key Says what is read: another key is read at once.
 * @param often Also where nothing happened: for what makes no event.
 */
export function useReading<T>(
  key: string,
  read: () => Promise<T>,
  often = false,
): { value: T; key: string } | null {
  const signedIn = useSignedIn();
  const [found, setFound] = useState<{ value: T; key: string } | null>(null);
  // Asked before the browser paints what is there already: the answer comes that much sooner.
  useLayoutEffect(() => {
    let gone = false;
    let busy = false;
    let again = false;
    const run = async () => {
      if (busy) {
        again = true;
        return;
      }
      busy = true;
      try {
        const value = await read();
        if (!gone) setFound({ value, key });
        if (!gone) signedIn.looked(null);
      } catch (error) {
        if (!gone) signedIn.looked(error);
      }
      busy = false;
      if (again && !gone) {
        again = false;
        void run();
      }
    };
    void run();
    const off = signedIn.onLook((rest) => {
      if (rest || often) void run();
    });
    return () => {
      gone = true;
      off();
    };
  }, [signedIn.data, key]);
  return found;
}

/** The project's time, which goes on while the page is seen. */
export function useNow(everyMs: number): number {
  const { now } = useSignedIn();
  const [, setTick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => document.hidden || setTick((tick) => tick + 1), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now();
}
