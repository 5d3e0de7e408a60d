/**
 * What a project has without this one, in our own words: numbers reconnected one after another.
 *
 * @module
 */

import { createClient } from "@supabase/supabase-js";
import { z } from "zod";
import type { PlainProject } from "./evolution-api.ts";

const due = z.array(z.object({ id: z.string(), instance_name: z.string() }));
const registry = z.array(z.object({ connectionStatus: z.string() }));

/** Makes the function. @param limit So many numbers it takes at the most. */
export function createPlainReconnect(project: () => PlainProject, limit: number) {
  return async (): Promise<Response> => {
    const { url, secretKey, gatewayUrl, gatewayKey } = project();
    const supabase = createClient(url, secretKey, { auth: { persistSession: false } });
    const headers = { apikey: gatewayKey };
    const { data } = await supabase.from("whatsapp_instances").select("id, instance_name")
      .eq("status", "disconnected").like("instance_name", "due-%").limit(limit);
    let connected = 0;
    for (const { id, instance_name: name } of due.parse(data)) {
      const address = `${gatewayUrl}/instance/fetchInstances?instanceName=${name}`;
      const [row] = registry.parse(await (await fetch(address, { headers })).json());
      if (row?.connectionStatus === "open") {
        await supabase.from("whatsapp_instances").update({ status: "connected" }).eq("id", id);
        continue;
      }
      const answer = await fetch(`${gatewayUrl}/instance/connect/${name}`, { headers });
      const { base64 } = await answer.json();
      const status = base64 ? "awaiting_qr" : "connecting";
      await supabase.from("whatsapp_instances").update({ status }).eq("id", id);
      connected++;
    }
    return Response.json({ success: true, connected });
  };
}
