import assert from "node:assert/strict";
import {
  createEvolutionClient,
  type EvolutionApiError,
  type InvokedAnswer,
  invokeWithFetch,
  invokeWithSupabase,
} from "../../client/client.ts";
import {
  type ActionName,
  type ActionRequest,
  CONTRACTS,
  type InstanceView,
} from "../../supabase/functions/_shared/contracts/actions.ts";

const ID = "0b9f1a52-6b0c-4a9e-9d2c-4d1f0f6a7e11";
const EVENTS = { success: true, events: [], lastId: 7 };
const FORBIDDEN = {
  success: false,
  error: "Só administradores.",
  errorCode: "FORBIDDEN",
  retryable: false,
  requestId: ID,
};

/** A client whose function gives one answer. */
function answering(status: number, body: unknown) {
  const asked: unknown[] = [];
  const client = createEvolutionClient((sent): Promise<InvokedAnswer> => {
    asked.push(sent);
    return Promise.resolve({ status, body });
  });
  return { client, asked };
}

Deno.test("a request carries its action, and nothing can change that", async () => {
  const { client, asked } = answering(200, EVENTS);
  await client.listEvents();
  await client.listEvents({ instanceId: ID, afterId: 3 });
  const smuggled = { instanceId: ID, action: "delete_instance" };
  await client.listEvents(smuggled);
  assert.deepEqual(asked, [
    { action: "list_events" },
    { action: "list_events", instanceId: ID, afterId: 3 },
    { action: "list_events", instanceId: ID },
  ]);
});

Deno.test("an answer is what its contract says; what a newer server adds is left out", async () => {
  const { client } = answering(200, { ...EVENTS, addedLater: true });
  assert.deepEqual(await client.listEvents(), EVENTS);
});

Deno.test("a refusal is thrown with its code, its field and its reason", async () => {
  const body = { ...FORBIDDEN, field: "instanceId", reason: "repairing" };
  await assert.rejects(
    answering(403, body).client.getStatus({ instanceId: ID }),
    (error: EvolutionApiError) => {
      assert.deepEqual([error.status, error.code, error.retryable, error.message, error.place], [
        403,
        "FORBIDDEN",
        false,
        "Só administradores.",
        { field: "instanceId", reason: "repairing", requestId: ID },
      ]);
      return true;
    },
  );
});

Deno.test("an answer of another shape is an error, never half an answer", async () => {
  const answers: [number, unknown, boolean][] = [
    [200, {}, false],
    [200, { success: true, events: [{ id: "7" }], lastId: 7 }, false],
    [200, null, false],
    [502, null, true],
    [404, EVENTS, false],
  ];
  for (const [status, body, retryable] of answers) {
    await assert.rejects(answering(status, body).client.listEvents(), {
      name: "EvolutionApiError",
      code: "UNREADABLE_ANSWER",
      status,
      retryable,
    });
  }
});

Deno.test("every action has a method, and every method an action", async () => {
  const { client, asked } = answering(500, null);
  for (const call of Object.values(client)) await call({} as never).catch(() => {});
  const actions = asked.map((body) => (body as { action: string }).action);
  assert.deepEqual(actions.sort(), Object.keys(CONTRACTS).sort());
});

const PROJECT = { url: "https://project.supabase.co", apiKey: "publishable" };

Deno.test("by fetch: the user's token of this moment, the project's key, the language", async () => {
  const requests: Request[] = [];
  let token = "um";
  const invoke = invokeWithFetch({
    ...PROJECT,
    token: () => token,
    language: "en",
    fetch: (input, init) => {
      requests.push(new Request(input, init));
      return Promise.resolve(Response.json(EVENTS));
    },
  });
  const client = createEvolutionClient(invoke);
  await client.listEvents();
  token = "dois";
  await client.listEvents();
  assert.deepEqual(
    requests.map(({ method, url, headers }) => [
      method,
      url,
      headers.get("authorization"),
      headers.get("apikey"),
      headers.get("accept-language"),
    ]),
    ["um", "dois"].map((each) => [
      "POST",
      "https://project.supabase.co/functions/v1/evolution-api",
      `Bearer ${each}`,
      "publishable",
      "en",
    ]),
  );
});

Deno.test("by fetch: a page that a proxy answers is an unreadable answer", async () => {
  const invoke = invokeWithFetch({
    ...PROJECT,
    token: () => "t",
    fetch: () => Promise.resolve(new Response("<html>", { status: 503 })),
  });
  await assert.rejects(createEvolutionClient(invoke).listEvents(), {
    code: "UNREADABLE_ANSWER",
    status: 503,
  });
});

Deno.test("by supabase-js: the answer inside its error is read; no answer stays its error", async () => {
  const asked: unknown[] = [];
  const results: { data: unknown; error: unknown }[] = [
    { data: EVENTS, error: null },
    {
      data: null,
      error: Object.assign(new Error("non-2xx"), {
        context: Response.json(FORBIDDEN, { status: 403 }),
      }),
    },
    { data: null, error: new Error("Failed to send a request") },
  ];
  const client = createEvolutionClient(invokeWithSupabase({
    invoke: (name, options) => {
      asked.push([name, options]);
      return Promise.resolve(results.shift()!);
    },
  }));
  assert.deepEqual(await client.listEvents(), EVENTS);
  await assert.rejects(client.listEvents(), { code: "FORBIDDEN", status: 403 });
  await assert.rejects(client.listEvents(), { message: "Failed to send a request" });
  assert.deepEqual(asked[0], ["evolution-api", { body: { action: "list_events" } }]);
});

Deno.test("the contracts run where Deno is not", async () => {
  const seen = new Set<string>();
  const visit = async (url: URL): Promise<void> => {
    if (seen.has(url.href)) return;
    seen.add(url.href);
    const source = await Deno.readTextFile(url);
    assert.doesNotMatch(source, /\bDeno\.|from "node:/, url.pathname);
    for (const [, path] of source.matchAll(/from "(\.[^"]+)"/g)) await visit(new URL(path!, url));
  };
  await visit(new URL("../../client/client.ts", import.meta.url));
  assert.ok([...seen].some((href) => href.endsWith("/contracts/actions.ts")));
});

/** Compiles only where both are the same type. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true
  : never;
const same = <A, B>(_: Same<A, B>) => {};

Deno.test("the types are the contracts' own", () => {
  same<ActionRequest<"get_status">, { instanceId: string }>(true);
  same<ActionRequest<"list_events">["limit"], number | "" | null | undefined>(true);
  same<ActionRequest<"retry_message">["confirmDuplicate"], boolean | "" | null | undefined>(true);
  same<InstanceView["status"], "connected" | "connecting" | "disconnected" | "awaiting_qr">(true);
  const { client } = answering(200, EVENTS);
  // @ts-expect-error: a number's id is needed
  const refused: () => unknown = () => client.getStatus({});
  // @ts-expect-error: there is no such action
  const unknown: ActionName = "global_delete";
  assert.equal(typeof refused, "function");
  assert.ok(!Object.keys(CONTRACTS).includes(unknown));
});
