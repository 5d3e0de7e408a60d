import assert from "node:assert/strict";
import { findSenders } from "../../dev/tasks/adopt/find-senders.ts";
import { addImportLine, removeImportLine } from "../../dev/tasks/adopt/import-line.ts";
import { readSourceFile } from "../../dev/tasks/adopt/project/read-functions.ts";
import { Refusal } from "../../dev/tasks/adopt/refusal.ts";
import { givenProject } from "./given-project.ts";

const F = "supabase/functions";
const send = (call: string, before = "", after = "") =>
  `${before}\nDeno.serve((req) => ${call}(base + "/message/sendText/" + name, { headers: { apikey } }));${after}\n`;

const FOUND: readonly (readonly [string, Readonly<Record<string, string>>, readonly string[]])[] = [
  ["a file that sends by itself", { [`${F}/a/index.ts`]: send("fetch") }, [`${F}/a/index.ts`]],
  ["a helper of a helper", {
    [`${F}/a/index.ts`]: `import { post } from "../_shared/api.ts"; post("/message/sendText/x");`,
    [`${F}/_shared/api.ts`]: `export { call as post } from "./http.ts"; import "./http.ts";`,
    [`${F}/_shared/http.ts`]:
      `export const call = (path) => fetch(base + path, { headers: { "apikey": key } });`,
  }, [`${F}/_shared/http.ts`]],
  [
    "a helper for any request, and one that calls somebody else",
    {
      [`${F}/a/index.ts`]: send(
        "withTimeout",
        `import { withTimeout } from "../_shared/http.ts";
import { ask } from "../_shared/model.ts";`,
      ),
      [`${F}/_shared/http.ts`]: `export const withTimeout = (url, init) => fetch(url, init);`,
      [`${F}/_shared/model.ts`]: `export const ask = () => fetch("https://api.example/v1");`,
    },
    [`${F}/_shared/http.ts`],
  ],
  ["what only speaks of a send in a comment, and a property called fetch", {
    [`${F}/a/index.ts`]: send("fetch"),
    [`${F}/b/index.ts`]: `// posts to /message/sendText/x\nenv.assets.fetch(request);`,
  }, [`${F}/a/index.ts`]],
  ["a function that takes a type called fetch", {
    [`${F}/a/index.ts`]: send("fetch", "type Options = { fetch: typeof fetch };"),
  }, [`${F}/a/index.ts`]],
];

for (const [name, files, expected] of FOUND) {
  Deno.test(`who sends is found: ${name}`, async () => {
    const project = await givenProject("", files);
    const senders = findSenders(project.files, [], new Set());
    assert.deepEqual(senders.map(({ path }) => path), expected);
  });
}

const REFUSED: readonly (readonly [string, Readonly<Record<string, string>>, RegExp])[] = [
  [
    "axios",
    { [`${F}/a/index.ts`]: send("axios.post", `import axios from "npm:axios@1";`) },
    /by axios/,
  ],
  [
    "axios, loaded where it is needed, beside a fetch of something else",
    {
      [`${F}/a/index.ts`]: send(
        "axios.post",
        `const axios = (await import("npm:axios")).default; await fetch("https://other.example");`,
      ),
    },
    /by axios/,
  ],
  [
    "a client that a helper makes, beside a fetch of something else",
    {
      [`${F}/a/index.ts`]: send(
        "api.post",
        `import { api } from "../_shared/api.ts"; await fetch("https://other.example");`,
      ),
      [`${F}/_shared/api.ts`]: `import ky from "npm:ky"; export const api = ky.create({});`,
    },
    /_shared\/api\.ts makes requests by ky/,
  ],
  ["globalThis.fetch", { [`${F}/a/index.ts`]: send("globalThis.fetch") }, /by globalThis\.fetch/],
  ["a fetch that is imported", {
    [`${F}/a/index.ts`]: send("fetch", `import { fetch } from "npm:other-fetch";`),
  }, /fetch of its own/],
  ["a fetch that is declared", {
    [`${F}/a/index.ts`]: send("fetch", "const { fetch = x } = options;"),
  }, /fetch of its own/],
  ["a fetch that is passed in", {
    [`${F}/a/index.ts`]: send("fetch", "", "function other(url, fetch) { return fetch(url); }"),
  }, /fetch of its own/],
  ["a helper with axios", {
    [`${F}/a/index.ts`]: `import { post } from "../_shared/api.ts"; post("/message/sendText/x");`,
    [`${F}/_shared/api.ts`]:
      `import axios from "axios"; export const post = (p) => axios.post(p, { headers: { apikey } });`,
  }, /_shared\/api\.ts makes requests by axios/],
  ["nothing that makes a request", {
    [`${F}/a/index.ts`]: `export const PATH = "/message/sendText/";`,
  }, /neither it nor what it imports makes a request/],
  ["a file that cannot be parsed", { [`${F}/a/index.ts`]: send("fetch", "const = ;") }, /parsed/],
  [
    "code outside of the functions",
    { "server/send.js": "", [`${F}/a/index.ts`]: "" },
    /server\/send\.js/,
  ],
  ["nobody", { [`${F}/a/index.ts`]: "" }, /nothing to watch/],
];

