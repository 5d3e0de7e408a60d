/**
 * `create_instance`: a new number, here and at the gateway.
 *
 * ```text
 * may this person, is the name free, may the address be called?      nothing was touched yet
 *    │
 * is it an Evolution API that can be used?                            ── no ──▶ error
 *    │
 * the gateway makes the instance, its webhook set, no connect yet    ── no ──▶ error
 *    │
 * the row, its key and its secret are stored                         ── no ──▶ removed there, error
 *    │
 * the first connect: a QR
 * ```
 *
 * The row comes after the instance: a row of a name that was never ours there would, on a gateway
 * that several share, stand for somebody else's number.
 *
 * @module
 */

import * as z from "zod/mini";
import type { GatewayAddress } from "../../_shared/gateway/client.ts";
import { gatewayOf, type InstanceAddress } from "../../_shared/gateway/instance.ts";
import { findGateway, type Found } from "../../_shared/gateway/versions.ts";
import {
  needsToken,
  WEBHOOK_EVENTS,
  webhookHeaders,
  webhookUrl,
} from "../../_shared/gateway/webhook-events.ts";
import { ApiError } from "../../_shared/http/errors.ts";
import type { Language } from "../../_shared/http/language.ts";
import type { Effects } from "../../_shared/runtime/effects.ts";
import { randomSecret } from "../../_shared/runtime/hex.ts";
import { errorName } from "../../_shared/runtime/log.ts";
import { checkPublicAddress } from "../../_shared/runtime/public-address.ts";
import {
  type Action,
  type ActionRequest,
  ask,
  askAgain,
  type Call,
  gatewayError,
  type GatewayFailure,
  isGatewayFailure,
  refusal,
  requireUsable,
  succeed,
} from "../action.ts";
import { connectOnce } from "../connect-once.ts";
import { readInstance } from "./get-status.ts";

/** The row, its key and its secret. */
type NewInstance = InstanceAddress & Readonly<Record<"id" | "webhook_secret", string>> & {
  /** Null: the gateway signs. */
  readonly webhook_token: string | null;
};

const checked = z.enum(["ok", "organization_not_found", "forbidden", "instance_name_taken"]);

const stored = z.object({ result: z.literal("claimed"), token: z.uuid(), epoch: z.int() });

/** A name for the gateway: `Vendas São Paulo` is `vendas-sao-paulo-` and what makes it unique. */
export function nameFor(displayName: string, id: string): string {
  const slug = displayName.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase()
    .replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "").slice(0, 40);
  return [slug, id.slice(0, 8)].filter((part) => part !== "").join("-");
}

/** Makes a number; its QR is in the answer where the gateway gave one. */
export const createInstance: Action<"create_instance"> = async (request, caller) => {
  const id = crypto.randomUUID();
  const call = { ...caller, log: caller.log.with({ instanceId: id }) };
  const { userId, effects, language } = call;
  const instanceName = request.instanceName ?? nameFor(request.displayName, id);
  const allowed = await effects.database.call("check_new_instance", {
    p_user_id: userId,
    p_organization_id: request.organizationId,
    p_instance_name: instanceName,
  }, checked);
  if (allowed !== "ok") throw refusal(allowed, language);
  const { apiUrl, apiKey } = await chooseGateway(request, effects);
  const found = await findGateway(apiUrl, effects);
  requireUsable(found, language);
  const row: NewInstance & Readonly<Record<"organization_id" | "display_name", string>> = {
    id,
    organization_id: request.organizationId,
    instance_name: instanceName,
    display_name: request.displayName,
    api_url: apiUrl,
    api_key: apiKey,
    webhook_secret: randomSecret(),
    webhook_token: needsToken(found) ? randomSecret() : null,
  };
  const creation = await createAtGateway(row, found, effects);
  if (!creation.made) throw creationError(creation, language);
  const claim = await store(row, call);
  const { qr } = await connectOnce({ ...claim, shown: null, instance: row }, call, { isNew: true });
  return succeed("create_instance", { instance: await readInstance(id, call), qr });
};

