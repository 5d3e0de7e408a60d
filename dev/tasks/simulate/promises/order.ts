/**
 * The order of a conversation's messages.
 *
 * @module
 */

import type { Scene } from "../scene.ts";

/** What ended well at the first attempt left in the order in which it was asked for. */
export async function wrongOrder({ world, idle }: Scene): Promise<readonly string[]> {
  const { control } = world.gateway;
  const left = control.instances().flatMap((name) => control.delivered(name));
  const places = new Map(left.map(({ content }, place) => [content, place]));
  const rows = await world.sql<{ content: string; conversation: string }[]>`
    select coalesce(m.content, m.caption, '') as content, m.conversation_id as conversation
    from public.messages m
    where m.is_from_me and m.attempts <= 1 and m.status in ('sent', 'delivered', 'read')
      and m.organization_id <> ${idle.company.organizationId}
    order by m.position`;
  const wrong: string[] = [];
  const last = new Map<string, { readonly content: string; readonly place: number }>();
  for (const { conversation, content } of rows) {
    const place = places.get(content);
    if (place === undefined) continue;
    const before = last.get(conversation);
    if (before !== undefined && before.place > place) {
      wrong.push(`out of order: "${content}" left before "${before.content}"`);
    }
    last.set(conversation, { content, place });
  }
  return wrong;
}
