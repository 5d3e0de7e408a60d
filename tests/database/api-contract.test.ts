import assert from "node:assert/strict";
import {
  type ApiContract,
  apiContract,
  findBroken,
  readContract,
} from "../../dev/platform/database/api-contract.ts";
import { quickTest } from "../support/quick-test.ts";

const CONTRACTS = new URL("../fixtures/api-contracts/", import.meta.url);

const stored = async (name: string) =>
  apiContract.parse(JSON.parse(await Deno.readTextFile(new URL(name, CONTRACTS))));

quickTest("functions of each version that was released run against this SQL", async ({ sql }) => {
  const now = await readContract(sql);
  for (const { name } of Deno.readDirSync(CONTRACTS)) {
    assert.deepEqual(findBroken(await stored(name), now), [], name);
  }
});

quickTest("what this version's functions may call is written down", async ({ sql }) => {
  assert.deepEqual(
    await readContract(sql),
    await stored("unreleased.json"),
    "`deno task types` writes tests/fixtures/api-contracts/unreleased.json",
  );
});

const contract = (change: Partial<ApiContract["functions"][string]> = {}): ApiContract => ({
  functions: {
    claim: {
      arguments: [
        { name: "p_id", type: "uuid", optional: false },
        { name: "p_limit", type: "integer", optional: true },
      ],
      returns: { id: "uuid", token: "uuid" },
      ...change,
    },
  },
  relations: { messages: { id: "uuid", status: "text" } },
});

const [ID, LIMIT] = contract().functions["claim"]!.arguments;

for (
  const [what, now, broken] of [
    ["the same", contract(), []],
    [
      "one more optional argument, and one more column",
      contract({
        arguments: [ID!, LIMIT!, { name: "p_more", type: "text", optional: true }],
        returns: { id: "uuid", token: "uuid", more: "text" },
      }),
      [],
    ],
    [
      "a function that is gone",
      { ...contract(), functions: {} },
      ["function claim is gone"],
    ],
    [
      "an argument of another name",
      contract({ arguments: [ID!, { ...LIMIT!, name: "p_most" }] }),
      ["claim: argument p_limit is gone"],
    ],
    [
      "an argument of another type",
      contract({ arguments: [{ ...ID!, type: "text" }, LIMIT!] }),
      ["claim: p_id is text now"],
    ],
    [
      "an argument that had a default",
      contract({ arguments: [ID!, { ...LIMIT!, optional: false }] }),
      ["claim: p_limit has to be passed"],
    ],
    [
      "a new argument without a default",
      contract({ arguments: [ID!, { name: "p_more", type: "text", optional: false }, LIMIT!] }),
      ["claim: p_more has to be passed"],
    ],
    [
      "a column that is gone",
      contract({ returns: { id: "uuid" } }),
      ["claim: column token is gone"],
    ],
    ["another return type", contract({ returns: "jsonb" }), ["claim returns something else"]],
    [
      "a table's column of another type",
      { ...contract(), relations: { messages: { id: "uuid", status: "integer" } } },
      ["messages: column status is integer"],
    ],
    ["a table that is gone", { ...contract(), relations: {} }, ["relation messages is gone"]],
  ] as const satisfies readonly (readonly [string, ApiContract, readonly string[]])[]
) {
  Deno.test(`a contract and ${what}: ${broken.length === 0 ? "kept" : "broken"}`, () => {
    assert.deepEqual(findBroken(contract(), now), broken);
  });
}