async function chooseGateway(
  { gateway }: ActionRequest<"create_instance">,
  effects: Effects,
): Promise<Pick<GatewayAddress, "apiUrl" | "apiKey">> {
  if (gateway === undefined) {
    if (effects.defaultGateway === undefined) {
      throw new ApiError("GATEWAY_NOT_CONFIGURED", { field: "gateway" });
    }
    return effects.defaultGateway;
  }
  const url = new URL(gateway.apiUrl);
  const reason = url.username !== "" || url.password !== ""
    ? "credentials_in_url"
    : await checkPublicAddress(url, effects);
  if (reason !== null) {
    throw new ApiError("GATEWAY_ADDRESS_REFUSED", { field: "gateway.apiUrl", reason });
  }
  return { apiUrl: url.origin + url.pathname.replace(/\/+$/, ""), apiKey: gateway.apiKey };
}

/** What a gateway made of a request for a new instance. */
type Creation =
  | { readonly made: true }
  | { readonly made: false; readonly why: "name_taken" }
  /** `unknown`: it may yet come into being; nobody could say. */
  | { readonly made: false; readonly why: GatewayFailure; readonly unknown: boolean };

/**
 * Makes an instance, without connecting it. The registry is asked first (a gateway that is away, or
 * refuses the key, is told apart before anything changes) and again where the answer was lost: with
 * the instance's own token, which opens nothing but what this call made.
 */
async function createAtGateway(
  row: NewInstance,
  found: Found,
  effects: Effects,
): Promise<Creation> {
  const gateway = gatewayOf(row, effects);
  // Its own key, of our making: the proof, later on, that it is ours.
  const token = randomSecret();
  const before = (await gateway.registry()).outcome;
  if (before !== "not_found") {
    return isGatewayFailure(before)
      ? { made: false, why: before, unknown: false }
      : { made: false, why: "name_taken" };
  }
  const { outcome } = await gateway.create({
    token,
    webhook: {
      url: webhookUrl(effects.supabaseUrl, row.id),
      events: WEBHOOK_EVENTS,
      headers: webhookHeaders(found, row.webhook_secret, row.webhook_token ?? ""),
    },
  });
  if (outcome === "created") return { made: true };
  if (outcome === "name_taken") return { made: false, why: outcome };
  if (outcome === "refused" || outcome === "unauthorized") {
    return { made: false, why: outcome, unknown: false };
  }
  const after = (await gatewayOf({ ...row, api_key: token }, effects).registry()).outcome;
  if (!isGatewayFailure(after)) return { made: true };
  // The key is unknown there, or the name is: it was not made, so far.
  const absent = after === "unauthorized" || after === "not_found";
  return { made: false, why: outcome, unknown: outcome === "timeout" || !absent };
}

/** Stores the row; where that fails, what was made at the gateway goes again. */
async function store(row: NewInstance, call: Call): Promise<z.infer<typeof stored>> {
  const made = { p_user_id: call.userId, p_instance: row };
  const attempt = () => ask(call, "store_new_instance", made, stored);
  try {
    // A second call finds the first one's row.
    return (await askAgain(call, attempt)).answer;
  } catch (error) {
    const { outcome } = await gatewayOf(row, call.effects).remove();
    call.log.write("warn", "creation_undone", { outcome, error: errorName(error) });
    throw error;
  }
}

const UNKNOWN = {
  pt: "Não se sabe se o número foi criado lá; nada foi guardado aqui. Tente com outro nome.",
  en: "Whether the number was made there is unknown; nothing was stored here. Try another name.",
} as const satisfies Record<Language, string>;

function creationError(
  creation: Exclude<Creation, { readonly made: true }>,
  language: Language,
): ApiError {
  if (creation.why === "name_taken") return refusal("instance_name_taken", language);
  // The gateway's own "not found" answers a create only where the address is not the gateway's.
  const why = creation.why === "not_found" ? "invalid" : creation.why;
  return gatewayError(why, {
    field: "gateway",
    ...(creation.unknown ? { detail: UNKNOWN[language], reason: "unknown" } : {}),
  });
}
