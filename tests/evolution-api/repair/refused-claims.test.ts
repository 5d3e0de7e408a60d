import assert from "node:assert/strict";
import type { VirtualWorld } from "../../../dev/world/virtual-world.ts";
import { addMembers, calls, type Member, sendToTheEnd, worldTest } from "../../support/world.ts";

interface Case {
  /** Why the next send is given no repair. */
  readonly why: (world: VirtualWorld, as: Member) => unknown;
  readonly pt: string;
  readonly en: string;
}

const CASES: Readonly<Record<string, Case>> = {
  "waits for its scan": {
    why: ({ sql }, { company }) =>
      sql`update public.whatsapp_instances set status = 'awaiting_qr'
        where id = ${company.instanceId}`,
    pt: "Este número não está conectado. É preciso ler o QR code com o celular.",
    en: "This number is not connected. Its QR code has to be scanned with the phone.",
  },
  "was disconnected by hand": {
    why: ({ sql }, { company }) =>
      sql`update public.whatsapp_instances set status = 'disconnected', manual_disconnect = true
        where id = ${company.instanceId}`,
    pt: "Este número não está conectado. Ele foi desconectado manualmente. Reconecte-o primeiro.",
    en: "This number is not connected. It was disconnected by hand. Reconnect it first.",
  },
  "waits for a person": {
    why: async ({ sql }, { company }) => {
      const [repair] = await sql`insert into public.ghost_repairs (instance_id, state)
        values (${company.instanceId}, 'needs_operator') returning id`;
      await sql`select ghost_repair.take_lease('repair', ${repair!["id"]}, null, null)`;
    },
    pt:
      "Este número não está conectado. O reparo automático não bastou: quem cuida do servidor Evolution precisa agir.",
    en:
      "This number is not connected. The automatic repair was not enough: whoever runs the Evolution server has to act.",
  },
  "had its logout a moment ago": {
    why: ({ sql }, { company }) =>
      sql`update public.whatsapp_instances set last_disconnected_at = ghost_repair.now()
        where id = ${company.instanceId}`,
    pt:
      "O WhatsApp deste número caiu. A reconexão já começou; tente enviar de novo em alguns minutos.",
    en:
      "This number lost its WhatsApp connection. Reconnection has started; try again in a few minutes.",
  },
  "has everything on hold": {
    why: ({ sql }) => sql`select ghost_repair.pause('by_hand')`,
    pt:
      "Este número não está conectado. As reconexões automáticas estão pausadas. Avise um administrador.",
    en: "This number is not connected. Automatic reconnections are paused. Tell an administrator.",
  },
  "has repairs switched off": {
    why: ({ sql }) => sql`update ghost_repair.settings set enabled = false`,
    pt:
      "Este número não está conectado. O reparo automático está desligado. Avise um administrador.",
    en:
      "This number is not connected. The automatic repair is switched off. Tell an administrator.",
  },
};

worldTest("a message that gets no repair says what its number waits for", async (world) => {
  for (const [number, { why, pt, en }] of Object.entries(CASES)) {
    for (const [accepted, said] of [["pt-BR", pt], ["en", en]] as const) {
      const [as] = await addMembers(world, 1);
      world.gateway.control.ghost(as!.company.instanceName, "A2");
      await why(world, as!);
      const headers = { "accept-language": accepted };
      // Of its parts the first one is tried.
      const first = await sendToTheEnd(world, {
        message: "um\n[IMAGE]https://cdn.example/a.jpg",
      }, { as: as!, headers });
      const rows = await world.sql`select status, error_code, error_message from public.messages
        where conversation_id = ${first["conversation_id"]}`;
      assert.equal(rows.length, 2);
      for (const row of rows) {
        const failed = { status: "failed", error_code: "connection_closed", error_message: said };
        assert.deepEqual({ ...row }, failed, number);
      }
      assert.equal(calls(world, "logout", as!.company.instanceName), 0);
    }
  }
});
