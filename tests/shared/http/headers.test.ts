import assert from "node:assert/strict";
import {
  equalSecrets,
  type Identity,
  requireUser,
} from "../../../supabase/functions/_shared/http/auth.ts";
import { chooseLanguage } from "../../../supabase/functions/_shared/http/language.ts";

const LANGUAGES = [
  [null, "pt"],
  ["", "pt"],
  ["en", "en"],
  ["en-GB,en;q=0.9", "en"],
  ["pt-BR,pt;q=0.9,en;q=0.8", "pt"],
  ["fr,en;q=0.5,pt;q=0.4", "en"],
  ["en;q=0.1, pt;q=0.2", "pt"],
  ["en;q=0, fr", "pt"],
  ["english", "pt"],
] as const;

Deno.test("the language is the one of ours that Accept-Language wants most", () => {
  for (const [header, language] of LANGUAGES) {
    assert.equal(chooseLanguage(header), language, `${header}`);
  }
});

// What else is no user's: tests/security/people.test.ts.
const CALLERS = [
  ["Bearer a.b.c", "ana"],
  ["bearer a.b.c", "ana"],
  ["Bearer abc", "UNAUTHENTICATED"],
  ["Bearer a.b.c d", "UNAUTHENTICATED"],
] as const;

Deno.test("the caller is whose token follows Bearer, in any writing", async () => {
  const ana: Identity = { outcome: "user", userId: "ana" };
  const identify = () => Promise.resolve(ana);
  for (const [authorization, expected] of CALLERS) {
    const request = new Request("https://project.supabase.co", { headers: { authorization } });
    const came = await requireUser(request, { identify }).catch((error) => error.code);
    assert.equal(came, expected, authorization);
  }
});

Deno.test("secrets are equal to the last character, whatever their lengths", () => {
  const secret = "ção-secret-0001";
  assert.equal(equalSecrets(secret, secret), true);
  const others = ["", "ç", secret.slice(0, -1), `${secret}x`, `${secret}\0`, `x${secret.slice(1)}`];
  for (const other of [...others, `${secret.slice(0, -1)}2`, secret.normalize("NFD")]) {
    assert.equal(equalSecrets(other, secret), false, other);
    assert.equal(equalSecrets(secret, other), false, other);
  }
});
