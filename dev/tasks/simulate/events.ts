/**
 * Actions that take more than one call.
 *
 * @module
 */

import type { Company, Scene } from "./scene.ts";

/** Refused while a number is there: its session would live on with nobody who could end it. */
export async function deleteOrganization(
  { world, violated }: Scene,
  company: Company,
): Promise<void> {
  const { organizationId } = company;
  const [before] = await world.sql`select exists (select from public.whatsapp_instances i
    where i.organization_id = ${organizationId} and i.deleted_at is null) as has_numbers`;
  try {
    await world.sql`delete from public.organizations where id = ${organizationId}`;
  } catch (error) {
    // Restricted: the numbers first, with what refers to them.
    if (!["23001", "23503"].includes(`${(error as { code?: string }).code}`)) throw error;
    return;
  }
  if (before?.["has_numbers"]) violated("an organization was deleted with its numbers");
}

/** An array of messages in one webhook. Whoever is deaf hears none of them. */
export function inboundWithBadOne(
  { world, inbound }: Scene,
  { instanceName, instanceId }: Company,
  number: number,
  bad: number,
): void {
  const { control } = world.gateway;
  if (control.inspect(instanceName).socket !== "open") return;
  const ids = [0, 1, 2, 3].map((place) => `3A${number}X${place}`);
  const items = ids.map((id, place) => ({
    key: { remoteJid: place === bad ? null : "5511977776666@s.whatsapp.net", fromMe: false, id },
    pushName: "Cliente",
    status: "DELIVERY_ACK",
    message: { conversation: `in company of a bad one ${place}` },
    messageType: "conversation",
    messageTimestamp: Math.floor(world.clock.monotonicMs() / 1000),
    source: "ios",
  }));
  control.webhook(instanceName, "messages.upsert", items);
  const sent = control.inspect(instanceName).webhooksSent.length - 1;
  inbound.push({ instanceName, instanceId, sent, ids: ids.filter((_, place) => place !== bad) });
}

/** Between a logout and the scan a customer writes. */
export function writeUnheard({ world }: Scene, { instanceName }: Company): void {
  const { control } = world.gateway;
  if (control.inspect(instanceName).paired) return;
  control.inbound(instanceName, { from: "5511977776666", text: "between logout and scan" });
}

/** WhatsApp says of what left last that it does not deliver it. */
export function refuseDelivery({ world, refused }: Scene, { instanceName }: Company): void {
  const { control } = world.gateway;
  const last = control.delivered(instanceName).at(-1);
  if (last === undefined || control.inspect(instanceName).socket !== "open") return;
  refused.add(last.content);
  control.webhook(instanceName, "messages.update", {
    keyId: last.id,
    remoteJid: `${last.number.replace(/@.*/, "")}@s.whatsapp.net`,
    fromMe: true,
    status: "ERROR",
  });
}

/** The stored secret is another one for a time: each webhook is refused. */
export async function wrongSecret(
  scene: Scene,
  { instanceId, instanceName, webhookSecret }: Company,
  away: boolean,
  forMs: number,
): Promise<void> {
  const { world } = scene;
  const { control } = world.gateway;
  const store = (secret: string) =>
    world.sql`update private.instance_credentials set webhook_secret = ${secret}
      where instance_id = ${instanceId}`;
  await store("somebody-typed-another-secret-000001");
  if (away) control.whatsapp({ refusing: true }, instanceName);
  scene.temporarily(forMs, async () => {
    if (away && control.instances().includes(instanceName)) {
      control.whatsapp({ reachable: true }, instanceName);
    }
    await store(webhookSecret);
  });
}
