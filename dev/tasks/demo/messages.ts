/**
 * What users and customers do in the story.
 *
 * @module
 */

import type { VirtualWorld } from "../../world/virtual-world.ts";
import type { Printer } from "./printer.ts";

/** Sends a message as the user. @returns Its id. */
export async function send(world: VirtualWorld): Promise<string> {
  const answer = await world.call("evolution-api", {
    action: "send_message_async",
    conversationId: world.company.conversationId,
    message: "Olá!",
  });
  if (answer.status !== 200) throw new Error(`send_message_async answered ${answer.status}`);
  return String(answer.body.messageId);
}

/** The message's status. */
export async function messageStatus(world: VirtualWorld, id: string): Promise<string> {
  const [row] = await world.sql`select status from public.messages where id = ${id}`;
  return row?.status ?? "lost";
}

/** The status that users see. */
export async function databaseStatus(world: VirtualWorld): Promise<string> {
  const [row] = await world.sql`
    select status from public.whatsapp_instances where id = ${world.company.instanceId}`;
  return row?.status ?? "lost";
}

/** Sends and tells how it ended. @returns Whether well. */
export async function tellSend(
  world: VirtualWorld,
  print: Printer,
  step?: number,
): Promise<boolean> {
  print.line("userSends");
  const id = await send(world);
  await world.settle();
  await world.clock.advance(1_500);
  const status = await messageStatus(world, id);
  const good = status === "delivered" || status === "read" || status === "sent";
  print.line("messageEnded", { status }, { tone: good ? "good" : "bad" });
  if (good && step !== undefined) print.line("nextSend", {}, { step, tone: "good" });
  return good;
}

/** A customer writes. @returns Whether it arrived. */
export async function tellInbound(
  world: VirtualWorld,
  print: Printer,
  step?: number,
): Promise<boolean> {
  const { id } = world.gateway.control.inbound(world.company.instanceName, {
    from: "5511977776666",
    text: "Oi, tudo bem?",
    pushName: "Cliente",
  });
  await world.clock.advance(2_000);
  const [row] = await world.sql`
    select 1 from public.messages where whatsapp_message_id = ${id} and status = 'received'`;
  const look = step === undefined ? {} : { step };
  if (row) print.line("inboundArrived", {}, { ...look, tone: "good" });
  else print.line("inboundMissing", {}, { ...look, tone: "bad" });
  return row !== undefined;
}
