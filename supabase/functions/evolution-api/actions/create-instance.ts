/**
 * `create_instance`: a new number, here and at the gateway.
 *
 * ```text
 * may this person, is the name free, may the address be called?      nothing was touched yet
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

import { z } from "zod";
import { CONTRACTS } from "../../_shared/contracts/actions.ts";
import { DatabaseError } from "../../_shared/runtime/database.ts";
import type { Effects } from "../../_shared/runtime/effects.ts";
import { ApiError } from "../../_shared/http/errors.ts";
import { createGateway, type GatewayAddress } from "../../_shared/gateway/client.ts";
import type { RequestContext } from "../../_shared/http/serve.ts";
import type { Language } from "../../_shared/http/language.ts";
import { errorName, type Log } from "../../_shared/runtime/log.ts";
import { checkPublicAddress } from "../../_shared/runtime/public-address.ts";
import { parseRequest } from "../../_shared/http/validation.ts";
import { succeed } from "../answer.ts";
import { connectOnce } from "../connect-once.ts";
import { gatewayError } from "../gateway-errors.ts";
import { readInstance } from "./get-status.ts";
import { createAtGateway, type Creation, nameFor } from "../new-instance.ts";
import { refusal, refused } from "../refusals.ts";

type Request = z.output<typeof CONTRACTS.create_instance.request>;

const stored = z.union([z.object({ result: z.literal("claimed"), token: z.uuid() }), refused]);

/** Makes a number; its QR is in the answer where the gateway gave one. */
export async function createInstance(
  body: unknown,
  userId: string,
  effects: Effects,
  { language, log: requestLog }: RequestContext,
): Promise<Response> {
  const request = parseRequest(CONTRACTS.create_instance.request, body, language);
  const id = crypto.randomUUID();
  const log = requestLog.with({ instanceId: id });
  const instanceName = request.instanceName ?? nameFor(request.displayName, id);
  const allowed = await effects.database.call("check_new_instance", {
    p_user_id: userId,
    p_organization_id: request.organizationId,
    p_instance_name: instanceName,
  }, z.union([z.literal("ok"), refused.shape.result]));
  if (allowed !== "ok") throw refusal({ result: allowed }, language);
  const address = { ...await chooseGateway(request, effects), instanceName };
  const webhookSecret = randomSecret();

  const creation = await createAtGateway({
    address,
    token: randomSecret(),
    webhook: {
      url: `${effects.supabaseUrl}/functions/v1/evolution-webhook/${id}`,
      secret: webhookSecret,
    },
  }, effects);
  if (!creation.made) throw creationError(creation, language);

  const row = {
    id,
    organization_id: request.organizationId,
    instance_name: instanceName,
    display_name: request.displayName,
    api_url: address.apiUrl,
    api_key: address.apiKey,
    webhook_secret: webhookSecret,
  };
  const token = await store(row, address, userId, effects, log, language);
  const claim = {
    token,
    instance: { id, instance_name: instanceName, api_url: row.api_url, api_key: row.api_key },
  };
  const { qr } = await connectOnce(claim, effects, log, { isNew: true });
  const instance = await readInstance(id, userId, effects, language);
  return succeed("create_instance", { instance, qr });
}

async function chooseGateway(
  { gateway }: Request,
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

/** Stores the row; where that fails, what was made at the gateway goes again. */
async function store(
  row: Readonly<Record<string, string>>,
  address: GatewayAddress,
  userId: string,
  effects: Effects,
  log: Log,
  language: Language,
): Promise<string> {
  const call = () =>
    effects.database.call("store_new_instance", { p_user_id: userId, p_instance: row }, stored);
  let error: unknown;
  try {
    // A lost answer is asked for again: the second call finds the first one's row.
    const answer = await call().catch((fault: unknown) => {
      if (fault instanceof DatabaseError) return call();
      throw fault;
    });
    if (answer.result === "claimed") return answer.token;
    error = refusal(answer, language);
  } catch (fault) {
    error = fault;
  }
  const { outcome } = await createGateway(address, effects).remove();
  log.write("warn", "creation_undone", { outcome, error: errorName(error) });
  throw error;
}

const UNKNOWN = {
  pt: "Não se sabe se o número foi criado lá; nada foi guardado aqui. Tente com outro nome.",
  en: "Whether the number was made there is unknown; nothing was stored here. Try another name.",
} as const satisfies Record<Language, string>;

function creationError(
  creation: Exclude<Creation, { readonly made: true }>,
  language: Language,
): ApiError {
  if (creation.why === "name_taken") return refusal({ result: "instance_name_taken" }, language);
  // The gateway's own "not found" answers a create only where the address is not the gateway's.
  const why = creation.why === "not_found" ? "invalid" : creation.why;
  return gatewayError(why, {
    field: "gateway",
    ...(creation.unknown ? { detail: UNKNOWN[language], reason: "unknown" } : {}),
  });
}

/** 256 bits, as a header can carry them. */
function randomSecret(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
