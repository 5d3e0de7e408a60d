-- The file of a message, for the members of its organization. Here is what was sent as base64 and is
-- kept for a retry; an inbound file is not stored, because only its gateway can decrypt it. This says
-- where the file is to be had, and asks nobody.

-- Where a message's file is. A message of others, and one of a customer who is being erased, is as if it
-- did not exist; what its sender deleted is not fetched.
--
-- p_as_bytes  an address is no answer: it does not work (any more) for who asks
--
-- Returns  {result: kept, type, mime_type, file_name, base64}
--          {result: address, type, mime_type, file_name, url}
--          {result: at_gateway, type, mime_type, file_name, whatsapp_message_id, sent_at, instance}
--          {result: media_gone, reason}: deleted, not_kept, number_deleted
--          {result: <refusal>}
create or replace function public.find_media(
  p_user_id uuid, p_message_id uuid, p_as_bytes boolean default false
) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  v_message public.messages;
  v_file jsonb;
  v_base64 text;
  v_connection jsonb;
begin
  select m.* into v_message from public.messages m
  join public.organization_members o
    on o.organization_id = m.organization_id and o.user_id = p_user_id
  join public.conversations c on c.id = m.conversation_id and c.remote_jid <> 'erased'
  where m.id = p_message_id;
  if not found then
    return '{"result": "message_not_found"}';
  elsif v_message.message_type = 'text' then
    return '{"result": "message_without_media"}';
  elsif v_message.deleted_at is not null then
    return jsonb_build_object('result', 'media_gone', 'reason', 'deleted');
  end if;

  v_file := jsonb_build_object('type', v_message.message_type,
    'mime_type', v_message.media_mime_type, 'file_name', v_message.file_name);
  select b.base64 into v_base64 from private.message_media b where b.message_id = p_message_id;
  if found then
    return v_file || jsonb_build_object('result', 'kept', 'base64', v_base64);
  elsif v_message.media_url is not null and not p_as_bytes then
    return v_file || jsonb_build_object('result', 'address', 'url', v_message.media_url);
  elsif v_message.whatsapp_message_id is null then
    return jsonb_build_object('result', 'media_gone', 'reason', 'not_kept');
  elsif v_message.whatsapp_instance_id is null
    or ghost_repair.is_deleted(v_message.whatsapp_instance_id) then
    return jsonb_build_object('result', 'media_gone', 'reason', 'number_deleted');
  end if;
  v_connection := ghost_repair.instance_connection(v_message.whatsapp_instance_id);
  if v_connection is null then
    return '{"result": "instance_without_gateway"}';
  end if;
  return v_file || jsonb_build_object('result', 'at_gateway',
    'whatsapp_message_id', v_message.whatsapp_message_id, 'sent_at', v_message.sent_at,
    'instance', v_connection);
end $$;

revoke all on function public.find_media(uuid, uuid, boolean) from public, anon, authenticated;
grant execute on function public.find_media(uuid, uuid, boolean) to service_role;
