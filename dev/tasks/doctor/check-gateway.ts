/**
 * Whether a number's gateway can be reached, takes the key, knows the number and reports to us.
 * Only what reads is called.
 *
 * @module
 */

import { z } from "zod";
import { type Clock, withTimeLimit } from "../../../supabase/functions/_shared/runtime/clock.ts";
import { createGateway, type Gateway } from "../../../supabase/functions/_shared/gateway/client.ts";
import {
  type Fact,
  isLogoutSafe,
} from "../../../supabase/functions/_shared/gateway/capabilities.ts";
import { findGateway, type Found } from "../../../supabase/functions/_shared/gateway/versions.ts";
import type { Finding } from "./findings.ts";
import type { DatabaseReport } from "./report.ts";

type Instance = DatabaseReport["instances"][number];

/** How the world is reached. */
export interface DoctorEffects {
  readonly fetch: typeof fetch;
  readonly clock: Clock;
}

/** The version whose behaviour was measured. */
const MEASURED = "2.3.7";
const NEEDED_EVENTS = [
  "CONNECTION_UPDATE",
  "QRCODE_UPDATED",
  "MESSAGES_UPSERT",
  "MESSAGES_UPDATE",
  "MESSAGES_SET",
];
const LIMIT_MS = 10_000;

/** Looks at one number from the gateway's side. */
export async function checkGateway(
  url: string,
  instance: Instance,
  effects: DoctorEffects,
): Promise<readonly Finding[]> {
  const { api_url: apiUrl, api_key: apiKey, name } = instance;
  if (apiUrl === null || apiKey === null) {
    return [{
      code: "credentials_missing",
      what: `The number ${name} has no gateway: nothing can be sent or repaired.`,
      remedy: `select public.save_instance_credentials('${instance.id}', …);`,
    }];
  }
  const unreachable: Finding = {
    code: "gateway_unreachable",
    what: `The gateway of ${name} cannot be reached from here.`,
    remedy: "Check that Evolution runs, and its address in private.instance_credentials.",
  };
  const found = await findGateway(apiUrl, effects);
  if (found.kind === "silent") return [unreachable];
  const findings = [...judgeVersion(name, found), ...judgeHearing(instance, found)];
  if (found.kind === "unusable") return findings;
  const gateway = createGateway({ apiUrl, apiKey, instanceName: name }, effects);
  const registry = await gateway.registry();
  if (registry.outcome === "unauthorized") {
    return [...findings, {
      code: "gateway_key",
      what: `The gateway refuses the key of ${name}.`,
      remedy: "select public.save_instance_credentials(…) with the right api_key.",
    }];
  }
  if (registry.outcome === "not_found") {
    return [...findings, {
      code: "gateway_instance_missing",
      what: `The gateway knows no instance ${name}.`,
      remedy: "Make it with create_instance, or correct the row's instance_name.",
    }];
  }
  if (!["open", "close", "connecting"].includes(registry.outcome)) {
    return [...findings, unreachable];
  }
  return [
    ...findings,
    ...judgeSecret(instance, found),
    ...await checkWebhook(url, instance, gateway),
    ...await checkIntegrations(apiUrl, apiKey, name, effects),
  ];
}

/** What a gateway hands each event of an instance to besides webhooks, by the registry's words. */
const INTEGRATIONS = ["Chatwoot", "Rabbitmq", "Nats", "Sqs", "Kafka", "Websocket"] as const;

const integrated = z.array(z.record(z.string(), z.unknown()));

/** Integrations that are switched on: one that accepts and never answers makes its number deaf. */
async function checkIntegrations(
  apiUrl: string,
  apiKey: string,
  name: string,
  effects: DoctorEffects,
): Promise<readonly Finding[]> {
  try {
    const row = await withTimeLimit(effects.clock, LIMIT_MS, async (signal) => {
      const query = new URLSearchParams({ instanceName: name });
      const address = `${apiUrl.replace(/\/+$/, "")}/instance/fetchInstances?${query}`;
      const response = await effects.fetch(address, { headers: { apikey: apiKey }, signal });
      return integrated.parse(await response.json()).find((row) => row["name"] === name);
    });
    const on = INTEGRATIONS.filter((integration) => isOn(row?.[integration]));
    if (on.length === 0) return [];
    return [{
      code: "integration_risky",
      what:
        `The gateway hands every event of ${name} to ${on.join(", ")}, one after another: where ` +
        "that accepts and never answers, the number hears nothing.",
      remedy: "Switch off at the gateway what nobody reads.",
    }];
  } catch {
    return [];
  }
}

function isOn(integration: unknown): boolean {
  return z.object({ enabled: z.literal(true) }).safeParse(integration).success;
}

