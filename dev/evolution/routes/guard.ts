/**
 * What every request passes before a route answers: the gate, the licence, the body, the instance,
 * the key, in this order.
 *
 * @module
 */

import type { Context } from "hono";
import type { z } from "zod";
import type { Gateway } from "../model/gateway.ts";
import type { Instance } from "../model/instance.ts";
import { type Answer, failure, refuseBody } from "./answers.ts";
import type { Gate } from "./gate.ts";

/** A request to the gateway itself that passed. */
export interface Call {
  readonly gateway: Gateway;
  /** The parsed body; `{}` where there was none. */
  readonly body: unknown;
  readonly query: (name: string) => string | undefined;
  /** The token that came; null: the gateway's own key, or a route that asks for none. */
  readonly token: string | null;
}

/** A request about one instance that passed. */
export interface InstanceCall<Body = unknown> {
  readonly gateway: Gateway;
  readonly instance: Instance;
  readonly body: Body;
}

/** Who may call: the global key or any instance's token; the global key alone; everybody. */
type Scope = "any" | "global" | "public";

type Answering<Call> = (call: Call) => Answer | Promise<Answer>;
type Handler = (context: Context) => Promise<Response>;

/** Makes Hono's handlers out of routes. */
export class Guard {
  /** Names the gateway, and the gate in front of it. */
  constructor(private readonly gateway: Gateway, private readonly gate: Gate) {}

  /** A route of the gateway itself; its name is what call lists and faults call it. */
  onGateway(route: string, scope: Scope, answer: Answering<Call>): Handler {
    const { gateway } = this;
    return (context) =>
      this.#admit(context, { route, instance: null }, (body) => {
        const key = context.req.header("apikey") ?? null;
        const global = scope === "public" || key === gateway.settings.apiKey;
        const isToken = () => [...gateway.instances.values()].some(({ token }) => token === key);
        if (!global && !(scope === "any" && isToken())) return UNAUTHORIZED;
        const query = (name: string) => context.req.query(name);
        return answer({ gateway, body, query, token: global ? null : key });
      });
  }

  /** A route whose path ends with `/:instance`; the global key opens it, or the instance's token. */
  onInstance(route: string, answer: Answering<InstanceCall>): Handler {
    const { gateway } = this;
    return (context) => {
      const name = context.req.param("instance") ?? "";
      return this.#admit(context, { route, instance: name }, (body) => {
        const instance = gateway.instances.get(name);
        // Said even to somebody without a key.
        if (!instance) return failure(404, [`The "${name}" instance does not exist`]);
        const key = context.req.header("apikey");
        const opens = key === gateway.settings.apiKey || key === instance.token;
        return opens ? answer({ gateway, instance, body }) : UNAUTHORIZED;
      });
    };
  }

  async #admit(
    { req }: Context,
    call: { readonly route: string; readonly instance: string | null },
    answer: Answering<unknown>,
  ): Promise<Response> {
    return await this.gate.pass(req.raw, call, async (text) => {
      const { rules, licensed } = this.gateway;
      if (rules.needsLicence && !licensed && new URL(req.url).pathname !== "/") {
        return UNLICENSED;
      }
      let body: unknown = {};
      try {
        if (text !== "") body = JSON.parse(text);
      } catch (error) {
        // Express parses before anything else, and the error handler muddles the two codes.
        const message = error instanceof Error ? error.message : String(error);
        const muddled = { status: 400, error: "Internal Server Error", response: { message } };
        return { status: 400, body: muddled };
      }
      return await answer(body);
    });
  }
}

/** 401, whatever is wrong with the key. */
const UNAUTHORIZED = failure(401, "Unauthorized");

/** 2.4's licence gate, as its source has it. */
const UNLICENSED: Answer = {
  status: 503,
  body: {
    error: "service not activated",
    code: "LICENSE_REQUIRED",
    register_url: "https://evolution.test/manager/login",
    instance_id: "0c1d2e3f",
    docs_url: "https://docs.evolution.test",
    message: "Activate this service at the register_url.",
  },
};

/** Checks a body before a route sees it. */
export function withBody<Body>(
  schema: z.ZodType<Body>,
  answer: Answering<InstanceCall<Body>>,
): Answering<InstanceCall> {
  return (call) => {
    const checked = schema.safeParse(call.body);
    if (!checked.success) return refuseBody(checked.error, call.body);
    return answer({ ...call, body: checked.data });
  };
}
