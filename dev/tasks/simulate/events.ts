/**
 * Actions that take more than one call.
 *
 * @module
 */

import type { DeafKind } from "../../evolution/model/deaf-kinds.ts";
import type { ReceiverAway } from "../../evolution/webhooks/sender.ts";
import { CUSTOMERS } from "./faults.ts";
import type { Company } from "./company.ts";
import type { Scene } from "./scene.ts";

/** From the end of an outage to the last try of a webhook of its beginning, in ms. */
const LAST_TRY_MS = 330_000;

/** Refused while a number is there: its session would live on with nobody who could end it. */
export async function deleteOrganization(
  { world, violated }: Scene,
  company: Company,
): Promise<void> {
  const { organizationId } = company;
  const [before] = await world.sql`select exists (select from public.whatsapp_instances i
    where i.organization_id = ${organizationId} and i.deleted_at is null) as has_numbers`;
  try {
    // It may wait for a row that somebody has locked, and only time ends that.
    await world.clock.until(
      world.sql`delete from public.organizations where id = ${organizationId}`,
    );
  } catch (error) {
    // Restricted: the numbers first, with what refers to them. Or it waited too long.
    if (!["23001", "23503", "57014"].includes(`${(error as { code?: string }).code}`)) throw error;
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
  const { socket, deaf } = control.inspect(instanceName);
  if (socket !== "open" || deaf) return;
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

/** A number's session lives on, and what comes in is not told for a time. */
export function makeDeaf(
  { world, deafUntil, mute }: Scene,
  { instanceId, instanceName: name }: Company,
  kind: DeafKind,
  forMs: number,
): void {
  const { control } = world.gateway;
  if (control.inspect(name).socket !== "open") return;
  control.deaf(name, kind, { forMs });
  const now = world.clock.monotonicMs();
  deafUntil.set(name, Math.max(deafUntil.get(name) ?? now, now + forMs));
  if (kind === "F5") mute.push({ instanceId, name, from: world.clock.now() });
}

/** Between a logout and the scan a customer writes. */
export function writeUnheard({ world }: Scene, { instanceName }: Company): void {
  const { control } = world.gateway;
  if (control.inspect(instanceName).paired) return;
  control.inbound(instanceName, { from: "5511977776666", text: "between logout and scan" });
}

/** WhatsApp says of what left last that it does not deliver it; `acked`: although it has. */
export function refuseDelivery(
  { world, refused }: Scene,
  { instanceName }: Company,
  acked: boolean,
): void {
  const { control } = world.gateway;
  const last = control.delivered(instanceName).at(-1);
  if (last === undefined || control.inspect(instanceName).socket !== "open") return;
  refused.set(last.content, { instanceName, id: last.id, acked });
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
  scene.wrongSecrets.add(instanceName);
  if (away) control.whatsapp({ refusing: true }, instanceName);
  scene.passing.begin(forMs, async () => {
    if (away && control.instances().includes(instanceName)) {
      control.whatsapp({ reachable: true }, instanceName);
    }
    await store(webhookSecret);
    scene.wrongSecrets.delete(instanceName);
  });
}

/**
 * Our functions are away, and customers write at the beginning. It is lived through to the last try of
 * the webhooks about that, which come with tokens of long ago.
 */
export async function beAway(scene: Scene, as: ReceiverAway, forMs: number): Promise<void> {
  const { control } = scene.world.gateway;
  scene.isAway = true;
  control.receiverAway(as);
  for (const name of control.instances()) {
    control.inbound(name, { from: CUSTOMERS[0], text: "while nobody listens" });
  }
  await scene.pass(forMs);
  scene.isAway = false;
  control.receiverAway(null);
  await scene.pass(LAST_TRY_MS);
}

/** Nobody is asked to scan for a pairing that lives. */
export async function showUnexpectedQr(
  { world, violated, pass }: Scene,
  { instanceName, instanceId }: Company,
): Promise<void> {
  const { control } = world.gateway;
  const lives = () =>
    control.instances().includes(instanceName) && control.inspect(instanceName).socket === "open";
  const readStatus = async () => {
    const [row] = await world.sql`select status from public.whatsapp_instances
      where id = ${instanceId}`;
    return row?.["status"];
  };
  if (!lives() || await readStatus() !== "connected") return;
  const qrcode = {
    instance: instanceName,
    pairingCode: null,
    code: "2@unexpected",
    base64: "data:,",
  };
  control.webhook(instanceName, "qrcode.updated", { qrcode });
  await pass(5_000);
  if (lives() && await readStatus() === "awaiting_qr") {
    violated(`scan for nothing: ${instanceName} shows a QR over a pairing that lives`);
  }
}
