import assert from "node:assert/strict";
import { ApiFault, createApi } from "../../console/data/api.ts";
import { createData } from "../../console/data/data.ts";

type Answer = (request: Request) => Response | Promise<Response>;

/** The page's client of a project that answers so; the page's fetch is the global one. */
async function against(answer: Answer, use: (api: ReturnType<typeof createApi>) => Promise<void>) {
  const real = globalThis.fetch;
  globalThis.fetch = async (input, init) => await answer(new Request(input, init));
  try {
    const project = {
      url: "https://project.test",
      key: "sb_publishable_0",
      language: "en" as const,
    };
    await use(createApi(project));
  } finally {
    globalThis.fetch = real;
  }
}

const tokens = (name: string) =>
  Response.json({ access_token: `token-${name}`, refresh_token: `refresh-${name}` });
const isLogin = (request: Request) => request.url.includes("/auth/v1/token");

Deno.test("an answer that breaks off is no answer, as one that never came", async () => {
  const broken = () =>
    new Response(
      new ReadableStream({
        pull: (controller) =>
          controller.error(new DOMException("signal timed out", "TimeoutError")),
      }),
    );
  await against(broken, async (api) => {
    await assert.rejects(api.rows("messages", {}), { name: "ApiFault", message: "no_answer" });
  });
});

Deno.test("while a token is renewed nobody asks as a stranger, to whom every table is empty", async () => {
  const renewed = Promise.withResolvers<Response>();
  const bearers: (string | null)[] = [];
  await against((request) => {
    if (request.url.includes("grant_type=password")) return tokens("old");
    if (isLogin(request)) return renewed.promise;
    const bearer = request.headers.get("authorization");
    bearers.push(bearer);
    if (bearer === null) return Response.json([]);
    return Response.json([{ id: 1 }], { status: bearer === "Bearer token-old" ? 401 : 200 });
  }, async (api) => {
    await api.login("ana@example.test", "secret");
    const first = api.rows("messages", {});
    await new Promise((resolve) => setTimeout(resolve, 0));
    const second = api.rows("messages", {});
    await new Promise((resolve) => setTimeout(resolve, 0));
    renewed.resolve(tokens("new"));
    assert.deepEqual([await first, await second], [[{ id: 1 }], [{ id: 1 }]]);
    assert.ok(!bearers.includes(null), `${bearers}`);
  });
});

Deno.test("what goes wrong is asked for in the page's language", async () => {
  await against(
    (request) => Response.json([request.headers.get("accept-language")]),
    async (api) => assert.deepEqual(await api.rows("messages", {}), ["en"]),
  );
});

Deno.test("a project without the view of messages is asked for it once; no answer is no such project", async () => {
  let views = 0;
  let away = true;
  const api = {
    rows: (table: string) => {
      if (table === "messages") return Promise.resolve([{ id: "from the table" }]);
      views++;
      return Promise.reject(
        new ApiFault("no such view or no answer", { status: away ? 0 : 404 }),
      );
    },
  };
  const data = createData(api as unknown as ReturnType<typeof createApi>);
  await assert.rejects(data.messages("c"), { status: 0 });
  away = false;
  for (let look = 0; look < 3; look++) {
    assert.deepEqual(await data.messages("c"), [{ id: "from the table" }]);
  }
  assert.equal(views, 2);
});
