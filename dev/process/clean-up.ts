/**
 * What was started is stopped, in reverse order, however the program ends.
 *
 * @module
 */

/** A registry of things to stop. */
export interface CleanUp {
  /**
   * Registers something to stop. During or after the closing it is stopped at once, so that nothing
   * which was just coming up stays behind.
   */
  add(name: string, stop: () => void | Promise<void>): void;
  /**
   * Stops everything, last in first out, once; later calls wait for the first.
   *
   * @throws {AggregateError} When something could not be stopped; the rest was stopped all the same.
   */
  close(): Promise<void>;
}

/** An empty registry. */
export function createCleanUp(): CleanUp {
  const stops: { name: string; stop: () => void | Promise<void> }[] = [];
  let closing: Promise<void> | undefined;

  const close = async () => {
    const errors: unknown[] = [];
    // Whatever is registered meanwhile is taken by the same loop.
    for (let next = stops.pop(); next; next = stops.pop()) {
      try {
        await next.stop();
      } catch (cause) {
        errors.push(new Error(`could not stop ${next.name}`, { cause }));
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, "clean-up was not complete");
  };
  return {
    add: (name, stop) => {
      stops.push({ name, stop });
      if (closing) closing = closing.then(close, close);
    },
    close: () => closing ??= close(),
  };
}

/**
 * Starts something of several parts whole or not at all: where one does not come up, those before it
 * are stopped.
 *
 * @param start Registers what it starts.
 * @returns What `start` returned; the registry's `close` stops it.
 */
export async function wholeOrNothing<T>(start: (cleanUp: CleanUp) => Promise<T>): Promise<T> {
  const cleanUp = createCleanUp();
  try {
    return await start(cleanUp);
  } catch (error) {
    await cleanUp.close();
    throw error;
  }
}

/** What {@linkcode closeOnExit} does to the process. */
interface ExitEffects {
  /** Ends the process; `Deno.exit` unless told. */
  readonly exit?: (code: number) => void;
  /** Says what went wrong; `console.error` unless told. */
  readonly report?: (error: unknown) => void;
}

const SIGNALS: readonly (readonly [Deno.Signal, number])[] = [
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
];

/**
 * Closes the registry on Ctrl-C, SIGTERM, SIGHUP and uncaught errors, and then ends the process with
 * 128 + the signal's number, or 1. A second signal ends it at once: whoever asks twice is in a hurry,
 * and the watchdog of scratch.ts removes the rest.
 *
 * @param cleanUp What to close.
 * @param effects How the process ends.
 * @returns Takes the handlers off again; nothing is closed by that.
 */
export function closeOnExit(cleanUp: CleanUp, effects: ExitEffects = {}): () => void {
  const exit = effects.exit ?? ((code: number) => Deno.exit(code));
  const report = effects.report ?? ((error: unknown) => console.error(error));
  let leaving = false;
  const leave = async (code: number) => {
    if (leaving) return exit(code);
    leaving = true;
    await cleanUp.close().catch(report);
    exit(code);
  };

  const removers: (() => void)[] = [];
  for (const [signal, code] of SIGNALS) {
    // Windows has no others to listen to.
    if (Deno.build.os === "windows" && signal !== "SIGINT") continue;
    const onSignal = () => void leave(code);
    Deno.addSignalListener(signal, onSignal);
    removers.push(() => Deno.removeSignalListener(signal, onSignal));
  }
  const onFault = (event: ErrorEvent | PromiseRejectionEvent) => {
    event.preventDefault();
    report("reason" in event ? event.reason : event.error);
    if (!leaving) void leave(1);
  };
  for (const type of ["error", "unhandledrejection"] as const) {
    globalThis.addEventListener(type, onFault as EventListener);
    removers.push(() => globalThis.removeEventListener(type, onFault as EventListener));
  }
  return () => removers.splice(0).forEach((remove) => remove());
}
