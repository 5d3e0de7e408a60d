import assert from "node:assert/strict";
import * as z from "zod/mini";
import { CONTRACTS } from "../../../supabase/functions/_shared/contracts/actions.ts";
import { ApiError, ERRORS } from "../../../supabase/functions/_shared/http/errors.ts";
import {
  parseRequest,
  parseStorable,
  storable,
} from "../../../supabase/functions/_shared/http/validation.ts";

const ID = "0b9f1a52-6b0c-4a9e-9d2c-4d1f0f6a7e11";
const { create_instance, list_events, retry_message, send_message_async } = CONTRACTS;
const create = (change: Record<string, unknown>) =>
  [create_instance.request, { organizationId: ID, displayName: "Vendas", ...change }] as const;
const send = (change: Record<string, unknown>) =>
  [send_message_async.request, { conversationId: ID, message: "oi", ...change }] as const;
const media = (change: Record<string, unknown>) => send({ media: { type: "image", ...change } });
const list = (request: Record<string, unknown>) => [list_events.request, request] as const;
const only = (a: z.core.$ZodType, value: unknown) => [z.object({ a }), { a: value }] as const;
const url = "https://a.example/b";

/** Something wrong of every kind. */
const WRONG: readonly (readonly [kind: string, readonly [z.core.$ZodType, unknown]])[] = [
  ["invalid_type:object", [create_instance.request, []]],
  ["invalid_type:string", create({ organizationId: undefined })],
  ["invalid_type:string", create({ displayName: 5 })],
  ["invalid_type:number", list({ afterId: "x" })],
  ["invalid_type:int", list({ limit: 1.5 })],
  ["invalid_type:boolean", [retry_message.request, { messageId: ID, confirmDuplicate: "sim" }]],
  ["invalid_value", media({ type: "sticker", url })],
  ["too_small:string", create({ displayName: " " })],
  ["too_big:string", create({ displayName: "a".repeat(101) })],
  ["too_small:number", list({ limit: -1 })],
  ["too_big:number", list({ limit: 201 })],
  ["invalid_format:uuid", create({ organizationId: "7" })],
  ["invalid_format:url", create({ gateway: { apiUrl: "evolution", apiKey: "k" } })],
  ["invalid_format:instance_name", create({ instanceName: "São Paulo" })],
  ["invalid_format:mime_type", media({ url, mimetype: "png" })],
  ["invalid_format:whatsapp_address", send({ remoteJid: "ana" })],
  ["custom", media({})],
  ["custom", media({ url, base64: "AAAA" })],
  ["custom", send({ conversationId: null })],
  ["custom", send({ conversationId: null, remoteJid: "5511988887777" })],
  ["custom", send({ message: "" })],
  // What no request of today raises, and one of tomorrow may.
  ["invalid_type:array", only(z.array(z.string()), 1)],
  ["too_small:array", only(z.array(z.string()).check(z.minLength(2)), [])],
  ["invalid_format:regex", only(z.string().check(z.regex(/^x+$/)), "y")],
  ["not_multiple_of", only(z.number().check(z.multipleOf(5)), 3)],
  ["invalid_union", only(z.union([z.string(), z.boolean()]), 1)],
];

