/**
 * `POST /instance/create`.
 *
 * @module
 */

import { z } from "zod";
import { type Answer, created, failure, qrAnswer } from "../answers.ts";
import { Instance } from "../session/instance.ts";
import { pair } from "../session/pairing.ts";
import type { World } from "../world.ts";
import type { Call } from "./route.ts";
import { storeWebhook, WebhookBody } from "./webhook.ts";

/** How long a create with `qrcode: true` takes. */
const QR_WAIT_MS = 5_230;

const CreateBody = z.object({
  instanceName: z.string().optional(),
  integration: z.string().optional(),
  token: z.string().optional(),
  qrcode: z.boolean().optional(),
  number: z.string().nullish(),
  rejectCall: z.boolean().optional(),
  msgCall: z.string().optional(),
  groupsIgnore: z.boolean().optional(),
  alwaysOnline: z.boolean().optional(),
  readMessages: z.boolean().optional(),
  readStatus: z.boolean().optional(),
  syncFullHistory: z.boolean().optional(),
  webhook: WebhookBody.partial().optional(),
});

/** Creates an instance; its name is checked first, the integration last. */
export async function createInstance({ world, body }: Call): Promise<Answer> {
  const parsed = CreateBody.safeParse(body);
  if (!parsed.success) return failure(400, [parsed.error.issues.map(({ message }) => message)]);
  const { instanceName, integration, token, qrcode, number, webhook, ...given } = parsed.data;
  const taken = instanceName === undefined || isTaken(world, instanceName);
  if (taken) return failure(403, [`This name "${instanceName}" is already in use.`]);
  if (integration !== "WHATSAPP-BAILEYS") return failure(400, ["Invalid integration"]);

  world.instances.get(instanceName)?.rest();
  const seed = {
    name: instanceName,
    ...(token === undefined ? {} : { token }),
    ...(number ? { phone: number } : {}),
  };
  const instance = new Instance(seed, world.settings.random, world.now());
  const settings = Object.entries(given).filter(([, value]) => value !== undefined);
  instance.settings = { ...instance.settings, ...Object.fromEntries(settings) };
  world.instances.set(instance.name, instance);
  if (webhook?.url !== undefined) {
    storeWebhook(world, instance, {
      ...webhook,
      url: webhook.url,
      enabled: true,
      events: webhook.events ?? [],
    });
  }
  if (qrcode) {
    pair(world, instance);
    await world.sleep(QR_WAIT_MS);
  }
  return created(creation(instance, qrcode ?? false));
}

/** Taken: by an instance that the process holds, or for a while by one that was deleted. */
function isTaken(world: World, name: string): boolean {
  const until = world.takenNames.get(name);
  if (until !== undefined && until > world.now().getTime()) return true;
  world.takenNames.delete(name);
  return world.instances.get(name)?.inMemory ?? false;
}

function creation(instance: Instance, withQr: boolean): unknown {
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
