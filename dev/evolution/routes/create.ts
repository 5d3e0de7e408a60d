/**
 * `POST /instance/create`.
 *
 * @module
 */

import { z } from "zod";
import type { Gateway } from "../model/gateway.ts";
import { Instance } from "../model/instance.ts";
import { beginPairing } from "../session/pairing.ts";
import { storeWebhook, WantedWebhook } from "../webhooks/setting.ts";
import { type Answer, created, failure, qrAnswer } from "./answers.ts";
import type { Call } from "./guard.ts";
import { InstanceSettings } from "./settings.ts";

/** How long a create with `qrcode: true` takes. */
const QR_WAIT_MS = 5_230;

const CreateBody = z.object({
  instanceName: z.string().optional(),
  integration: z.string().optional(),
  token: z.string().optional(),
  qrcode: z.boolean().optional(),
  number: z.string().nullish(),
  ...InstanceSettings.omit({ wavoipToken: true }).partial().shape,
  webhook: WantedWebhook.partial().optional(),
});

/** Creates an instance; its name is checked first, the integration last. */
export async function createInstance({ gateway, body }: Call): Promise<Answer> {
  const parsed = CreateBody.safeParse(body);
  if (!parsed.success) return failure(400, [parsed.error.issues.map(({ message }) => message)]);
  const { instanceName: name, integration, token, qrcode, number, webhook, ...given } = parsed.data;
  if (name === undefined || isTaken(gateway, name)) {
    return failure(403, [`This name "${name}" is already in use.`]);
  }
  if (integration !== "WHATSAPP-BAILEYS") return failure(400, ["Invalid integration"]);

  gateway.instances.get(name)?.rest();
  const seed = { name, token, phone: number ?? undefined };
  const instance = new Instance(seed, gateway.settings.random, gateway.now());
  const settings = Object.entries(given).filter(([, value]) => value !== undefined);
  instance.settings = { ...instance.settings, ...Object.fromEntries(settings) };
  gateway.instances.set(name, instance);
  if (webhook?.url !== undefined) {
    storeWebhook(gateway, instance, { ...webhook, url: webhook.url, enabled: true });
  }
  if (qrcode) {
    beginPairing(gateway, instance);
    await gateway.sleep(QR_WAIT_MS);
  }
  return created(creationOf(instance, qrcode ?? false));
}

/** Taken: by an instance that the process holds, or for a while by one that was deleted. */
function isTaken(gateway: Gateway, name: string): boolean {
  const until = gateway.takenNames.get(name);
  if (until !== undefined && until > gateway.now().getTime()) return true;
  gateway.takenNames.delete(name);
  return gateway.instances.get(name)?.inMemory ?? false;
}

function creationOf(instance: Instance, withQr: boolean): unknown {
  const { webhook } = instance;
  return {
    instance: {
      instanceName: instance.name,
      instanceId: instance.id,
      integration: "WHATSAPP-BAILEYS",
      webhookWaBusiness: null,
      accessTokenWaBusiness: "",
      status: instance.memory,
    },
    hash: instance.token,
    webhook: webhook === null ? {} : {
      webhookUrl: webhook.url,
      webhookHeaders: webhook.headers,
      webhookByEvents: webhook.webhookByEvents,
      webhookBase64: webhook.webhookBase64,
    },
    websocket: {},
    rabbitmq: {},
    nats: {},
    sqs: {},
    settings: instance.settings,
    ...(withQr ? { qrcode: qrAnswer(instance).body } : {}),
  };
}
