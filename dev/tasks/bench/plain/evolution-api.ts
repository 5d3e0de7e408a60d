/**
 * What a project has without this one, in our own words: the mission's plain `evolution-api`. It reads
 * the conversation and its number, stores a row, answers, and sends in the background; on Connection
 * Closed it marks the number, logs out and marks the message. No claims, no probes, no order.
 *
 * @module
 */

import { createClient } from "@supabase/supabase-js";
import { z } from "zod";

const asked = z.object({ conversationId: z.string(), message: z.string() });
const conversation = z.object({
  id: z.string(),
  organization_id: z.string(),
  remote_jid: z.string(),
  whatsapp_instances: z.object({ id: z.string(), instance_name: z.string() }),
});
const stored = z.object({ id: z.string() });

/** The project's address, and its keys. */
export interface PlainProject {
  readonly url: string;
  readonly secretKey: string;
  readonly gatewayUrl: string;
  readonly gatewayKey: string;
}

/** Makes the function. */
export function createPlainApi(project: () => PlainProject) {
  return async (request: Request): Promise<Response> => {
    const { url, secretKey, gatewayUrl, gatewayKey } = project();
    const supabase = createClient(url, secretKey, { auth: { persistSession: false } });
    const token = request.headers.get("authorization")?.replace(/^Bearer /, "") ?? "";
    const { data: { user } } = await supabase.auth.getUser(token);
    if (user === null) return Response.json({ error: "Unauthorized" }, { status: 401 });
    const { conversationId, message } = asked.parse(await request.json());
    const found = await supabase.from("conversations")
      .select("id, organization_id, remote_jid, whatsapp_instances(id, instance_name)")
      .eq("id", conversationId).single();
    const { whatsapp_instances: instance, ...row } = conversation.parse(found.data);
    const inserted = await supabase.from("messages").insert({
      organization_id: row.organization_id,
      conversation_id: row.id,
      whatsapp_instance_id: instance.id,
      is_from_me: true,
      message_type: "text",
      content: message,
      status: "sending",
    }).select("id").single();
    const { id } = stored.parse(inserted.data);
    const call = (method: string, path: string, body?: unknown) =>
      fetch(`${gatewayUrl}/${path}/${instance.instance_name}`, {
        method,
        headers: { apikey: gatewayKey, "content-type": "application/json" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    const send = async () => {
      const number = row.remote_jid.replace(/@.*/, "");
      const answer = await call("POST", "message/sendText", { number, text: message });
      const told = await answer.text();
      if (told.includes("Connection Closed")) {
        await supabase.from("whatsapp_instances").update({ status: "disconnected" })
          .eq("id", instance.id);
        await call("DELETE", "instance/logout");
      }
      const whatsappId = answer.ok ? JSON.parse(told).key.id : null;
      await supabase.from("messages").update({
        status: answer.ok ? "sent" : "failed",
        whatsapp_message_id: whatsappId,
      }).eq("id", id);
    };
    send().catch((error) => console.error(error));
    return Response.json({ success: true, messageId: id, async: true });
  };
}