/** What the version means for the number; nothing where it is the measured one. */
function judgeVersion(
  name: string,
  found: Exclude<Found, { kind: "silent" }>,
): readonly Finding[] {
  if (found.kind !== "evolution") {
    const what = found.kind === "page" ? "a web page" : found.what;
    return [{
      code: "gateway_unusable",
      what: `At the address of ${name}'s gateway answers ${what}, not an Evolution API of use.`,
      remedy: `Run Evolution API ${MEASURED} there, or correct the address.`,
    }];
  }
  const { version, assumed, capabilities } = found;
  if (version === MEASURED) return [];
  const { hearsAfterLogout, pairsAfterLogout, signature, deletesZombies, baileys } = capabilities;
  const means = [
    ...(assumed ? ["it is not known here, and taken for the nearest older version"] : []),
    ...(isLogoutSafe(capabilities) ? [] : [
      "a logout does harm: the number " +
      (hearsAfterLogout.is
        ? `cannot finish its next pairing by itself${sourceOf(pairsAfterLogout)}`
        : `hears nothing until the process restarts${sourceOf(hearsAfterLogout)}`) +
      "; no automatic logout is made there, the repair takes its other steps",
    ]),
    ...(signature.is === "jwt" ? [] : [
      "it cannot sign webhooks, and sends a jwt_key in clear: its webhooks carry a static token",
    ]),
    ...(deletesZombies.is
      ? [
        "a zombie can be deleted and made anew, with a new QR code, where allow_recreate is on" +
        sourceOf(deletesZombies),
      ]
      : []),
    ...(assumed || baileys.is === null
      ? ["which Baileys it runs cannot be asked for, and is not known"]
      : [`it was looked at with Baileys ${baileys.is}; which one runs cannot be asked for`]),
  ];
  return [{
    code: isLogoutSafe(capabilities) ? "gateway_version" : "logout_unsafe_here",
    what:
      `The gateway of ${name} is Evolution ${version}; the repair was measured on ${MEASURED}. ` +
      `There ${means.join("; ")}.`,
    remedy: `Run Evolution ${MEASURED}, or see docs/ghosts.md for what differs.`,
  }];
}

/** A number that was logged out where that makes deaf, is connected, and has heard nothing since. */
function judgeHearing(
  { name, status, unheard_since_logout: since }: Instance,
  found: Found,
): readonly Finding[] {
  if (found.kind !== "evolution" || found.capabilities.hearsAfterLogout.is) return [];
  if (status !== "connected" || since === null || since === undefined) return [];
  return [{
    code: "maybe_deaf",
    what: `${name} was logged out at ${since}, and nothing came in since: on Evolution ` +
      `${found.version} it may send and hear nothing.`,
    remedy: "Restart the Evolution container: the pairing is kept, and it hears again.",
  }];
}

/** A number without a token at a gateway that cannot sign: what should sign goes out in clear. */
function judgeSecret(
  { id, name, has_token: hasToken }: Instance,
  found: Found,
): readonly Finding[] {
  if (found.kind !== "evolution" || found.capabilities.signature.is === "jwt") return [];
  if (hasToken !== false) return [];
  return [{
    code: "webhook_secret_in_clear",
    what:
      `Evolution ${found.version} cannot sign: a jwt_key in the webhook of ${name} goes out in ` +
      "clear with every webhook, and none of them is accepted here.",
    remedy:
      `As an owner: the action update_webhook with instanceId ${id}. It gives the webhook a ` +
      "token of its own, and the number a new secret.",
  }];
}

function sourceOf({ source }: Fact<unknown>): string {
  return source === "measured" ? "" : ` (${source}, not measured)`;
}

async function checkWebhook(
  url: string,
  { id, name }: Instance,
  gateway: Gateway,
): Promise<readonly Finding[]> {
  const path = `/functions/v1/evolution-webhook/${id}`;
  const remedy = `POST /webhook/set/${name} with the url ${url}${path}: see docs/deploy.md.`;
  const webhook = await gateway.webhook();
  if (webhook.outcome !== "configured" || !webhook.enabled) {
    return [{
      code: "webhook_missing",
      what: `The gateway reports nothing about ${name}: its webhook is ${
        webhook.outcome === "configured" ? "switched off" : "not set"
      }.`,
      remedy,
    }];
  }
  // The host may be an inner one; the id is ours alone.
  if (!URL.canParse(webhook.url) || new URL(webhook.url).pathname !== path) {
    return [{
      code: "webhook_elsewhere",
      what: `The gateway reports about ${name} to another address than ours.`,
      remedy,
    }];
  }
  const update = `${remedy} Or, as an owner: the action update_webhook with its instanceId.`;
  const lacking = NEEDED_EVENTS.filter((event) => !webhook.events.includes(event));
  const risks = [
    ...(webhook.events.includes("MESSAGES_EDITED") ? ["asks for MESSAGES_EDITED"] : []),
    ...(webhook.base64 ? ["repeats files (base64)"] : []),
  ];
  const findings: Finding[] = [];
  if (lacking.length > 0) {
    findings.push({
      code: "webhook_events",
      what: `The gateway does not report ${lacking.join(", ")} of ${name}.` +
        (lacking.includes("MESSAGES_SET")
          ? " What customers write between a logout and the scan comes as MESSAGES_SET alone."
          : ""),
      remedy: update,
    });
  }
  if (risks.length > 0) {
    findings.push({
      code: "webhook_risky",
      what: `The webhook of ${name} ${risks.join(" and ")}: that can make the number deaf.`,
      remedy: update,
    });
  }
  return findings;
}
