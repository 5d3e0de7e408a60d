-- Sending a failed message again: the same row and the same media, by a person's wish alone.

-- Takes a failed message back to `sending` and hands over what to send. The row's lock decides
-- among clicks: the first one gets `queued`, the next ones `already`, and only `queued` sends.
--
-- Returns  {result: queued, conversation_id, remote_jid, quoted_whatsapp_message_id,
--            instance: {…}, part: {id, message_type, content, …, base64}}
--          {result: already, conversation_id}
--          {result: instance_not_connected, reason}
--          {result: message_not_failed, reason}
--          {result: <refusal>}
create or replace function public.retry_message(
  p_user_id uuid, p_message_id uuid, p_confirm_duplicate boolean default false
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_message public.messages;
  v_reason text;
  v_connection jsonb;
begin
  select m.* into v_message from public.messages m
  join public.organization_members o
    on o.organization_id = m.organization_id and o.user_id = p_user_id
  where m.id = p_message_id
  for update of m;
  if not found then
    return '{"result": "message_not_found"}';
  elsif v_message.is_from_me and (v_message.status = 'sending'
    or (v_message.attempts > 1 and v_message.status <> 'failed')) then
    return jsonb_build_object('result', 'already', 'conversation_id', v_message.conversation_id);
  elsif not v_message.is_from_me or v_message.status <> 'failed' then
    return jsonb_build_object('result', 'message_not_failed', 'reason', v_message.status);
  elsif v_message.whatsapp_instance_id is null then
    return '{"result": "conversation_without_instance"}';
  end if;

  v_connection := private.instance_connection(v_message.whatsapp_instance_id);
  if v_connection is null then
    return '{"result": "instance_without_gateway"}';
  end if;
  select private.not_connected_reason(i) into v_reason
  from public.whatsapp_instances i where i.id = v_message.whatsapp_instance_id;
  if v_reason is not null then
    return jsonb_build_object('result', 'instance_not_connected', 'reason', v_reason);
  end if;
  -- Nobody knows whether these left: a second one is for the person to risk.
  if v_message.error_code in ('gateway_timeout', 'interrupted') and not p_confirm_duplicate then
    return '{"result": "may_have_been_sent"}';
  end if;

  update public.messages set
    status = 'sending', sending_since = now(), attempts = attempts + 1,
    failed_at = null, error_code = null, error_message = null
  where id = p_message_id;
  return (
    select jsonb_build_object(
      'result', 'queued', 'conversation_id', c.id, 'remote_jid', c.remote_jid,
      'quoted_whatsapp_message_id', v_message.quoted_whatsapp_message_id,
      'instance', v_connection,
      'part', jsonb_build_object(
        'id', v_message.id, 'message_type', v_message.message_type,
        'content', v_message.content, 'media_url', v_message.media_url,
        'media_mime_type', v_message.media_mime_type, 'file_name', v_message.file_name,
        'caption', v_message.caption,
        'base64', (select b.base64 from private.message_media b where b.message_id = p_message_id)))
    from public.conversations c where c.id = v_message.conversation_id);
end $$;

revoke all on function public.retry_message(uuid, uuid, boolean) from public, anon, authenticated;
grant execute on function public.retry_message(uuid, uuid, boolean) to service_role;
