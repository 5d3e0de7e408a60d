import assert from "node:assert/strict";
import { chooseLanguage } from "../../../supabase/functions/_shared/http/language.ts";

for (
  const [header, language] of [
    [null, "pt"],
    ["", "pt"],
    ["en", "en"],
    ["en-GB,en;q=0.9", "en"],
    ["pt-BR,pt;q=0.9,en;q=0.8", "pt"],
    ["fr,en;q=0.5,pt;q=0.4", "en"],
    ["en;q=0.1, pt;q=0.2", "pt"],
    ["en;q=0, fr", "pt"],
    ["english", "pt"],
  ] as const
) {
  Deno.test(`Accept-Language ${header}: ${language}`, () => {
    assert.equal(chooseLanguage(header), language);
  });
}
