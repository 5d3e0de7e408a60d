import assert from "node:assert/strict";
import { type ErrorCode, ERRORS } from "../../../supabase/functions/_shared/http/errors.ts";
import { databaseContent } from "../../support/database-content.ts";
import { worldTest } from "../../support/world.ts";

interface Case {
  readonly body: unknown;
  readonly status: number;
  readonly code: ErrorCode;
  readonly field?: string;
  readonly method?: string;
}

const UNKNOWN = "00000000-0000-4000-8000-000000000000";
const OVER_16_MB = "A".repeat(4 * Math.ceil((16 * 1024 * 1024 + 3) / 3));

/** Refused requests; `conversation` is the caller's own. */
function cases(conversation: string, instance: string): readonly Case[] {
  const send = { action: "send_message_async", conversationId: conversation, message: "oi" };
  const invalid = (change: Record<string, unknown>, field: string): Case => ({
    body: { ...send, ...change },
    status: 400,
    code: "INVALID_REQUEST",
    field,
  });
  const media = (change: Record<string, unknown>) => ({
    message: undefined,
    media: { type: "image", url: "https://cdn.example/a.jpg", ...change },
  });
  return [
    invalid({ conversationId: undefined }, "conversationId"),
    invalid({ conversationId: "not-a-uuid" }, "conversationId"),
    invalid({ conversationId: 7 }, "conversationId"),
    invalid({ conversationId: null }, "conversationId"),
    invalid({ conversationId: undefined, remoteJid: "5511988887777" }, "instanceId"),
    invalid({ conversationId: undefined, remoteJid: "ana", instanceId: instance }, "remoteJid"),
    invalid({ message: "" }, "message"),
    invalid({ message: "  \n " }, "message"),
    invalid({ message: undefined }, "message"),
    invalid({ message: 5 }, "message"),
    invalid({ message: ["oi"] }, "message"),
    invalid({ message: "a".repeat(65_537) }, "message"),
    invalid({ message: "[IMAGE]https://cdn.example/a.jpg ".repeat(11) }, "message"),
    invalid({ clientMessageId: "1" }, "clientMessageId"),
    invalid({ replyToMessageId: 1 }, "replyToMessageId"),
    invalid(media({ type: "sticker" }), "media.type"),
    invalid(media({ type: undefined }), "media.type"),
    invalid(media({ url: "http://cdn.example/a.jpg" }), "media.url"),
    invalid(media({ url: "file:///etc/passwd" }), "media.url"),
    invalid(media({ url: "cdn.example/a.jpg" }), "media.url"),
    invalid(media({ url: undefined }), "media.url"),
    invalid(media({ base64: "AAAA" }), "media.url"),
    invalid(media({ mimetype: 5 }), "media.mimetype"),
    invalid(media({ url: undefined, base64: "não é base64" }), "media.base64"),
    invalid({ media: "https://cdn.example/a.jpg" }, "media"),
    {
      body: { ...send, ...media({ url: undefined, base64: OVER_16_MB }) },
      status: 413,
      code: "MEDIA_TOO_LARGE",
      field: "media.base64",
    },
    { body: " ".repeat(24 * 1024 * 1024 + 1), status: 413, code: "PAYLOAD_TOO_LARGE" },
    {
      body: { ...send, conversationId: UNKNOWN },
      status: 404,
      code: "CONVERSATION_NOT_FOUND",
      field: "conversationId",
    },
    {
      body: { ...send, conversationId: undefined, remoteJid: "5511988887777", instanceId: UNKNOWN },
      status: 404,
      code: "INSTANCE_NOT_FOUND",
      field: "instanceId",
    },
    {
      body: { ...send, instanceId: UNKNOWN },
      status: 409,
      code: "INSTANCE_MISMATCH",
      field: "instanceId",
    },
    {
      body: { ...send, replyToMessageId: UNKNOWN },
      status: 404,
      code: "REPLY_NOT_FOUND",
      field: "replyToMessageId",
    },
    {
      body: { ...send, action: "drop_tables" },
      status: 400,
      code: "UNKNOWN_ACTION",
      field: "action",
    },
    { body: { ...send, action: undefined }, status: 400, code: "UNKNOWN_ACTION", field: "action" },
    { body: { ...send, action: 1 }, status: 400, code: "UNKNOWN_ACTION", field: "action" },
    { body: '{"action":', status: 400, code: "INVALID_JSON" },
    { body: "", status: 400, code: "INVALID_JSON" },
    { body: send, method: "GET", status: 405, code: "METHOD_NOT_ALLOWED" },
    { body: send, method: "PUT", status: 405, code: "METHOD_NOT_ALLOWED" },
    ...[[send], [], "oi", null, 5].map((body): Case => ({
      body: JSON.stringify(body),
      status: 400,
      code: "INVALID_REQUEST",
      field: "body",
    })),
  ];
}

worldTest(
  "a bad request is refused with its code, its field and its language, and writes nothing",
  async (world) => {
    const before = await databaseContent(world);
    const { conversationId, instanceId } = world.company;
    for (const { body, method, status, code, field } of cases(conversationId, instanceId)) {
      const what = `${method ?? "POST"} ${JSON.stringify(body).slice(0, 200)}`;
      for (const [header, language] of [["", "pt"], ["en;q=0.8, de", "en"]] as const) {
        const answer = await world.call("evolution-api", body, {
          headers: { "accept-language": header },
          ...(method === undefined ? {} : { method }),
        });
        assert.partialDeepStrictEqual(answer.body, { success: false, errorCode: code }, what);
        assert.equal(answer.status, status, what);
        assert.equal(answer.body["field"], field, what);
        assert.equal(answer.body["retryable"], false, what);
        assert.match(String(answer.body["requestId"]), /^[\da-f]{8}-/);
        assert.ok(String(answer.body["error"]).startsWith(ERRORS[code][language]), what);
      }
    }
    assert.deepEqual(await databaseContent(world), before);
    assert.deepEqual(world.gateway.calls, []);
  },
);

worldTest("a field's explanation is in the caller's language", async (world) => {
  const body = {
    action: "send_message_async",
    conversationId: world.company.conversationId,
    message: 5,
  };
  const explained = async (language: string) => {
    const headers = { "accept-language": language };
    return (await world.call("evolution-api", body, { headers })).body["error"];
  };
  assert.match(String(await explained("pt-BR")), /^A requisição é inválida\. message: .*esperava/);
  assert.match(
    String(await explained("en")),
    /^The request is invalid\. message: .*expected a text/,
  );
});
