/**
 * What a route is.
 *
 * @module
 */

import type { Answer } from "../answers.ts";
import type { Instance } from "../session/instance.ts";
import type { World } from "../world.ts";

/** A request that passed the guards. */
export interface Call {
  readonly world: World;
  /** The parsed body; `{}` where there was none. */
  readonly body: unknown;
  readonly query: URLSearchParams;
  /** Whose key came: the gateway's, or an instance's token. */
  readonly key: { readonly kind: "global" } | { readonly kind: "token"; readonly token: string };
}

/** A {@linkcode Call} about one instance. */
export interface InstanceCall extends Call {
  readonly instance: Instance;
}

/** One of Evolution's endpoints. */
export type Route =
  & {
    readonly method: "GET" | "POST" | "DELETE";
    /** The path without the instance's name, such as `/instance/connect`. */
    readonly path: string;
    /** Its short name, in call lists and faults. */
    readonly name: string;
  }
  & (
    | {
      /** The path ends with an instance's name. */
      readonly scope: "instance";
      readonly handle: (call: InstanceCall) => Answer | Promise<Answer>;
    }
    | {
      /** `any`: the global key or a token; `global`: the global key alone; `public`: no key. */
      readonly scope: "any" | "global" | "public";
      readonly handle: (call: Call) => Answer | Promise<Answer>;
    }
  );
