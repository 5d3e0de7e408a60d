import assert from "node:assert/strict";
import { type GatewayUnderTest, openTest } from "./gateway-under-test.ts";

const PATH = "/chat/getBase64FromMediaMessage/x";
const PICTURE = { kind: "image", mimetype: "image/png", base64: "QUJD" } as const;

/** Asks for the file of a message. */
const ask = (gateway: GatewayUnderTest, id: string, path = PATH) =>
  gateway.call("POST", path, { message: { key: { id } } });

/** Somebody sends a picture. */
async function receive({ control, clock }: GatewayUnderTest): Promise<string> {
  const { id } = control.inbound("x", { from: "5511988887777", media: PICTURE });
  await clock.advance(1_000);
  return id;
}

const refused = (message: string) => ({
  status: 400,
  body: { status: 400, error: "Bad Request", response: { message: [message] } },
});

openTest("the file of a stored message is answered 201, as base64", async (gateway) => {
  const id = await receive(gateway);
  const { status, body } = await ask(gateway, id);
  assert.equal(status, 201);
  assert.partialDeepStrictEqual(body, {
    mediaType: "imageMessage",
    fileName: `${id}.png`,
    mimetype: "image/png",
    base64: "QUJD",
    buffer: null,
  });
});

openTest(
  "what is not stored, or holds no file, is a 400; an unknown instance a 404",
  async (gateway) => {
    assert.partialDeepStrictEqual(await ask(gateway, "3A00"), refused("Message not found"));
    const { id } = gateway.control.inbound("x", { from: "5511988887777", text: "oi" });
    await gateway.clock.advance(1_000);
    assert.partialDeepStrictEqual(
      await ask(gateway, id),
      refused("The message is not of the media type"),
    );
    const other = await ask(gateway, id, "/chat/getBase64FromMediaMessage/nobody");
    assert.equal(other.status, 404);
  },
);

openTest(
  "a file comes whatever the socket is, but not from a process that lost the instance",
  async (gateway) => {
    const id = await receive(gateway);
    gateway.control.ghost("x", "A2");
    assert.equal((await ask(gateway, id)).status, 201);
    gateway.control.restartProcess({ forgets: ["x"] });
    assert.partialDeepStrictEqual(await ask(gateway, id), {
      status: 500,
      body: {
        response: {
          message: "Cannot read properties of undefined (reading 'getBase64FromMediaMessage')",
        },
      },
    });
  },
);

openTest(
  "a file that WhatsApp has no more is tried twice, and not asked of the phone",
  async (gateway) => {
    const id = await receive(gateway);
    gateway.control.expireFiles();
    const { status, body, ms } = await ask(gateway, id);
    assert.equal(status, 400);
    assert.match(JSON.stringify(body), /"Error: Failed to fetch stream from https:/);
    assert.ok(ms >= 5_000, String(ms));
  },
);

openTest(
  "2.2.3: the phone uploads it once more, through a socket that is open",
  async (gateway) => {
    const id = await receive(gateway);
    const { control } = gateway;
    control.expireFiles();
    assert.equal((await ask(gateway, id)).status, 201);
    control.expireFiles();
    control.ghost("x", "A2");
    assert.partialDeepStrictEqual(await ask(gateway, id), refused("Error: Connection Closed"));
  },
  { version: "2.2.3" },
);
