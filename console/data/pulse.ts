/**
 * When the page looks again. It asks for one small number, the pulse, which grows whenever anything
 * happens; only where it grew is the rest read again. Where nothing happens it asks ever more seldom,
 * and where Realtime tells of changes, hardly at all.
 *
 * @module
 */

/** Between two looks, in milliseconds: at first, and at most where nothing changes. */
const PACE_MS = { local: 800, elsewhere: 1_500, most: 10_000 };
/** Where changes are told, a look is for what was not. */
const TOLD_MS = 30_000;
/** The rest is read again after so long though nothing happened: countdowns, counts, messages. */
const STALE_MS = 15_000;
/** A look that went without an answer. */
const FAULT_MS = 3_000;

/** How the page is looked at. */
interface Looking {
  /** Whether it is a local stack, whose minutes may take seconds. */
  local: boolean;
  /** Whether changes are told of by broadcast. */
  told: boolean;
}

/**
 * How long to wait until the next look. Pure.
 *
 * @param quiet How many looks in a row found nothing new.
 */
export function paceMs(quiet: number, { local, told }: Looking): number {
  if (told) return TOLD_MS;
  const first = local ? PACE_MS.local : PACE_MS.elsewhere;
  return Math.min(PACE_MS.most, first * 1.25 ** Math.max(0, quiet - 3));
}

/** What the pulse works with. */
interface Effects {
  /** The pulse of now. */
  ask: () => Promise<number>;
  looking: () => Looking;
  /** Told of each look: whether it is time to read the rest. */
  onLook: (rest: boolean) => void;
  onFault: (error: unknown) => void;
  /** A clock that does not jump, in milliseconds. */
  now: () => number;
  /** Calls later; what it returns calls it off. */
  later: (ms: number, run: () => void) => () => void;
}

/** Looks, waits, looks again. */
export interface Pulse {
  /** Looks now, and often again: somebody did something, or something happened. */
  hurry: () => void;
  /** Whether anybody sees the page; where nobody does, nothing is asked. */
  see: (seen: boolean) => void;
  stop: () => void;
}

/** Starts it. */
export function startPulse({ ask, looking, onLook, onFault, now, later }: Effects): Pulse {
  let last: number | null = null;
  let quiet = 0;
  // Whoever shows something has read it just now.
  let readAt = now();
  let seen = true;
  let stopped = false;
  let asking = false;
  let again = false;
  let callOff = () => {};

  const look = async () => {
    callOff();
    if (stopped || !seen) return;
    if (asking) {
      again = true;
      return;
    }
    asking = true;
    let wait: number;
    try {
      const pulse = await ask();
      const changed = last !== null && pulse !== last;
      last = pulse;
      quiet = changed ? 0 : quiet + 1;
      const rest = changed || now() - readAt >= STALE_MS;
      if (rest) readAt = now();
      if (!stopped) onLook(rest);
      wait = paceMs(quiet, looking());
    } catch (error) {
      if (!stopped) onFault(error);
      wait = FAULT_MS;
    }
    asking = false;
    if (again) wait = 0;
    again = false;
    callOff();
    if (!stopped && seen) callOff = later(wait, () => void look());
  };
  void look();
  return {
    hurry: () => {
      quiet = 0;
      readAt = -Infinity;
      void look();
    },
    see: (now) => {
      const came = now && !seen;
      seen = now;
      if (!now) callOff();
      if (came) {
        quiet = 0;
        readAt = -Infinity;
        void look();
      }
    },
    stop: () => {
      stopped = true;
      callOff();
    },
  };
}
