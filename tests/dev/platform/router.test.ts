import assert from "node:assert/strict";
import { Hono } from "hono";
import { base64url, decodeJwt } from "jose";
import { createLocalAuth } from "../../../dev/platform/auth/local-auth.ts";
import type { FunctionHandler } from "../../../dev/platform/functions.ts";
import { createRouter, type RouterParts } from "../../../dev/platform/router.ts";

const ORIGIN = "http://127.0.0.1:54321";
const auth = await createLocalAuth({ url: ORIGIN });
const userToken = await auth.userToken({ userId: crypto.randomUUID() });

/** Answers with what the function saw. */
const echo: FunctionHandler = async (request) => {
  const { pathname, search } = new URL(request.url);
  return Response.json({
    seen: `${request.method} ${pathname}${search}`,
    header: request.headers.get("x-given"),
    body: await request.text(),
  });
};

function route(parts: Partial<RouterParts> = {}) {
  const router = createRouter({
    postgrestUrl: "http://postgrest.local:3000",
    auth,
    functions: new Map([
      ["open", { handler: echo, verifyJwt: false }],
      ["guarded", { handler: echo, verifyJwt: true }],
    ]),
    fetch: () => Promise.reject(new Error("no request to PostgREST was expected")),
    ...parts,
  });
  return (path: string, init: RequestInit = {}) => router(new Request(ORIGIN + path, init));
}

/** A PostgREST that answers with what reached it. */
const postgrest: typeof fetch = (input, init) => {
  const { url, method, headers } = new Request(input, init);
  const [authorization, host] = [headers.get("authorization"), headers.get("host")];
  const body = { url, method, authorization, host };
  const partial = { status: 206, headers: { "content-range": "0-0/1" } };
  return Promise.resolve(Response.json(body, partial));
};

Deno.test("a function gets its request as on the platform: the prefix gone, the rest untouched", async () => {
  const response = await route()("/functions/v1/open/webhook/7?a=1&b=%2F", {
    method: "POST",
    headers: { "x-given": "kept" },
    body: "text",
  });
  assert.deepEqual(await response.json(), {
    seen: "POST /open/webhook/7?a=1&b=%2F",
    header: "kept",
    body: "text",
  });
});

Deno.test("a guarded function is reached with any token of the project, or by a preflight", async () => {
  const expired = await auth.userToken({ userId: crypto.randomUUID(), expiresIn: -1 });
  const cases: readonly (readonly [authorization: string | null, status: number, says?: string])[] =
    [
      [`Bearer ${userToken}`, 200],
      [`Bearer ${auth.anonKey}`, 200],
      [`Bearer ${auth.serviceRoleKey}`, 200],
      [null, 401, "Missing authorization header"],
      [`Bearer ${expired}`, 401, "Invalid JWT"],
      ["Bearer x.y.z", 401, "Invalid JWT"],
      [`Basic ${userToken}`, 401, "Invalid JWT"],
    ];
  for (const [authorization, status, says] of cases) {
    const headers: HeadersInit = authorization === null ? {} : { authorization };
    const response = await route()("/functions/v1/guarded", { headers });
    assert.deepEqual([response.status, (await response.json()).message], [status, says]);
  }
  // Browsers send it without a token.
  const response = await route()("/functions/v1/guarded", { method: "OPTIONS" });
  assert.equal((await response.json()).seen, "OPTIONS /guarded");
});

Deno.test("a function that throws is a 500 that tells the caller nothing", async () => {
  const reported: unknown[] = [];
  const handler = () => Promise.reject(new Error("the key is 123"));
  const call = route({
    functions: new Map([["faulty", { handler, verifyJwt: false }]]),
    report: (error) => reported.push(error),
  });
  const response = await call("/functions/v1/faulty");
  assert.equal(response.status, 500);
  assert.doesNotMatch(await response.text(), /123/);
  assert.match(String(reported[0]), /the key is 123/);
});

