import assert from "node:assert/strict";
import { z } from "zod";
import { MessageStore, StoredWhere } from "../../dev/evolution/model/message-store.ts";
import { VirtualClock } from "../../dev/world/virtual-clock.ts";
import { createLog } from "../../supabase/functions/_shared/runtime/log.ts";
import type { Effects } from "../../supabase/functions/_shared/runtime/effects.ts";
import { createHandler } from "../../supabase/functions/recover-messages/handler.ts";

const CRON_SECRET = "cron-secret-0001";
const NOW = Date.parse("2026-11-22T22:00:00Z");
const FROM = "2026-11-22T20:00:00.000Z";

const asked = z.object({
  where: StoredWhere,
  page: z.number(),
  offset: z.number(),
});

interface Page {
  readonly outcome: string;
  readonly messages?: readonly { readonly whatsapp_message_id: string }[];
  readonly full?: boolean;
  readonly oldest?: string;
}

/**
 * A gateway with so many messages, four in every second, and a database that keeps a gap's place as
 * `record_gap_page` does.
 */
function scene(messages: number, { msPerPage = 1, version = "2.3.7", answer }: {
  readonly msPerPage?: number;
  /** Null: nobody has asked the gateway yet. */
  readonly version?: string | null;
  readonly answer?: () => Response;
} = {}) {
  const clock = new VirtualClock(new Date(NOW));
  const store = new MessageStore();
  for (let place = 0; place < messages; place++) {
    const id = `M${place}`;
    store.add({
      id,
      key: { id, fromMe: false, remoteJid: "5511977776666@s.whatsapp.net" },
      pushName: "Cliente",
      messageType: "conversation",
      message: { conversation: id },
      messageTimestamp: NOW / 1000 - 60 - Math.floor(place / 4),
      instanceId: "x",
      source: "ios",
      contextInfo: null,
      MessageUpdate: [],
    });
  }
  const gap = { window_until: new Date(NOW).toISOString(), page: 1, page_size: 100, due: true };
  const stored = new Set<string>();
  const outcomes: string[] = [];
  const asks: string[] = [];
  const ids = {
    gap_id: crypto.randomUUID(),
    instance_id: crypto.randomUUID(),
    token: crypto.randomUUID(),
  };
  let leasedIn = -1;
  let call = 0;
  const record = ({ outcome, messages = [], full, oldest }: Page) => {
    outcomes.push(outcome);
    for (const message of messages) stored.add(message.whatsapp_message_id);
    if (outcome !== "page") return { next: "later" };
    if (!full) {
      gap.due = false;
      return { next: "done" };
    }
    gap.page = oldest! < gap.window_until.slice(0, 19) ? 1 : gap.page + 1;
    gap.window_until = oldest!;
    return { next: "more", ...gap };
  };
  const effects: Partial<Effects> = {
    clock,
    cronSecrets: [CRON_SECRET],
    log: createLog("error", () => {}),
    fetch: async (input, init) => {
      if (`${input}` === "http://gateway.test/") {
        return Response.json({ status: 200, version: "2.3.7", message: "Welcome" });
      }
      await clock.sleep(msPerPage);
      if (answer) return answer();
      const body: unknown = JSON.parse(await new Response(init?.body ?? null).text());
      const { where, page, offset } = asked.parse(body);
      return Response.json({ messages: store.find(where, page, offset) });
    },
    database: {
      call: <T>(fn: string, args: Record<string, unknown>, schema: z.core.$ZodType<T>) => {
        asks.push(fn);
        if (fn === "claim_gateway_versions") {
          return z.parseAsync(schema, ["http://gateway.test"]);
        }
        if (fn === "record_gateway_version") return z.parseAsync(schema, null);
        if (fn === "record_gap_page") {
          return z.parseAsync(schema, record(args.p_page as Page));
        }
        const due = gap.due && leasedIn !== call;
        leasedIn = call;
        return z.parseAsync(
          schema,
          due
            ? [{
              ...ids,
              ...gap,
              instance_name: "x",
              api_url: "http://gateway.test",
              api_key: "KEY",
              version,
              window_from: FROM,
              tick_started: new Date(NOW).toISOString(),
            }]
            : [],
        );
      },
    },
  };
  const handle = createHandler(effects as Effects);
  return {
    stored,
    outcomes,
    asks,
    tick: async (secret = CRON_SECRET) => {
      call++;
      const request = new Request("http://project.test/recover-messages", {
        method: "POST",
        headers: { "x-cron-secret": secret },
      });
      const response = await clock.until(handle(request));
      return { status: response.status, body: await response.json() };
    },
  };
}

Deno.test("10,000 missing messages are brought in by several calls, each within its bounds", async () => {
  const { tick, stored, outcomes } = scene(10_000);
  let calls = 0;
  for (;; calls++) {
    const before = outcomes.length;
    const { body } = await tick();
    assert.ok(outcomes.length - before <= 21, "twenty pages, and the pause");
    if (body.done === 1) break;
    assert.deepEqual([body.paused, body.leased], [1, 1]);
    assert.ok(calls < 10);
  }
  assert.equal(stored.size, 10_000);
  assert.equal(calls + 1, 6);
});

Deno.test("messages of one second that come in another order on each page are all found", async () => {
  const { tick, stored } = scene(350);
  await tick();
  assert.equal(stored.size, 350);
});

Deno.test("a slow gateway ends the turn in time, and the next one goes on", async () => {
  const { tick, outcomes } = scene(1_500, { msPerPage: 9_000 });
  const { body } = await tick();
  assert.deepEqual(outcomes, ["page", "page", "page", "page", "pause"]);
  assert.equal(body.paused, 1);
});

for (
  const [what, answer, outcome] of [
    ["that does not know the question", () =>
      Response.json({
        status: 404,
        error: "Not Found",
        response: { message: ["Cannot POST /chat/findMessages/x"] },
      }, { status: 404 }), "unsupported"],
    ["that is broken", () => new Response("<html>", { status: 502 }), "unreachable"],
    [
      "that answers another page",
      () => Response.json({ messages: { total: 9, currentPage: 7, records: [] } }),
      "invalid",
    ],
  ] as const
) {
  Deno.test(`a gateway ${what} is told as ${outcome}, and asked once`, async () => {
    const { tick, outcomes } = scene(1, { answer });
    const { body } = await tick();
    assert.deepEqual([outcomes, body.later], [[outcome], 1]);
  });
}

Deno.test("a gateway whose version nobody knows yet is asked for it before its messages are read", async () => {
  for (const [version, asked] of [["2.3.7", 0], [null, 1]] as const) {
    const { tick, asks } = scene(1, { version });
    await tick();
    assert.equal(asks.filter((fn) => fn === "record_gateway_version").length, asked, `${version}`);
    assert.ok(asks.includes("record_gap_page"));
  }
});