for (const [name, files, words] of REFUSED) {
  Deno.test(`who sends in a way that cannot be watched is refused by name: ${name}`, async () => {
    const project = await givenProject("", files);
    const find = (except: readonly string[]) =>
      findSenders(project.files, project.outside, new Set(except));
    assert.throws(() => find([]), (error) => error instanceof Refusal && words.test(error.message));
  });
}

Deno.test("what is left out on purpose refuses nothing", async () => {
  const project = await givenProject("", {
    [`${F}/a/index.ts`]: send("fetch"),
    [`${F}/b/index.ts`]: send("globalThis.fetch"),
  });
  const senders = findSenders(project.files, [], new Set([`${F}/b/index.ts`]));
  assert.deepEqual(senders.map(({ path }) => path), [`${F}/a/index.ts`]);
});

const LINE = `import { fetch } from "../_shared/ghost-repair/fetch.ts";\n`;

const PLACES: readonly (readonly [string, string, string])[] = [
  [
    "after the last import",
    `import a from "a";\nimport b from "b"; // b\n\nfetch(a);\n`,
    `import a from "a";\nimport b from "b"; // b\n${LINE}\nfetch(a);\n`,
  ],
  [
    "after an import of several lines",
    `import {\n  a,\n} from "a";\nfetch(a);\n`,
    `import {\n  a,\n} from "a";\n${LINE}fetch(a);\n`,
  ],
  [
    "in the file's own quotes and without semicolons",
    `import a from 'a'\nfetch(a)\n`,
    `import a from 'a'\nimport { fetch } from '../_shared/ghost-repair/fetch.ts'\nfetch(a)\n`,
  ],
  [
    "in the quotes that a file without imports uses",
    `fetch('a')\n`,
    `import { fetch } from '../_shared/ghost-repair/fetch.ts';\nfetch('a')\n`,
  ],
  [
    "with the file's own line ends",
    `import a from "a";\r\nfetch(a);\r\n`,
    `import a from "a";\r\n${LINE.replace("\n", "\r\n")}fetch(a);\r\n`,
  ],
  [
    "at the top where nothing is imported, below what is said to tools",
    `// @ts-nocheck\n// deno-lint-ignore-file\n/** Doc. */\nfetch(1);\n`,
    `// @ts-nocheck\n// deno-lint-ignore-file\n${LINE}/** Doc. */\nfetch(1);\n`,
  ],
  [
    "at the top where code follows an import on its line",
    `import a from "a"; fetch(a);\n`,
    `${LINE}import a from "a"; fetch(a);\n`,
  ],
];

for (const [name, before, after] of PLACES) {
  Deno.test(`the import line stands ${name}, and goes without a trace`, () => {
    const added = addImportLine(readSourceFile(`${F}/send/index.ts`, before));
    assert.equal(added, after);
    assert.equal(addImportLine(readSourceFile(`${F}/send/index.ts`, added)), after);
    assert.equal(removeImportLine(added), before);
  });
}

Deno.test("the line names the module as seen from the file", () => {
  const line = (path: string) => addImportLine(readSourceFile(path, "")).split('"')[1];
  assert.equal(line(`${F}/a/lib/send.ts`), "../../_shared/ghost-repair/fetch.ts");
  assert.equal(line(`${F}/_shared/evolution.ts`), "./ghost-repair/fetch.ts");
});
