import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import {
  type Credentials,
  credentialsOf,
  type SenderVerdict,
  verifySender,
  type WebhookKeys,
} from "../../../supabase/functions/evolution-webhook/verify-sender.ts";
import { authSamples } from "./samples.ts";

const keys: WebhookKeys = { id: "now", secret: "s3cret-per-instance-key", token: null };
const iat = 1_795_384_930;
const at = (seconds: number) => new Date((iat + seconds) * 1000);

const trusted: SenderVerdict = { trusted: true, keyId: "now", signedAt: at(0) };
const known: SenderVerdict = { trusted: true, keyId: "now", signedAt: null };
const refused = (reason: "unknown_instance" | "bad_bearer" | "bad_token"): SenderVerdict => ({
  trusted: false,
  reason,
});

/** A token made by hand: the tests must be able to sign what no library would. */
function sign(
  claims: Record<string, unknown>,
  { alg = "HS256", secret = keys.secret }: { alg?: string; secret?: string } = {},
): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const signed = `${part({ alg, typ: "JWT" })}.${part(claims)}`;
  const hash = alg === "HS512" ? "sha512" : "sha256";
  return `Bearer ${signed}.${createHmac(hash, secret).update(signed).digest("base64url")}`;
}

const claims = { iat, exp: iat + 600, app: "evolution", action: "webhook" };
const bearer = (authorization: string): Credentials => ({ authorization, token: null });
const token = (value: string): Credentials => ({ authorization: null, token: value });

for (const [index, { headers }] of authSamples.entries()) {
  Deno.test(`what the gateway really signs is believed (sample ${index})`, async () => {
    const credentials = credentialsOf(new Headers(headers));
    assert.ok(credentials);
    assert.equal((await verifySender(credentials, [keys], at(1))).trusted, true);
  });
}

for (
  const [what, authorization, seconds, verdict] of [
    ["fresh", sign(claims), 0, trusted],
    ["at the end of its life", sign(claims), 600, trusted],
    ["of a webhook that is tried again 20 minutes later", sign(claims), 1_200, trusted],
    ["whose end is 25 minutes ago, and what clocks may differ", sign(claims), 2_159, trusted],
    ["whose end is longer ago", sign(claims), 2_161, refused("bad_bearer")],
    [
      "tried again, but signed with another key",
      sign(claims, { secret: "other" }),
      1_200,
      refused("bad_bearer"),
    ],
    ["from a gateway whose clock is a minute ahead", sign(claims), -59, trusted],
    ["from the future", sign(claims), -62, refused("bad_bearer")],
    ["made for an hour", sign({ iat, exp: iat + 3600 }), 0, refused("bad_bearer")],
    ["made for a second too long", sign({ iat, exp: iat + 601 }), 0, refused("bad_bearer")],
    ["without an end", sign({ iat }), 0, refused("bad_bearer")],
    ["without a beginning", sign({ exp: iat + 600 }), 0, refused("bad_bearer")],
    ["signed with another key", sign(claims, { secret: "other" }), 0, refused("bad_bearer")],
    ["signed with another algorithm", sign(claims, { alg: "HS512" }), 0, refused("bad_bearer")],
    ["that names no algorithm", sign(claims, { alg: "none" }), 0, refused("bad_bearer")],
    ["without a signature", sign(claims).replace(/[^.]+$/, ""), 0, refused("bad_bearer")],
    ["that is no token", "Bearer x", 0, refused("bad_bearer")],
    ["of another scheme", "Basic dXNlcjpwYXNz", 0, refused("bad_bearer")],
    ["that is empty", "", 0, refused("bad_bearer")],
  ] as const
) {
  Deno.test(`a bearer ${what} is ${verdict.trusted ? "believed" : "refused"}`, async () => {
    assert.deepEqual(await verifySender(bearer(authorization), [keys], at(seconds)), verdict);
  });
}

const withToken: WebhookKeys = { ...keys, token: "tok-123" };

for (
  const [what, credentials, theirs, verdict] of [
    ["the instance's token", token("tok-123"), withToken, known],
    ["another token", token("tok-124"), withToken, refused("bad_token")],
    ["an empty token", token(""), withToken, refused("bad_token")],
    ["a token where none is configured", token("tok-123"), keys, refused("bad_token")],
    [
      "an empty token where an empty one is configured",
      token(""),
      { ...keys, token: "" },
      refused("bad_token"),
    ],
    [
      "the right token beside a bad bearer",
      { authorization: sign(claims, { secret: "other" }), token: "tok-123" },
      withToken,
      refused("bad_bearer"),
    ],
    [
      "a good bearer beside a wrong token",
      { authorization: sign(claims), token: "tok-124" },
      withToken,
      trusted,
    ],
    [
      "a bearer signed with nothing, where the secret is empty",
      bearer(sign(claims, { secret: "" })),
      { ...keys, secret: "" },
      refused("bad_bearer"),
    ],
    ["a bearer for nobody", bearer(sign(claims)), null, refused("unknown_instance")],
    ["a token for nobody", token("tok-123"), null, refused("unknown_instance")],
  ] as const
) {
  Deno.test(`${what} is ${verdict.trusted ? "believed" : "refused"}`, async () => {
    assert.deepEqual(
      await verifySender(credentials, theirs === null ? [] : [theirs], at(0)),
      verdict,
    );
  });
}

Deno.test("a request without credentials has none to verify", () => {
  assert.equal(credentialsOf(new Headers({ "content-type": "application/json" })), null);
});

Deno.test("during a rotation both keys are believed, and no third one", async () => {
  const old = { ...keys, id: "before", secret: "the-key-before-the-rotation-0001" };
  const sender = bearer(sign(claims));
  assert.deepEqual(await verifySender(sender, [old, keys], at(1)), trusted, "and says which");
  assert.deepEqual(await verifySender(sender, [keys, old], at(1)), trusted);
  assert.equal((await verifySender(sender, [old, old], at(1))).trusted, false);
});
