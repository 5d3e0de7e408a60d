// The function as such projects have it, before the repair.
import { createClient, type SupabaseClient } from "@supabase/supabase-js";

interface Instance {
  id: string;
  instance_name: string;
  api_url: string;
  api_key: string;
}

interface SendRequest {
  instanceId: string;
  number: string;
  text?: string;
  mediaUrl?: string;
}

const supabase = createClient(
  Deno.env.get("SUPABASE_URL")!,
  Deno.env.get("SUPABASE_SERVICE_ROLE_KEY")!,
);

Deno.serve(async (req) => {
  const body = await req.json() as SendRequest;
  const { data: instance } = await supabase.from("whatsapp_instances").select("*")
    .eq("id", body.instanceId).single<Instance>();
  if (!instance) return Response.json({ error: "instance not found" }, { status: 404 });
  const { data: message } = await supabase.from("chat_messages")
    .insert({ instance_id: instance.id, body: body.text, media_url: body.mediaUrl })
    .select("id").single<{ id: string }>();
  const job = body.mediaUrl
    ? sendMedia(supabase, instance, body.number, body.mediaUrl, message!.id)
    : sendText(supabase, instance, body.number, body.text ?? "", message!.id);
  const runtime = (globalThis as { EdgeRuntime?: { waitUntil(job: Promise<void>): void } })
    .EdgeRuntime;
  if (runtime) runtime.waitUntil(job);
  else await job;
  return Response.json({ success: true, messageId: message!.id });
});

async function sendText(
  supabase: SupabaseClient,
  instance: Instance,
  number: string,
  text: string,
  messageId: string,
) {
  const response = await fetch(`${instance.api_url}/message/sendText/${instance.instance_name}`, {
    method: "POST",
    headers: { apikey: instance.api_key, "content-type": "application/json" },
    body: JSON.stringify({ number, text }),
  });
  if (!response.ok) {
    const errorText = await response.text();
    if (errorText.includes("Connection Closed")) {
      await supabase.from("whatsapp_instances").update({ status: "disconnected" })
        .eq("id", instance.id);
    }
    await supabase.from("chat_messages").update({ status: "failed", error: errorText })
      .eq("id", messageId);
    return;
  }
  await supabase.from("chat_messages").update({ status: "sent" }).eq("id", messageId);
}

async function sendMedia(
  supabase: SupabaseClient,
  instance: Instance,
  number: string,
  mediaUrl: string,
  messageId: string,
) {
  const response = await fetch(`${instance.api_url}/message/sendMedia/${instance.instance_name}`, {
    method: "POST",
    headers: { apikey: instance.api_key, "content-type": "application/json" },
    body: JSON.stringify({ number, mediatype: "image", media: mediaUrl }),
  });
  if (!response.ok) {
    const mediaError = await response.text();
    await supabase.from("chat_messages").update({ status: "failed", error: mediaError })
      .eq("id", messageId);
    return;
  }
  await supabase.from("chat_messages").update({ status: "sent" }).eq("id", messageId);
}
