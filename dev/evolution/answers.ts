/**
 * Evolution's answers.
 *
 * @module
 */

import type { Instance } from "./session/instance.ts";
import type { State } from "./model.ts";

/** A status and the JSON that goes with it. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

const REASONS: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  500: "Internal Server Error",
  503: "Service Unavailable",
};

/** 200. */
export const ok = (body: unknown): Answer => ({ status: 200, body });

/** 201. */
export const created = (body: unknown): Answer => ({ status: 201, body });

/**
 * The error envelope.
 *
 * @param message A string, an array, or an array holding an array: Evolution has all three.
 */
export function failure(status: number, message: unknown): Answer {
  return { status, body: { status, error: REASONS[status] ?? "Error", response: { message } } };
}

/** 404 for a name that the database does not hold; given even without a key. */
export const noSuchInstance = (name: string): Answer =>
  failure(404, [`The "${name}" instance does not exist`]);

/** 401, whatever is wrong with the key. */
export const unauthorized: Answer = failure(401, "Unauthorized");

/** 404 for a route, or a method, that does not exist. */
export const cannot = (method: string, path: string): Answer =>
  failure(404, [`Cannot ${method} ${path}`]);

/** 400 for properties that a schema misses. */
export const invalid = (problems: readonly string[]): Answer => failure(400, [problems]);

/** 200 with a state: connect and restart of what the memory holds for open. */
export const stateOf = (instance: Instance, state: State): Answer =>
  ok({ instance: { instanceName: instance.name, state } });

/** 200 with an error inside: what connect and restart make of their own exceptions. */
export const swallowedError: Answer = ok({ error: true, message: "[object Object]" });

/** 200 with the QR code in the process's memory, stale or not; `{"count":0}` where there is none. */
export function qrAnswer({ qr }: Instance): Answer {
  return ok(
    qr.code === undefined ? { count: qr.count } : {
      pairingCode: null,
      code: qr.code,
      base64: qr.base64,
      count: qr.count,
    },
  );
}

/** 200 of logout and delete. */
export const success = (message: string): Answer =>
  ok({ status: "SUCCESS", error: false, response: { message } });

/** The bare Boom object that presence and number checks answer on a dead socket. */
export const connectionClosedBoom: Answer = {
  status: 400,
  body: {
    data: null,
    isBoom: true,
    isServer: false,
    output: {
      statusCode: 428,
      payload: { statusCode: 428, error: "Precondition Required", message: "Connection Closed" },
      headers: {},
    },
  },
};
