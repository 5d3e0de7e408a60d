import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { VirtualClock } from "../../dev/world/virtual-clock.ts";
import { createLog } from "../../supabase/functions/_shared/runtime/log.ts";
import type { PostEffects } from "../../supabase/functions/_shared/http/post.ts";
import {
  callNotices,
  callOperatorHook,
} from "../../supabase/functions/advance-ghost-repairs/operator-hook.ts";

const KEY = "operator-hook-secret-0001";
const BASE64 = `whsec_${Buffer.from(KEY).toString("base64")}`;

interface Scene {
  readonly url?: string;
  readonly secret?: string;
  readonly answer?: () => Promise<Response>;
  readonly addresses?: readonly string[];
  readonly allowPrivate?: boolean;
}

async function call(scene: Scene = {}) {
  const clock = new VirtualClock(new Date("2026-11-22T21:27:30.900Z"));
  const requests: Request[] = [];
  const effects: PostEffects = {
    clock,
    fetch: (input, init) => {
      requests.push(new Request(input, init));
      return scene.answer?.() ?? Promise.resolve(new Response("ok"));
    },
    resolve: () => Promise.resolve(scene.addresses ?? ["93.184.215.14"]),
    allowPrivate: scene.allowPrivate ?? false,
  };
  const hook = { url: scene.url ?? "https://hooks.example/ghosts", secret: scene.secret ?? KEY };
  const outcome = await clock.until(callOperatorHook(hook, "repair-1", { hello: "ação" }, effects));
  return { outcome, requests };
}

/** Computed by openssl: `printf %s "$id.$time.$body" | openssl dgst -sha256 -hmac "$key" -binary`. */
const SIGNATURES: readonly (readonly [form: string, secret: string, signature: string])[] = [
  ["any text", KEY, "v1,LMaPsmM1V7Oz8x5FYD0amn/xiOnTJIQkZH8qebNZTpc="],
  ["whsec_ and base64", BASE64, "v1,LMaPsmM1V7Oz8x5FYD0amn/xiOnTJIQkZH8qebNZTpc="],
  [
    "a text that is not ASCII",
    "segredo-do-operação-0001",
    "v1,prd3aa+GInhwYtyT/a39NNIkkwmC4TRujBXC0eV6BmQ=",
  ],
];

for (const [form, secret, signature] of SIGNATURES) {
  Deno.test(`the hook is signed over id, time and body; secret: ${form}`, async () => {
    const { outcome, requests: [request] } = await call({ secret });
    assert.equal(outcome, "accepted");
    assert.equal(request!.method, "POST");
    assert.equal(request!.headers.get("webhook-id"), "repair-1");
    assert.equal(request!.headers.get("webhook-timestamp"), "1795382850");
    assert.equal(request!.headers.get("webhook-signature"), signature);
    assert.equal(await request!.text(), '{"hello":"ação"}');
    assert.equal(request!.redirect, "manual");
  });
}

Deno.test("a redirect and an error are refusals; what the answer leads to is not followed", async () => {
  for (const status of [301, 302, 307, 400, 404, 500, 503]) {
    const answer = () =>
      Promise.resolve(
        new Response(null, { status, headers: { location: "https://elsewhere.example" } }),
      );
    const { outcome, requests } = await call({ answer });
    assert.deepEqual([outcome, requests.length], ["refused", 1], String(status));
  }
});

Deno.test("no answer in 10 seconds, and no connection, are failures", async () => {
  assert.equal((await call({ answer: () => new Promise(() => {}) })).outcome, "failed");
  assert.equal(
    (await call({ answer: () => Promise.reject(new TypeError("down")) })).outcome,
    "failed",
  );
});

Deno.test("no hook at a private address is called, unless that is allowed", async () => {
  for (
    const scene of [
      { url: "https://127.0.0.1/hook" },
      { url: "https://[::1]/hook" },
      { url: "https://169.254.169.254/latest/meta-data" },
      { url: "https://10.0.0.8/hook" },
      { url: "http://hooks.example/ghosts" },
      { addresses: ["10.1.2.3"] },
      { addresses: ["93.184.215.14", "192.168.0.2"] },
      { addresses: [] },
    ]
  ) {
    const refused = await call(scene);
    assert.deepEqual([refused.outcome, refused.requests.length], ["address_refused", 0]);
    assert.equal((await call({ ...scene, allowPrivate: true })).outcome, "accepted");
  }
});

Deno.test("every try of a notice has one id; another reason is another message", async () => {
  const ids: (string | null)[] = [];
  const recorded: string[] = [];
  const notify = async (reason: string) => {
    const notice = {
      repair_id: "repair-1",
      instance_id: "instance-1",
      organization_id: null,
      instance_name: "atendimento",
      display_name: null,
      disconnected_since: null,
      opened_at: "2026-11-22T21:00:00Z",
      reason,
      connect_called: false,
      restart_called: true,
      logout_called: true,
    };
    const workList = {
      claimNotices: () => Promise.resolve([notice]),
      recordNotice: (_notice: unknown, outcome: string) => {
        recorded.push(outcome);
        return Promise.resolve();
      },
    };
    await callNotices(workList, {
      operatorHook: { url: "https://hooks.example/ghosts", secret: KEY },
      fetch: (_input, init) => {
        ids.push(new Headers(init?.headers).get("webhook-id"));
        return Promise.resolve(new Response("", { status: ids.length === 1 ? 500 : 200 }));
      },
      clock: new VirtualClock(),
      resolve: () => Promise.resolve(["93.184.215.14"]),
      allowPrivate: false,
    }, createLog("error", () => {}));
  };
  for (const reason of ["outage", "outage", "session_conflict"]) await notify(reason);
  assert.equal(ids[0], ids[1]);
  assert.notEqual(ids[1], ids[2]);
  assert.deepEqual(recorded, ["refused", "accepted", "accepted"]);
});

Deno.test("where there is no hook nobody is called, and the database is told so", async () => {
  const said: boolean[] = [];
  const noticed = await callNotices({
    claimNotices: (_limit, hasHook) => {
      said.push(hasHook);
      return Promise.resolve([]);
    },
    recordNotice: () => Promise.reject(new Error("nobody was called")),
  }, {
    operatorHook: undefined,
    fetch: () => Promise.reject(new Error("nobody is to be called")),
    clock: new VirtualClock(),
    resolve: () => Promise.resolve([]),
    allowPrivate: false,
  }, createLog("error", () => {}));
  assert.equal(noticed, 0);
  assert.deepEqual(said, [false]);
});
