/**
 * Evolution's answers, in its own words.
 *
 * @module
 */

import { STATUS_CODES } from "node:http";
import type { z } from "zod";
import type { Instance } from "../model/instance.ts";

/** A status and the JSON that goes with it. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

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
  return { status, body: { status, error: STATUS_CODES[status], response: { message } } };
}

/** What a property of something that is not there reads like. */
export const cannotRead = (property: string): string =>
  `Cannot read properties of undefined (reading '${property}')`;

/** 400 for what a body lacks. */
export const invalid = (problems: readonly string[]): Answer => failure(400, [problems]);

/** 400 for a body that a schema refuses, worded as JSON-schema's validator words it. */
export function refuseBody(error: z.ZodError, body: unknown): Answer {
  return invalid(error.issues.map((issue) => {
    const { path } = issue;
    const owner = path.length > 1 ? path.slice(0, -1).join(".") : "instance";
    const value = path.reduce<unknown>((inner, key) => Reflect.get(Object(inner), key), body);
    if (value === undefined) {
      return `${owner} requires property "${String(path.at(-1) ?? "")}"`;
    }
    const expected = "expected" in issue ? String(issue.expected) : "string";
    return `${path.join(".")} is not of a type(s) ${expected}`;
  }));
}

/** 200 with the QR code in the process's memory, stale or not; `{"count":0}` where there is none. */
export function qrAnswer({ qr: { code, base64, count } }: Instance): Answer {
  return ok(code === undefined ? { count } : { pairingCode: null, code, base64, count });
}

/** The bare Boom object that presence and number checks answer on a dead socket. */
export const CONNECTION_CLOSED_BOOM: Answer = {
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
