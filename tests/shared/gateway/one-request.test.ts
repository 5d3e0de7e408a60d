import assert from "node:assert/strict";
import { createServer, type Socket } from "node:net";
import { systemClock } from "../../../supabase/functions/_shared/runtime/clock.ts";
import { createGateway, type Gateway } from "../../../supabase/functions/_shared/gateway/client.ts";
import { EVERY_CALL } from "./every-call.ts";

/** A TCP server that counts whole requests and does with each what it is told. */
async function rawServer(answer: (socket: Socket, request: number) => void) {
  const requests: string[] = [];
  const server = createServer((socket) => {
    let text = "";
    socket.on("error", () => {});
    socket.on("data", (chunk: Uint8Array) => {
      text += new TextDecoder().decode(chunk);
      if (!isWhole(text)) return;
      requests.push(text);
      text = "";
      answer(socket, requests.length);
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  const close = () => new Promise<void>((closed) => server.close(() => closed()));
  return { requests, close, apiUrl: `http://127.0.0.1:${address.port}` };
}

/** Whether a request's body, of whatever framing, has come. */
function isWhole(text: string): boolean {
  const [head, ...body] = text.split("\r\n\r\n");
  if (body.length === 0) return false;
  if (/transfer-encoding: chunked/i.test(head!)) return text.endsWith("0\r\n\r\n");
  return body.join("").length >= Number(/content-length: (\d+)/i.exec(head!)?.[1] ?? 0);
}

function gatewayAt(apiUrl: string): Gateway {
  return createGateway({ apiUrl, apiKey: "KEY", instanceName: "x" }, { fetch, clock: systemClock });
}

const OK = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 4\r\n\r\nnull";

const CHANGING = ["sendText", "sendMedia", "sendAudio", "logout", "restart", "create", "remove"];

for (const { name, limit, run } of EVERY_CALL.filter(({ name }) => CHANGING.includes(name))) {
  Deno.test(`${name} is made once, also where the connection breaks after it was read`, async () => {
    for (const end of ["destroy", "resetAndDestroy"] as const) {
      // The first answer leaves a connection that the runtime may take again.
      const server = await rawServer((socket, request) => {
        if (request === 1) socket.write(OK);
        else socket[end]();
      });
      try {
        const gateway = gatewayAt(server.apiUrl);
        assert.equal((await gateway.webhook()).outcome, "none");
        const { outcome } = await run(gateway);
        assert.equal(outcome, limit === "send" ? "gateway_timeout" : "unreachable");
        assert.equal(server.requests.length, 2);
      } finally {
        await server.close();
      }
    }
  });
}

Deno.test("a port where nobody listens is unreachable: nothing left", async () => {
  const server = await rawServer(() => {});
  await server.close();
  const gateway = gatewayAt(server.apiUrl);
  const outcome = await gateway.sendText({ number: "1", text: "x" });
  assert.equal(outcome.outcome, "gateway_unreachable");
  assert.equal((await gateway.registry()).outcome, "unreachable");
});

Deno.test("a redirect is not followed", async () => {
  const target = await rawServer((socket) => socket.end(OK));
  const server = await rawServer((socket) =>
    socket.end(
      `HTTP/1.1 307 Temporary Redirect\r\nlocation: ${target.apiUrl}/\r\ncontent-length: 0\r\n\r\n`,
    )
  );
  try {
    const gateway = gatewayAt(server.apiUrl);
    const sent = await gateway.sendText({ number: "1", text: "x" });
    assert.deepEqual({ outcome: sent.outcome, httpStatus: sent.httpStatus }, {
      outcome: "gateway_error",
      httpStatus: 307,
    });
    assert.equal((await gateway.connect()).outcome, "invalid");
    assert.equal(target.requests.length, 0);
  } finally {
    await server.close();
    await target.close();
  }
});

Deno.test("the answer to a send that is cut in its body is sent, with the id that came", async () => {
  const start = '{"key":{"remoteJid":"1@s.whatsapp.net","fromMe":true,"id":"3EB0F"},"mes';
  const server = await rawServer((socket) => {
    socket.write(`HTTP/1.1 201 Created\r\ncontent-length: 900\r\n\r\n${start}`, () => socket.end());
  });
  try {
    const outcome = await gatewayAt(server.apiUrl).sendText({ number: "1", text: "x" });
    assert.equal(outcome.outcome === "sent" && outcome.whatsappMessageId, "3EB0F");
  } finally {
    await server.close();
  }
});
