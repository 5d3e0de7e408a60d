/**
 * A small company to begin with: an organization, a person, a number, a conversation.
 *
 * @module
 */

import type postgres from "postgres";

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

/** Writes the company's rows; its number counts as connected. */
export async function seedCompany(
  sql: postgres.Sql,
  options: CompanyOptions,
): Promise<SeededCompany> {
  const customerJid = `${options.customer ?? "5511988887777"}@s.whatsapp.net`;
  const webhookSecret = crypto.randomUUID() + crypto.randomUUID();
  const id = () => crypto.randomUUID();
  const company: SeededCompany = {
    organizationId: id(),
    userId: id(),
    instanceId: id(),
    conversationId: id(),
    instanceName: options.instanceName,
    phone: options.phone,
    email: options.email,
    customerJid,
    webhookSecret,
  };
  await sql.begin(async (tx) => {
    await tx`insert into auth.users (id, email) values (${company.userId}, ${company.email})`;
    await tx`insert into public.organizations (id, name)
      values (${company.organizationId}, ${options.instanceName})`;
    await tx`insert into public.organization_members (organization_id, user_id, role)
      values (${company.organizationId}, ${company.userId}, ${options.role ?? "owner"})`;
    await tx`insert into public.whatsapp_instances
        (id, organization_id, instance_name, display_name, phone_number, status, connection_epoch)
      values (${company.instanceId}, ${company.organizationId}, ${company.instanceName},
        'Atendimento', ${company.phone}, 'connected', 1)`;
    await tx`select public.save_instance_credentials(
      ${company.instanceId}, ${options.apiUrl}, ${options.apiKey}, ${webhookSecret})`;
    await tx`insert into public.conversations
        (id, organization_id, whatsapp_instance_id, remote_jid, contact_name)
      values (${company.conversationId}, ${company.organizationId}, ${company.instanceId},
        ${customerJid}, 'Cliente')`;
  });
  return company;
}

/** The gateway's webhook setting for an instance: our address, signed with its own secret. */
export function webhookSetting(supabaseUrl: string, company: SeededCompany) {
  return {
    url: `${supabaseUrl}/functions/v1/evolution-webhook/${company.instanceId}`,
    headers: { jwt_key: company.webhookSecret },
  };
}
