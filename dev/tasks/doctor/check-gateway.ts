/**
 * Whether a number's gateway can be reached, takes the key, knows the number and reports to us.
 * Only what reads is called.
 *
 * @module
 */

import {
  isOurWebhook,
  webhookUrl,
} from "../../../supabase/functions/_shared/gateway/webhook-events.ts";
import { z } from "zod";
import { type Clock, withTimeLimit } from "../../../supabase/functions/_shared/runtime/clock.ts";
import { createGateway, type Gateway } from "../../../supabase/functions/_shared/gateway/client.ts";
import { findGateway } from "../../../supabase/functions/_shared/gateway/versions.ts";
import type { Finding } from "./findings.ts";
import { judgeHearing, judgeSecret, judgeVersion } from "./judge-version.ts";
import type { DatabaseReport } from "./report.ts";

type Instance = DatabaseReport["instances"][number];

/** How the world is reached. */
export interface DoctorEffects {
  readonly fetch: typeof fetch;
  readonly clock: Clock;
}

/** Without them something is not known here. */
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

async function checkWebhook(
  url: string,
  { id, name }: Instance,
  gateway: Gateway,
): Promise<readonly Finding[]> {
  const ours = webhookUrl(url, id);
  const remedy = `POST /webhook/set/${name} with the url ${ours}: see docs/deploy.md.`;
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
  if (!isOurWebhook(webhook, ours)) {
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
