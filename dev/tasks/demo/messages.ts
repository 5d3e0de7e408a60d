/**
 * Messages of the story: whether they are sent, and whether they arrive.
 *
 * @module
 */

import type { VirtualWorld } from "../../world/virtual-world.ts";
import { readMessageStatus, sendMessage } from "../shared/one-number.ts";
import type { Printer } from "./printer.ts";

/** Sends and tells how it ended. @returns Whether well. */
export async function tellSend(
  world: VirtualWorld,
  print: Printer,
  step?: number,
): Promise<boolean> {
  print.line("userSends");
  const id = await sendMessage(world);
  await world.settle();
  await world.clock.advance(1_500);
  const status = await readMessageStatus(world, id);
  const good = ["sent", "delivered", "read"].includes(status);
  print.line("messageEnded", { status }, { tone: good ? "good" : "bad" });
  if (good && step !== undefined) print.line("nextSend", {}, { step, tone: "good" });
  return good;
}

/** A customer writes. @returns Whether it arrived. */
export async function tellInbound(
  { gateway, company, clock, sql }: VirtualWorld,
  print: Printer,
  step?: number,
): Promise<boolean> {
  const { id } = gateway.control.inbound(company.instanceName, {
    from: "5511977776666",
    text: "Oi, tudo bem?",
    pushName: "Cliente",
  });
  await clock.advance(2_000);
  const [row] = await sql`
    select 1 from public.messages where whatsapp_message_id = ${id} and status = 'received'`;
  const look = step === undefined ? {} : { step };
  if (row) print.line("inboundArrived", {}, { ...look, tone: "good" });
  else print.line("inboundMissing", {}, { ...look, tone: "bad" });
  return row !== undefined;
}
