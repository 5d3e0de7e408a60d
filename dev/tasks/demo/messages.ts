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

/** A customer writes while no device is paired. @returns WhatsApp's id. */
export function tellUnheard({ gateway, company }: VirtualWorld, print: Printer): string {
  print.line("customerWrites");
  return gateway.control.inbound(company.instanceName, {
    from: "5511977776666",
    text: "Ainda estão aí?",
    pushName: "Cliente",
  }).id;
}

/** Whether that came with the scan, or by comparing with the gateway. @returns Whether it is here. */
export async function tellMissed(
  world: VirtualWorld,
  print: Printer,
  id: string,
): Promise<boolean> {
  const count = async () => {
    const [row] = await world.sql<{ n: number }[]>`
      select count(*)::int as n from public.messages where whatsapp_message_id = ${id}`;
    return row?.n;
  };
  for (let minute = 0; minute < 3 && await count() === 0; minute++) {
    await world.clock.advance(60_000);
    await world.tick();
  }
  const here = await count() === 1;
  if (here) print.line("missedArrived", {}, { tone: "good" });
  else print.line("missedMissing", {}, { tone: "bad" });
  return here;
}
