import assert from "node:assert/strict";
import { mayDeleteAnyway } from "../../console/number/delete-anyway.ts";
import { gatewayError } from "../../supabase/functions/evolution-api/action.ts";
import { ERRORS } from "../../supabase/functions/_shared/http/errors.ts";

Deno.test("a deletion may be insisted on where the gateway could not be asked, nowhere else", () => {
  const notAsked = ["unreachable", "timeout", "unauthorized", "invalid", "unlicensed"] as const;
  const codes: string[] = notAsked.map((outcome) => gatewayError(outcome).code);
  const offered = Object.keys(ERRORS).filter(mayDeleteAnyway);
  assert.deepEqual(offered.sort(), codes.sort());
});