/** What is said to each, in Portuguese and in English. */
const SAID = `
body: tipo errado; esperava-se um objeto.
body: has the wrong type; expected an object.
organizationId: falta este campo; esperava-se um texto.
organizationId: is missing; expected a text.
displayName: tipo errado; esperava-se um texto.
displayName: has the wrong type; expected a text.
afterId: tipo errado; esperava-se um número.
afterId: has the wrong type; expected a number.
limit: tipo errado; esperava-se um número inteiro.
limit: has the wrong type; expected a whole number.
confirmDuplicate: tipo errado; esperava-se true ou false.
confirmDuplicate: has the wrong type; expected true or false.
media.type: valor não permitido; use image, video, audio ou document.
media.type: has a value that is not allowed; use image, video, audio or document.
displayName: está vazio; escreva algo.
displayName: is empty; write something.
displayName: acima do máximo de 100 caracteres.
displayName: is above the most, 100 characters.
limit: abaixo do mínimo de 1.
limit: is below the least, 1.
limit: acima do máximo de 200.
limit: is above the most, 200.
organizationId: formato errado; use um UUID.
organizationId: has the wrong format; use a UUID.
gateway.apiUrl: formato errado; use um endereço completo, como https://exemplo.com/foto.jpg.
gateway.apiUrl: has the wrong format; use a whole address, like https://example.com/picture.jpg.
instanceName: formato errado; use de 3 a 64 letras sem acento, dígitos, _ ou -.
instanceName: has the wrong format; use 3 to 64 letters without accents, digits, _ or -.
media.mimetype: formato errado; use um tipo de mídia, como image/png.
media.mimetype: has the wrong format; use a media type, like image/png.
remoteJid: formato errado; use um número com DDI, só dígitos (5511999998888), ou o JID de uma pessoa ou grupo.
remoteJid: has the wrong format; use a number with its country code, digits only (5511999998888), or a person's or group's JID.
media.url: informe só url ou base64.
media.url: give either url or base64.
media.url: informe só url ou base64.
media.url: give either url or base64.
conversationId: informe conversationId ou remoteJid com instanceId.
conversationId: give conversationId or remoteJid with instanceId.
instanceId: informe instanceId com remoteJid.
instanceId: give instanceId with remoteJid.
message: informe message ou media.
message: give message or media.
a: tipo errado; esperava-se uma lista.
a: has the wrong type; expected a list.
a: abaixo do mínimo de 2 itens.
a: is below the least, 2 items.
a: formato errado; use algo da forma /^x+$/.
a: has the wrong format; use something like /^x+$/.
a: não é aceito.
a: is not allowed.
a: nenhuma forma aceita: tipo errado; esperava-se um texto. | tipo errado; esperava-se true ou false.
a: fits none of what is allowed: has the wrong type; expected a text. | has the wrong type; expected true or false.
`.trim().split("\n");

for (const [index, [kind, [schema, data]]] of WRONG.entries()) {
  const details = SAID.slice(2 * index, 2 * index + 2);
  Deno.test(`${kind} is told in both languages: ${details[1]}`, () => {
    const told = (["pt", "en"] as const).map((language) => {
      try {
        return parseRequest(schema, data, language);
      } catch (error) {
        assert.ok(error instanceof ApiError);
        const { field, detail } = error.place;
        assert.ok(detail?.startsWith(`${field}: `));
        return detail;
      }
    });
    assert.deepEqual(told, details);
  });
}

Deno.test("a request that is right is what its contract makes of it", () => {
  const asked = { instanceId: ID, confirmName: "x" };
  const read = parseRequest(CONTRACTS.delete_instance.request, { ...asked, more: 1 }, "pt");
  assert.deepEqual(read, { ...asked, force: false });
});

Deno.test("every error has its sentences, and its status is an error's", () => {
  for (const [code, { pt, en, status }] of Object.entries(ERRORS)) {
    assert.match(pt, /\.$/, code);
    assert.match(en, /\.$/, code);
    assert.ok(status >= 400 && status < 600, code);
  }
});

Deno.test("text that PostgreSQL cannot store is mended, any other stays as it is", () => {
  assert.equal(storable("a\u0000b"), "ab");
  assert.equal(storable("x\ud800y"), "x\ufffdy");
  assert.equal(storable("olá 👩‍👩‍👧 \\u0000"), "olá 👩‍👩‍👧 \\u0000");
  const json = String.raw`{"a":["x\u0000y",{"b":"\uD83D\uDE00 \uDE00"}],"n":1,"t":true,"z":null}`;
  const mended = { a: ["xy", { b: "😀 \ufffd" }], n: 1, t: true, z: null };
  assert.deepEqual(parseStorable(json), mended);
  assert.throws(() => parseStorable(String.raw`{"a":"\u0000"`), SyntaxError);
});
