/**
 * The bearer token that the header setting `jwt_key` makes Evolution send.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { createHmac } from "node:crypto";

/** How long a token is valid, in seconds. */
const LIFETIME_S = 600;

/**
 * Signs a webhook's token (HS256: iat, exp, app, action), byte for byte as Evolution does.
 *
 * @param key The value of `jwt_key`.
 * @param now The instant of the event. Retries send the same token again, also after its end.
 */
export function webhookToken(key: string, now: Date): string {
  const iat = Math.floor(now.getTime() / 1000);
  const claims = { iat, exp: iat + LIFETIME_S, app: "evolution", action: "webhook" };
  const signed = `${encode({ alg: "HS256", typ: "JWT" })}.${encode(claims)}`;
  return `${signed}.${createHmac("sha256", key).update(signed).digest("base64url")}`;
}

function encode(part: unknown): string {
  return Buffer.from(JSON.stringify(part)).toString("base64url");
}

/**
 * The headers of a webhook: the setting's own as they are, `jwt_key` as a bearer token.
 *
 * @param setting The `headers` of the webhook's setting.
 * @param now The instant of the event.
 */
export function webhookHeaders(
  setting: Readonly<Record<string, string>> | null,
  now: Date,
): Record<string, string> {
  const { jwt_key: key, ...headers } = setting ?? {};
  return {
    accept: "application/json, text/plain, */*",
    "content-type": "application/json",
    ...headers,
    ...(key === undefined ? {} : { authorization: `Bearer ${webhookToken(key, now)}` }),
    "user-agent": "axios/1.13.2",
  };
}
