import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { VirtualClock } from "../../dev/world/virtual-clock.ts";
import { createLog } from "../../supabase/functions/_shared/runtime/log.ts";
import { ADVICE } from "../../supabase/functions/_shared/contracts/reasons.ts";
import type { PostEffects } from "../../supabase/functions/_shared/http/post.ts";
import {
  callNotices,
  callOperatorHook,
  operatorMessage,
} from "../../supabase/functions/advance-ghost-repairs/operator-hook.ts";
import type { Notice } from "../../supabase/functions/advance-ghost-repairs/work-list.ts";

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

const notice: Notice = {
  repair_id: "r",
  instance_id: "i",
  organization_id: "o",
  instance_name: "atendimento",
  display_name: "Atendimento",
  disconnected_since: "2026-11-22T21:27:30.123456+00:00",
  opened_at: "2026-11-22T21:28:00+00:00",
  reason: "steps_used_up",
  connect_called: false,
  restart_called: true,
  logout_called: true,
};

interface Message {
  readonly type: string;
  readonly data: {
    readonly tried: readonly string[];
    readonly reason: string;
    readonly message: { readonly pt: string; readonly en: string };
  };
}
const tell = (rest: Partial<Notice> = {}) =>
  operatorMessage({ ...notice, ...rest }) as unknown as Message;

Deno.test("the operator is told which number, since when, what was tried and what to do", () => {
  const { type, data } = tell();
  assert.equal(type, "ghost_repair.needs_operator");
  assert.deepEqual(data.message, {
    pt: '"Atendimento" está sem WhatsApp desde 2026-11-22 21:27 UTC. Já foi tentado: encerrar a ' +
      "sessão (logout), reiniciar a instância. Reinicie o contêiner do Evolution; o pareamento é " +
      "mantido.",
    en: '"Atendimento" has been without WhatsApp since 2026-11-22 21:27 UTC. Tried: logging out, ' +
      "restarting the instance. Restart the Evolution container; the pairing is kept.",
  });
  assert.deepEqual(data.tried, ["logout", "restart"]);
  assert.match(
    tell({ logout_called: false, restart_called: false }).data.message.en,
    /Tried: nothing\./,
  );
});

Deno.test("every reason has its own advice, and a reason of another version has one too", () => {
  for (const [reason, advice] of Object.entries(ADVICE)) {
    const { data } = tell({ reason });
    assert.equal(data.reason, reason);
    assert.ok(data.message.en.endsWith(advice.en) && data.message.pt.endsWith(advice.pt));
  }
  assert.equal(tell({ reason: "unheard of" }).data.reason, "steps_used_up");
  assert.equal(tell({ reason: null }).data.reason, "steps_used_up");
});

Deno.test("a number that somebody used as a name is not told", () => {
  const written = JSON.stringify(tell({
    instance_name: "loja-5511987654321",
    display_name: "Vendas +55 (11) 98765-4321 matriz 2",
  }));
  assert.doesNotMatch(written, /98765|4321/);
  assert.match(written, /loja-…21/);
  assert.match(written, /Vendas …21 matriz 2/);
});
