import assert from "node:assert/strict";
import fc from "fast-check";
import { createInstanceContract } from "../../../supabase/functions/_shared/contracts/instances.ts";
import { readEnvironment } from "../../../supabase/functions/_shared/runtime/environment.ts";
import { nameFor } from "../../../supabase/functions/evolution-api/actions/create-instance.ts";

const ID = "0b9f1a52-6b0c-4a9e-9d2c-4d1f0f6a7e11";

Deno.test("a number's name at the gateway is read from the display name", () => {
  assert.equal(nameFor("Vendas São Paulo", ID), "vendas-sao-paulo-0b9f1a52");
  assert.equal(nameFor("  Nº 1 / Suporte!  ", ID), "n-1-suporte-0b9f1a52");
  assert.equal(nameFor("売上", ID), "0b9f1a52");
});

Deno.test("whatever a number is called, its name is one that the gateway takes", () => {
  const { instanceName } = createInstanceContract.request.shape;
  fc.assert(fc.property(fc.string({ maxLength: 100, unit: "grapheme" }), fc.uuid(), (name, id) => {
    assert.equal(instanceName.safeParse(nameFor(name, id)).success, true);
  }));
});

const PROJECT = { SUPABASE_URL: "https://p.supabase.co", SUPABASE_SECRET_KEYS: '{"default":"k"}' };
const EVOLUTION_API_URL = "https://evolution.example";

Deno.test("the default gateway is its address and its key, or none", () => {
  assert.equal(readEnvironment(PROJECT).defaultGateway, undefined);
  const both = { ...PROJECT, EVOLUTION_API_URL, EVOLUTION_API_KEY: "chave" };
  assert.deepEqual(readEnvironment(both).defaultGateway, {
    apiUrl: EVOLUTION_API_URL,
    apiKey: "chave",
  });
  assert.throws(() => readEnvironment({ ...PROJECT, EVOLUTION_API_URL }), /EVOLUTION_API_KEY/);
  assert.throws(
    () => readEnvironment({ ...PROJECT, EVOLUTION_API_URL: "evolution", EVOLUTION_API_KEY: "x" }),
    /EVOLUTION_API_URL/,
  );
});
