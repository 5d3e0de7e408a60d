/**
 * What happened to each number of a fleet, kept for the telling of what went wrong.
 *
 * @module
 */

import type { PlannedNumber } from "./plan.ts";

/** Lines kept of a number, and how many of them are told with a violation. */
const STORY_LINES = 60;
const STORY_TOLD = 16;

/** A line of a number's story. */
interface Told {
  readonly what: string;
  readonly at: number;
  /** The last time, where it was told again. */
  until: number;
  again: number;
}

/** See the module. */
export class Stories {
  readonly #stories: Told[][];
  readonly #startedAt: number;

  /** @param now Virtual ms. */
  constructor(numbers: number, private readonly now: () => number) {
    this.#stories = Array.from({ length: numbers }, () => []);
    this.#startedAt = now();
  }

  /** Notes down what happens to a number; the same again is counted. */
  note(number: number, what: string, at = this.now()): void {
    const story = this.#stories[number]!;
    const last = story.at(-1);
    if (last?.what === what) {
      last.again++;
      last.until = at;
      return;
    }
    if (story.push({ what, at, until: at, again: 0 }) > STORY_LINES) story.shift();
  }

  /** Tells what went wrong with a number now, and its last lines. */
  tellOf(number: PlannedNumber, what: string): string {
    const clock = (at: number) => clockOf(at - this.#startedAt);
    const about = `${number.name} (${number.habit}, ${number.policy}, gateway ${number.gateway})`;
    const story = this.#stories[number.index]!.slice(-STORY_TOLD).map((
      { what, at, until, again },
    ) =>
      `    ${clock(at)} ${what}` +
      (again > 0 ? ` (${again} times more, until ${clock(until)})` : "")
    ).join("\n");
    return `${clock(this.now())} ${about}: ${what}\n${story}`;
  }
}

/** `3d 04:05:06`, from the beginning. */
function clockOf(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const [days, hours, minutes] = [
    Math.floor(seconds / 86_400),
    Math.floor(seconds / 3600) % 24,
    Math.floor(seconds / 60) % 60,
  ];
  const two = (part: number) => String(part).padStart(2, "0");
  return `${days}d ${two(hours)}:${two(minutes)}:${two(seconds % 60)}`;
}
