/**
 * A small company to begin with: an organization, a person, a number, a conversation.
 *
 * @module
 */

import { webhookUrl } from "../../supabase/functions/_shared/gateway/webhook-events.ts";
import type postgres from "postgres";
import type { EvolutionSimulator } from "../evolution/simulator.ts";

/** What {@linkcode seedCompany} made. */
export interface SeededCompany {
  readonly organizationId: string;
  readonly userId: string;
  readonly email: string;
  readonly instanceId: string;
  readonly instanceName: string;
  /** The number's digits. */
  readonly phone: string;
  readonly conversationId: string;
  /** The customer on the other side. */
  readonly customerJid: string;
  readonly webhookSecret: string;
}

/** What its number is, or another one of it. */
type CompanyNumber = Pick<
  SeededCompany,
  "organizationId" | "instanceId" | "instanceName" | "phone" | "webhookSecret"
>;

/** What may be told of the company. */
export interface CompanyOptions {
  readonly instanceName: string;
  readonly phone: string;
  readonly email: string;
  /** Where its Evolution server is. */
  readonly apiUrl: string;
  readonly apiKey: string;
  readonly role?: "owner" | "admin" | "agent";
  readonly customer?: string;
}

/** Writes the company's rows, and its number's. */
export async function seedCompany(
  sql: postgres.Sql,
  options: CompanyOptions,
): Promise<SeededCompany> {
  const { instanceName, phone, email, apiUrl, apiKey, role = "owner" } = options;
  const id = () => crypto.randomUUID();
  const company: SeededCompany = {
    organizationId: id(),
    userId: id(),
    instanceId: id(),
    conversationId: id(),
    instanceName,
    phone,
    email,
    customerJid: `${options.customer ?? "5511988887777"}@s.whatsapp.net`,
    webhookSecret: id() + id(),
  };
  await sql.begin(async (tx) => {
    await tx`insert into auth.users (id, email) values (${company.userId}, ${company.email})`;
    await tx`insert into public.organizations (id, name)
      values (${company.organizationId}, ${instanceName})`;
    await tx`insert into public.organization_members (organization_id, user_id, role)
      values (${company.organizationId}, ${company.userId}, ${role})`;
    await addNumber(tx, company, { apiUrl, apiKey, displayName: "Atendimento" });
    await tx`insert into public.conversations
        (id, organization_id, whatsapp_instance_id, remote_jid, contact_name)
      values (${company.conversationId}, ${company.organizationId}, ${company.instanceId},
        ${company.customerJid}, 'Cliente')`;
  });
  return company;
}

/** Writes the rows of a company's number: it counts as connected, its gateway was heard just now. */
export async function addNumber(
  sql: postgres.ISql,
  number: CompanyNumber,
  { apiUrl, apiKey, displayName }: Pick<CompanyOptions, "apiUrl" | "apiKey"> & {
    readonly displayName: string;
  },
): Promise<void> {
  const { organizationId, instanceId, instanceName, phone, webhookSecret } = number;
  await sql`insert into public.whatsapp_instances
      (id, organization_id, instance_name, display_name, phone_number, status, connection_epoch)
    values (${instanceId}, ${organizationId}, ${instanceName}, ${displayName}, ${phone},
      'connected', 1)`;
  await sql`select public.save_instance_credentials(
    ${instanceId}, ${apiUrl}, ${apiKey}, ${webhookSecret})`;
  await sql`select ghost_repair.webhook_delivered(${instanceId})`;
}

/**
 * Pairs its number at a simulated gateway; the webhook is ours, signed with its own secret.
 *
 * @param events What it asks for; every event unless told.
 */
export function pairCompany(
  { control }: EvolutionSimulator,
  { instanceId, instanceName, phone, webhookSecret }: CompanyNumber,
  supabaseUrl: string,
  events: readonly string[] = [],
): void {
  const url = webhookUrl(supabaseUrl, instanceId);
  const webhook = { url, events, headers: { jwt_key: webhookSecret } };
  control.createPaired({ name: instanceName, phone, webhook });
}
