/**
 * Telling "nothing left this machine" from "it may have left".
 *
 * @module
 */

/**
 * What the runtime's HTTP client says while it is still connecting: name lookup, TCP, TLS. No byte
 * of a request is written before that is done. The words hold spaces on purpose: the URL that these
 * messages quote holds none, so a host or an instance name cannot imitate them.
 */
const BEFORE_THE_REQUEST = [
  /client error \(Connect\)/,
  /error trying to connect/, // the same, in older runtimes
  /connection refused/i,
  /dns error/i,
  /failed to lookup address/i,
  /Requests to port \d+ are blocked/,
];

/**
 * Whether a failed fetch certainly sent nothing.
 *
 * True only for failures while connecting, by the words of the error or of its causes. Everything
 * else ("connection closed before message completed", a reset, an unknown error) may have come
 * after the gateway had read the request, and is false. That holds only while the runtime does not
 * repeat a request by itself: see `onceOnlyBody` in http-exchange.ts.
 *
 * @param error What fetch threw.
 */
export function isNeverSent(error: unknown): boolean {
  for (let depth = 0, cause = error; depth < 4 && cause instanceof Error; depth++) {
    const { message } = cause;
    if (BEFORE_THE_REQUEST.some((words) => words.test(message))) return true;
    cause = cause.cause;
  }
  return false;
}
