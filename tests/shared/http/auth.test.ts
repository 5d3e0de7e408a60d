import assert from "node:assert/strict";
import { requireUser } from "../../../supabase/functions/_shared/http/auth.ts";
import type { Identity } from "../../../supabase/functions/_shared/runtime/authenticator.ts";

const user: Identity = { outcome: "user", userId: "ana" };

for (
  const [what, authorization, identity, expected] of [
    ["a good token", "Bearer a.b.c", user, "ana"],
    ["another writing of the scheme", "bearer a.b.c", user, "ana"],
    ["a bad token", "Bearer a.b.c", { outcome: "invalid" }, "UNAUTHENTICATED"],
    ["nobody to judge it", "Bearer a.b.c", { outcome: "unavailable" }, "AUTH_UNAVAILABLE"],
    ["no header", null, user, "UNAUTHENTICATED"],
    ["no JWT", "Bearer abc", user, "UNAUTHENTICATED"],
    ["more than a token", "Bearer a.b.c d", user, "UNAUTHENTICATED"],
    ["another scheme", "Basic a.b.c", user, "UNAUTHENTICATED"],
  ] as const satisfies readonly (readonly [string, string | null, Identity, string])[]
) {
  Deno.test(`with ${what} the caller is ${expected}`, async () => {
    const headers = new Headers(authorization === null ? {} : { authorization });
    const request = new Request("https://project.supabase.co", { headers });
    const came = await requireUser(request, { identify: () => Promise.resolve(identity) })
      .catch((error) => error.code);
    assert.equal(came, expected);
  });
}
