import assert from "node:assert/strict";
import { readEnvironment } from "../../supabase/functions/_shared/runtime/environment.ts";
import { createEffects } from "../../supabase/functions/_shared/runtime/effects.ts";
import { createHandler } from "../../supabase/functions/metrics/handler.ts";

const TOKEN = "metrics-token-of-the-test-1";
const PREVIOUS = "metrics-token-of-the-test-0";

/** Asks the function; `asked` counts what it asked the database. */
async function scrape(
  tokens: Record<string, string>,
  headers: Record<string, string>,
  method = "GET",
) {
  let asked = 0;
  const environment = readEnvironment({
    SUPABASE_URL: "http://project.test",
    SUPABASE_SECRET_KEYS: '{"default":"sb_secret_x"}',
    ...tokens,
  });
  const supabaseFetch = () => {
    asked++;
    return Promise.resolve(Response.json([
      { name: "ghost_repair_numbers", labels: { health: "ok", gateway: "abc" }, value: 2 },
    ]));
  };
  const logSink = () => {};
  const handler = createHandler(createEffects(environment, { supabaseFetch, logSink }));
  const response = await handler(new Request("http://project.test/metrics", { method, headers }));
  return { status: response.status, text: await response.text(), asked, response };
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

Deno.test("who shows the token reads the numbers as Prometheus does, by one query", async () => {
  const { status, text, asked, response } = await scrape({ METRICS_TOKEN: TOKEN }, bearer(TOKEN));
  assert.equal(status, 200);
  assert.equal(response.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  assert.match(text, /^ghost_repair_numbers\{health="ok",gateway="abc"\} 2$/m);
  assert.equal(asked, 1);
});

Deno.test("during a rotation the token of before counts as well", async () => {
  const tokens = { METRICS_TOKEN: TOKEN, METRICS_TOKEN_PREVIOUS: PREVIOUS };
  for (const token of [TOKEN, PREVIOUS]) {
    assert.equal((await scrape(tokens, bearer(token))).status, 200, token);
  }
  assert.equal((await scrape({ METRICS_TOKEN: TOKEN }, bearer(PREVIOUS))).status, 401);
});

Deno.test("nobody else reads anything, and the database is not asked", async () => {
  const strangers: readonly Record<string, string>[] = [
    {},
    { authorization: "" },
    { authorization: "Bearer " },
    { authorization: `Basic ${TOKEN}` },
    { authorization: TOKEN },
    bearer(TOKEN.slice(0, -1)),
    bearer(`${TOKEN}x`),
    { "x-cron-secret": TOKEN },
  ];
  for (const headers of strangers) {
    for (const method of ["GET", "POST"]) {
      const { status, asked } = await scrape({ METRICS_TOKEN: TOKEN }, headers, method);
      assert.deepEqual([status, asked], [401, 0], JSON.stringify(headers));
    }
  }
  assert.equal((await scrape({ METRICS_TOKEN: TOKEN }, bearer(TOKEN), "DELETE")).status, 405);
});

Deno.test("without a token there is no such page, whatever is shown", async () => {
  const off = { METRICS_TOKEN_PREVIOUS: PREVIOUS };
  for (const [tokens, headers] of [[{}, {}], [{}, bearer("undefined")], [off, bearer(PREVIOUS)]]) {
    const { status, text, asked } = await scrape(
      tokens as Record<string, string>,
      headers as Record<string, string>,
    );
    assert.deepEqual([status, asked], [404, 0]);
    assert.equal(JSON.parse(text).errorCode, "METRICS_OFF");
  }
});

Deno.test("a token that could be guessed is no token", () => {
  assert.throws(
    () =>
      readEnvironment({
        SUPABASE_URL: "http://project.test",
        SUPABASE_SECRET_KEYS: '{"default":"sb_secret_x"}',
        METRICS_TOKEN: "short",
      }),
    /METRICS_TOKEN/,
  );
});
