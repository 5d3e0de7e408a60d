/**
 * Listens on the wires to and from the gateway, and to the operator's hook.
 *
 * @module
 */

import type { FunctionHandler } from "../../../dev/platform/functions.ts";
import type { Canaries, Haystack } from "./canaries.ts";

/** The operator's hook of these tests. */
export const HOOK_URL = "http://hook.test/operator";

/** Plants whatever secret the gateway makes up: instance tokens, QR codes, pairing codes. */
export class GatewayTap {
  /** What the operator's hook was told. */
  readonly hook: Haystack[] = [];

  /** @param canaries Where to plant. */
  constructor(private readonly canaries: Canaries) {}

  /** On the way to the gateway. */
  aroundGateway(inner: typeof fetch): typeof fetch {
    return async (input, init) => {
      const request = new Request(input, init);
      if (request.url.startsWith("http://hook.test/")) {
        const head = [...request.headers].join("\n");
        this.hook.push({ where: "hook", text: `${head}\n${await request.text()}` });
        return new Response(null, { status: this.hook.length === 1 ? 500 : 204 });
      }
      const response = await inner(input, init);
      this.#learn(await response.clone().text());
      return response;
    };
  }

  /** On the way from the gateway. */
  aroundWebhooks(inner: FunctionHandler): FunctionHandler {
    return async (request) => {
      this.#learn(await request.clone().text());
      return await inner(request);
    };
  }

  #learn(text: string): void {
    for (const [, name, value] of text.matchAll(/"(apikey|token|hash)":"([^"]{10,})"/g)) {
      if (name !== undefined && value !== undefined) this.canaries.plant("secret", value);
    }
    for (const [, , value] of text.matchAll(/"(code|base64|pairingCode)":"([^"]{10,})"/g)) {
      if (value !== undefined) this.canaries.plant("qr", value);
    }
  }
}
