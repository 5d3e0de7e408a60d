/**
 * What the user of a world's number does, and what the number's rows say.
 *
 * @module
 */

import type { VirtualWorld } from "../../world/virtual-world.ts";

/** Sends a message; time passes until it is accepted. @returns Its id. */
export async function sendMessage({ call, company }: VirtualWorld): Promise<string> {
  const { status, body } = await call("evolution-api", {
    action: "send_message_async",
    conversationId: company.conversationId,
    message: "Olá!",
  });
  if (status !== 200) throw new Error(`send_message_async answered ${status}`);
  return String(body["messageId"]);
}

/** The message's status. */
export async function readMessageStatus({ sql }: VirtualWorld, id: string): Promise<string> {
  const [row] = await sql<{ status: string }[]>`
    select status from public.messages where id = ${id}`;
  return row?.status ?? "lost";
}

/** The status that users see. */
export async function readNumberStatus({ sql, company }: VirtualWorld): Promise<string> {
  const [row] = await sql<{ status: string }[]>`
    select status from public.whatsapp_instances where id = ${company.instanceId}`;
  return row?.status ?? "gone";
}
