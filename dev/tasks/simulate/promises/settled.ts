/**
 * What must hold of messages once all have ended.
 *
 * @module
 */

import { missingMessages } from "./missed.ts";
import type { Scene } from "../scene.ts";

interface Row {
  readonly content: string;
  readonly status: string;
  readonly error_code: string | null;
  readonly may_have_left: boolean;
  readonly whatsapp_id: string | null;
  /** Its number was not deleted. */
  readonly has_number: boolean;
}

/** Looks at every message, and at what came in. */
export async function checkSettled(scene: Scene): Promise<void> {
  const rows = await scene.world.sql<Row[]>`
    select coalesce(m.content, m.caption, '') as content, m.status, m.error_code,
      m.may_have_left, m.whatsapp_message_id as whatsapp_id, m.whatsapp_instance_id is not null as has_number
    from public.messages m
    where m.is_from_me and m.organization_id <> ${scene.idle.company.organizationId}
    order by m.position`;
  const received = receivedTexts(scene);
  const reported = reportedIds(scene);
  for (const row of rows) checkEnd(scene, row, received, reported);
  checkRefused(scene, rows);
  await checkInbound(scene);
  await checkPersons(scene);
  for (const what of await missingMessages(scene)) scene.violated(what);
}

/** What customers have: WhatsApp's ids by the texts. */
function receivedTexts({ world }: Scene): ReadonlyMap<string, string> {
  const { control } = world.gateway;
  const all = control.instances().flatMap((name) => control.delivered(name));
  return new Map(all.map(({ content, id }) => [content, id]));
}

/** What the gateway told us of its own accord that it sent. */
function reportedIds({ world }: Scene): ReadonlySet<string> {
  const { control } = world.gateway;
  return new Set(
    control.instances().flatMap((name) => control.inspect(name).webhooksSent)
      .filter(({ event, outcome }) => event === "send.message" && outcome === "delivered")
      .map(({ data }) => (data as { readonly key: { readonly id: string } }).key.id),
  );
}

function checkEnd(
  { sends, refused, violated }: Scene,
  { content, status, error_code, may_have_left, whatsapp_id, has_number }: Row,
  received: ReadonlyMap<string, string>,
  reported: ReadonlySet<string>,
): void {
  const has = received.get(content);
  if (status !== "failed") {
    const known = has !== undefined || (whatsapp_id !== null && sends.isAccepted(whatsapp_id));
    if (has_number && !known) violated(`never accepted: "${content}" is said to be ${status}`);
    return;
  }
  if (error_code === "rejected_by_whatsapp") {
    if (!refused.has(content)) violated(`refused by nobody: "${content}"`);
  } else if (has === undefined) return;
  else if (sends.isKnownAccepted(has)) {
    violated(`received and failed: "${content}" (${error_code}), though its answer came`);
  } else if (reported.has(has)) {
    violated(`received and failed: "${content}" (${error_code}), though its report came`);
  } else if (!may_have_left) {
    violated(`received and failed: "${content}" (${error_code}) is said not to have left`);
  }
}

/** What WhatsApp refused, and had not reached its customer, is said to have failed. */
function checkRefused({ world, refused, violated }: Scene, rows: readonly Row[]): void {
  const { control } = world.gateway;
  for (const [content, { instanceName, id, acked }] of refused) {
    if (acked || !control.instances().includes(instanceName)) continue;
    const told = control.inspect(instanceName).webhooksSent.some(({ event, data, outcome }) =>
      event === "messages.update" && outcome === "delivered" &&
      (data as { readonly keyId?: string; readonly status?: string }).keyId === id
    );
    const status = rows.find((row) => row.content === content)?.status;
    if (told && status === "sent") violated(`refused by WhatsApp: "${content}" is said to be sent`);
  }
}

/** One person, one conversation, however WhatsApp writes the number. */
async function checkPersons({ world, violated }: Scene): Promise<void> {
  const rows = await world.sql<{ number: string; person: string; n: number }[]>`
    select i.instance_name as number,
      regexp_replace(c.remote_jid, '^(55\\d\\d)9?(\\d{8})@.*$', '\\1\\2') as person, count(*)::int as n
    from public.conversations c join public.whatsapp_instances i on i.id = c.whatsapp_instance_id
    group by 1, 2 having count(*) > 1`;
  for (const { number, n } of rows) {
    violated(`split: ${number} has ${n} conversations of one person`);
  }
}

/** Of a webhook that was taken, everything that could be read is stored. */
async function checkInbound({ world, inbound, violated }: Scene): Promise<void> {
  const { control } = world.gateway;
  for (const { instanceName, instanceId, sent, ids } of inbound) {
    if (!control.instances().includes(instanceName)) continue;
    if (control.inspect(instanceName).webhooksSent[sent]?.outcome !== "delivered") continue;
    const [stored] = await world.sql`select count(*)::int as n from public.messages
      where whatsapp_instance_id = ${instanceId} and whatsapp_message_id = any (${[...ids]})`;
    if (stored?.["n"] !== ids.length) {
      violated(`lost inbound: ${stored?.["n"]} of ${ids.length} beside a bad one are stored`);
    }
  }
}
