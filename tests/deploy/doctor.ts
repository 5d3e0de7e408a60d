import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { createLocalKeys } from "../../dev/platform/auth/local-keys.ts";
import { IN_THE_DATABASE, PLATFORM } from "./support/breakages.ts";
import { assertFound, dischargeAfterAll, doctorTest } from "./support/patient.ts";

dischargeAfterAll();

doctorTest("a project that has everything has no finding", async ({ look }) => {
  assert.deepEqual(await look(), []);
});

doctorTest("a key that is not the service role's is refused, and nothing else said", async (p) => {
  assertFound(await p.look({ key: p.stack.publishableKey }), "wrong_key", /refuses the key/);
  assertFound(await p.look({ key: "nonsense" }), "wrong_key", /refuses the key/);
  assertFound(await p.look({ key: p.stack.userToken }), "wrong_key", /refuses the key/);
  // The legacy keys are switched off there.
  const { serviceRoleKey } = await createLocalKeys({ url: p.stack.url });
  assertFound(await p.look({ key: serviceRoleKey }), "wrong_key", /refuses the key/);
});

doctorTest("an address where nothing answers is named", async (p) => {
  const url = "http://127.0.0.1:1";
  assertFound(await p.look({ url }), "unreachable", /127\.0\.0\.1:1 does not answer/);
});

for (const [name, breaking, code, words, mending] of IN_THE_DATABASE) {
  doctorTest(name, async ({ sql, look }) => {
    await sql.unsafe(breaking).simple();
    try {
      assertFound(await look(), code, words);
    } finally {
      await sql.unsafe(mending).simple();
    }
  });
}

doctorTest("a database without any migration of ours is told to be pushed", async (p) => {
  const fetcher: typeof fetch = (input, init) =>
    String(input).includes("/rpc/doctor_report")
      ? Promise.resolve(Response.json({ code: "PGRST202" }, { status: 404 }))
      : fetch(input, init);
  assertFound(await p.look({}, fetcher), "missing_migration", /no doctor_report/);
});

for (const [how, status, body, name, code, words] of PLATFORM) {
  doctorTest(`a function ${how} is named`, async (p) => {
    const fetcher: typeof fetch = (input, init) =>
      String(input).endsWith(`/functions/v1/${name}`)
        ? Promise.resolve(Response.json(body, { status }))
        : fetch(input, init);
    assertFound(await p.look({}, fetcher), code, words);
  });
}

doctorTest("a webhook that is off, elsewhere or lacks events is told", async (p) => {
  const { stack, sql, look, gateway } = p;
  const [row] = await sql<{ secret: string }[]>`
    select webhook_secret as secret from private.instance_credentials`;
  const whole = {
    enabled: true,
    url: `${stack.url}/functions/v1/evolution-webhook/${stack.instanceId}`,
    events: ["CONNECTION_UPDATE", "QRCODE_UPDATED"]
      .concat(["MESSAGES_SET", "MESSAGES_UPSERT", "MESSAGES_UPDATE"]),
    headers: { jwt_key: row!.secret },
  };
  const set = (change: Record<string, unknown>) =>
    gateway("/webhook/set/atendimento", { webhook: { ...whole, ...change } });
  await set({ enabled: false });
  assertFound(await look(), "webhook_missing", /switched off/);
  await set({ url: "https://elsewhere.example/hook" });
  assertFound(await look(), "webhook_elsewhere", /another address/);
  await set({ events: ["MESSAGES_UPSERT"] });
  assertFound(await look(), "webhook_events", /CONNECTION_UPDATE, QRCODE_UPDATED/);
  await set({ events: [...whole.events, "MESSAGES_EDITED"], base64: true });
  assertFound(await look(), "webhook_risky", /MESSAGES_EDITED and repeats files.*deaf/);
  await set({});
  assert.deepEqual(await look(), []);
});

doctorTest("one number can be asked for by its name or id, and must be there", async (p) => {
  assert.deepEqual(await p.look({ instance: "atendimento" }), []);
  assert.deepEqual(await p.look({ instance: p.stack.instanceId }), []);
  assertFound(await p.look({ instance: "nobody" }), "instance_unknown", /no number nobody/);
});

doctorTest("the command says it in words and by its exit code, and never a key", async (p) => {
  const key = p.stack.secretKey;
  assert.deepEqual(await command("--url", p.stack.url, "--key", key), {
    code: 0,
    last:
      "doctor: the repair is armed: 1 number(s), 1 of them watched, 9 functions, 4 jobs, nothing is missing",
  });
  const found = await command("--url", p.stack.url, "--key", p.stack.publishableKey);
  assert.deepEqual(found, { code: 1, last: "doctor: 1 finding(s)" });
  assert.equal((await command("--url", p.stack.url)).code, 2);
  assert.equal((await command("--url", "nonsense", "--key", key)).code, 2);
});

async function command(...args: string[]): Promise<{ code: number; last: string }> {
  const main = fileURLToPath(new URL("../../dev/tasks/doctor/main.ts", import.meta.url));
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", main, ...args],
    stderr: "null",
  }).output();
  const text = new TextDecoder().decode(stdout);
  for (const arg of args) if (arg.startsWith("sb_")) assert.ok(!text.includes(arg));
  return { code, last: text.trim().split("\n").at(-1) ?? "" };
}