Deno.test("a request to the API reaches PostgREST without the prefix, as the user or the key's role", async () => {
  const call = route({ fetch: postgrest });
  const get = async (path: string, headers: Record<string, string>) =>
    await (await call(path, { headers })).json();
  const authorization = `Bearer ${userToken}`;
  const response = await call("/rest/v1/messages?id=eq.7", {
    headers: { apikey: auth.anonKey, authorization },
  });
  assert.deepEqual([response.status, response.headers.get("content-range")], [206, "0-0/1"]);
  const url = "http://postgrest.local:3000/messages?id=eq.7";
  assert.deepEqual(await response.json(), { url, method: "GET", authorization, host: null });
  // A legacy key is a token; one of today becomes a token of its role, and is never passed on.
  const own = await get("/rest/v1/", { apikey: auth.serviceRoleKey });
  assert.equal(own.authorization, `Bearer ${auth.serviceRoleKey}`);
  const byQuery = await get(`/rest/v1/t?apikey=${auth.anonKey}&a=1`, {});
  assert.equal(byQuery.authorization, `Bearer ${auth.anonKey}`);
  assert.equal(byQuery.url, "http://postgrest.local:3000/t?a=1");
  for (const [key, role] of [[auth.secretKey, "service_role"], [auth.publishableKey, "anon"]]) {
    for (const more of [{}, { authorization: `Bearer ${key}` }]) {
      const { authorization: seen } = await get("/rest/v1/t", { apikey: key!, ...more });
      assert.equal(decodeJwt(seen.replace("Bearer ", ""))["role"], role);
      assert.ok(!seen.includes(key));
    }
  }
  const withUser = await get("/rest/v1/t", { apikey: auth.publishableKey, authorization });
  assert.equal(withUser.authorization, authorization);
});

Deno.test("where the legacy keys are switched off they open nothing, in either header", async () => {
  const today = await createLocalAuth({ url: ORIGIN, legacyKeys: false });
  const call = route({ auth: today, fetch: postgrest });
  for (const key of [today.anonKey, today.serviceRoleKey]) {
    for (const path of ["/rest/v1/t", "/auth/v1/token?grant_type=password", "/auth/v1/user"]) {
      const response = await call(path, { headers: { apikey: key } });
      assert.equal(response.status, 401, path);
      assert.match((await response.json()).message, /Legacy API keys are disabled/);
    }
    assert.equal(await today.verify(key), undefined);
  }
  const legacy = base64url.encode(today.jwtSecret);
  assert.ok(!today.jwks.keys.some(({ k }) => k === legacy), "PostgREST believes them no more");
  assert.ok(auth.jwks.keys.some(({ k }) => k === base64url.encode(auth.jwtSecret)));
  const headers = { apikey: today.secretKey };
  assert.equal((await call("/rest/v1/t", { headers })).status, 206);
});

Deno.test("the log-in and the API need one of the project's keys; what is public does not", async () => {
  const call = route();
  const authorization = `Bearer ${userToken}`;
  for (const headers of [{ authorization }, { authorization, apikey: userToken }, {}]) {
    assert.equal((await call("/rest/v1/messages", { headers })).status, 401);
  }
  const login = "/auth/v1/token?grant_type=password";
  const body = JSON.stringify({ email: "nobody@example.com", password: "x" });
  const ask = (headers: Record<string, string>) => call(login, { method: "POST", headers, body });
  assert.equal((await ask({})).status, 401);
  assert.equal((await ask({ apikey: "sb_publishable_of_another_project" })).status, 401);
  // Let through, and judged by the auth server.
  for (const apikey of [auth.publishableKey, auth.anonKey]) {
    assert.equal((await ask({ apikey })).status, 400);
  }
  const { keys } = await (await call("/auth/v1/.well-known/jwks.json")).json();
  assert.deepEqual(keys.map((key: object) => "d" in key), [false], "without what is secret");
});

Deno.test("any page may call the API and the log-in", async () => {
  for (const path of ["/rest/v1/messages", "/auth/v1/token?grant_type=password"]) {
    const headers = { origin: "http://app.local", "access-control-request-headers": "apikey" };
    const preflight = await route()(path, { method: "OPTIONS", headers });
    const allowed = ["origin", "headers"].map((what) =>
      preflight.headers.get(`access-control-allow-${what}`)
    );
    assert.deepEqual([preflight.status, ...allowed], [204, "*", "apikey"]);
  }
});

Deno.test("pages are asked for everything else; and what is nowhere is 404", async () => {
  const call = route({ pages: new Hono().get("/", ({ text }) => text("home")) });
  assert.equal(await (await call("/")).text(), "home");
  for (const path of ["/other", "/rest/v2/t", "/functions", "/functions/v1/x", "/functions/v1"]) {
    const response = await call(path);
    const code = path.startsWith("/functions/v1") ? "NOT_FOUND" : 404;
    assert.deepEqual([response.status, (await response.json()).code], [404, code], path);
  }
});
