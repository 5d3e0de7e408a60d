import assert from "node:assert/strict";
import postgres from "postgres";
import { headersOf } from "../../dev/evolution/webhooks/setting.ts";
import { CONFIG, readVerifyJwt } from "../../dev/platform/config.ts";
import { type DevStack, startDevStack } from "../support/dev-stack.ts";
import { checkUpload, startUpload } from "./support/deployed-function.ts";
import type { Upload } from "./support/management-api.ts";
import { cliMissing, cliTest, copyOfProject, deployFunctions } from "./support/supabase-cli.ts";

const METRICS_TOKEN = "a-metrics-token-of-the-test";
const FUNCTIONS = new URL("../../supabase/functions/", import.meta.url);

async function deploy(): Promise<ReadonlyMap<string, Upload>> {
  const folder = await copyOfProject();
  try {
    return await deployFunctions(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function functionNames(): string[] {
  return [...Deno.readDirSync(FUNCTIONS)].map((entry) => entry.name)
    .filter((name) => !name.startsWith("_") && !name.includes(".")).sort();
}

const uploads = await cliMissing() === null ? await deploy() : new Map<string, Upload>();

await cliTest("the CLI uploads every function, each with its own verify_jwt", async () => {
  assert.deepEqual([...uploads.keys()].sort(), functionNames());
  const verifyJwt = readVerifyJwt(await Deno.readTextFile(CONFIG));
  for (const [name, upload] of uploads) assert.equal(upload.verifyJwt, verifyJwt(name), name);
});

// A missing file or package also shows where the upload is started, below.
for (const name of functionNames()) {
  await cliTest(`${name} is complete: its upload type-checks in an empty folder`, async () => {
    assert.equal(await checkUpload(uploads.get(name)!), null);
  });
}

await cliTest("an upload that lacks a file does not pass that check", async () => {
  const upload = uploads.get("evolution-webhook")!;
  const lacking = [...upload.files.keys()].find((path) => path.endsWith("/database.ts"));
  assert.ok(lacking);
  assert.match(await checkUpload(upload, lacking) ?? "", /database\.ts/);
});

await cliTest(
  "every uploaded function starts alone, lets nobody in, and does its work",
  async () => {
    const stack = await startDevStack();
    const sql = postgres(stack.databaseUrl, { max: 1, onnotice: () => {} });
    try {
      await Promise.all(functionNames().map((name) => proveFunction(name, stack, sql)));
    } finally {
      await sql.end({ timeout: 2 });
      await stack.stop();
    }
  },
);

async function proveFunction(name: string, stack: DevStack, sql: postgres.Sql): Promise<void> {
  const running = await startUpload(uploads.get(name)!, {
    SUPABASE_URL: stack.url,
    SUPABASE_PUBLISHABLE_KEYS: JSON.stringify({ default: stack.publishableKey }),
    SUPABASE_SECRET_KEYS: JSON.stringify({ default: stack.secretKey }),
    CRON_SECRET: stack.cronSecret,
    METRICS_TOKEN,
    ALLOW_PRIVATE_ADDRESSES: "true",
  });
  const post = async (path: string, headers: Record<string, string>, body: unknown) => {
    const response = await fetch(`${running.url}/${name}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: await response.json() };
  };
  try {
    const refused = await post("", {}, {});
    assert.equal(refused.status, 401, name);
    assert.equal(refused.body.errorCode, "UNAUTHENTICATED", name);

    if (name === "evolution-api") await assertSends(post, stack, sql);
    else if (name === "evolution-webhook") await assertListens(post, stack, sql);
    else if (name === "metrics") await assertMeasures(`${running.url}/${name}`);
    else {
      const ticked = await post("", { "x-cron-secret": stack.cronSecret }, {});
      assert.equal(ticked.status, 200, name);
      assert.equal(ticked.body.success, true, name);
    }
  } finally {
    await running.stop();
  }
}

type Post = (
  path: string,
  headers: Record<string, string>,
  body: unknown,
) => Promise<{ status: number; body: Record<string, unknown> }>;

async function assertSends(post: Post, stack: DevStack, sql: postgres.Sql): Promise<void> {
  const sent = await post("", { authorization: `Bearer ${stack.userToken}` }, {
    action: "send_message_async",
    conversationId: stack.conversationId,
    message: "oi",
  });
  assert.equal(sent.status, 200, JSON.stringify(sent.body));
  const id = String(sent.body["messageId"]);
  // Each look is a query; the send itself takes a fraction of a second.
  let status = "sending";
  for (let look = 0; look < 50_000 && status === "sending"; look++) {
    const [row] = await sql<{ status: string }[]>`
      select status from public.messages where id = ${id}`;
    status = row?.status ?? "missing";
  }
  assert.match(status, /^(sent|delivered|read)$/);
}

async function assertMeasures(url: string): Promise<void> {
  const read = await fetch(url, { headers: { authorization: `Bearer ${METRICS_TOKEN}` } });
  assert.equal(read.status, 200);
  assert.match(await read.text(), /^ghost_repair_numbers\{.+\} 1$/m);
}

async function assertListens(post: Post, stack: DevStack, sql: postgres.Sql): Promise<void> {
  const [keys] = await sql<{ webhook_secret: string; instance_name: string }[]>`
    select k.webhook_secret, i.instance_name from private.instance_credentials k
    join public.whatsapp_instances i on i.id = k.instance_id where i.id = ${stack.instanceId}`;
  const heard = await post(
    `/${stack.instanceId}`,
    headersOf({ jwt_key: keys!.webhook_secret }, new Date()),
    {
      event: "connection.update",
      instance: keys!.instance_name,
      data: { instance: keys!.instance_name, state: "open", statusReason: 200 },
      date_time: new Date().toISOString(),
    },
  );
  assert.equal(heard.status, 200, JSON.stringify(heard.body));
  assert.equal(heard.body["success"], true);
}
