// Written by `deno task types`; not edited by hand.

export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[];

export type Database = {
  "public": {
    Tables: {
      "conversations": {
        Row: {
          "contact_name": string | null;
          "created_at": string;
          "hidden_jid": string | null;
          "id": string;
          "last_message_at": string | null;
          "organization_id": string;
          "remote_jid": string;
          "whatsapp_instance_id": string | null;
        };
        ComputedFields: never;
        Insert: {
          "contact_name"?: string | null;
          "created_at"?: string;
          "hidden_jid"?: string | null;
          "id"?: string;
          "last_message_at"?: string | null;
          "organization_id": string;
          "remote_jid": string;
          "whatsapp_instance_id"?: string | null;
        };
        Update: {
          "contact_name"?: string | null;
          "created_at"?: string;
          "hidden_jid"?: string | null;
          "id"?: string;
          "last_message_at"?: string | null;
          "organization_id"?: string;
          "remote_jid"?: string;
          "whatsapp_instance_id"?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "conversations_organization_id_fkey";
            columns: ["organization_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "conversations_whatsapp_instance_id_fkey";
            columns: ["whatsapp_instance_id"];
            isOneToOne: false;
            referencedRelation: "instance_health";
            referencedColumns: ["instance_id"];
          },
          {
            foreignKeyName: "conversations_whatsapp_instance_id_fkey";
            columns: ["whatsapp_instance_id"];
            isOneToOne: false;
            referencedRelation: "whatsapp_instances";
            referencedColumns: ["id"];
          },
        ];
      };
      "ghost_repairs": {
        Row: {
          "attempts": number;
          "closed_at": string | null;
          "connect_called_at": string | null;
          "evidence": NonNullable<Json>;
          "hearing": string | null;
          "id": string;
          "instance_id": string;
          "logout_called_at": string | null;
          "next_step_at": string;
          "opened_at": string;
          "organization_id": string | null;
          "outcome": string | null;
          "process_restart_asked_at": string | null;
          "process_restarted_at": string | null;
          "process_restarts": number;
          "recreate_called_at": string | null;
          "repeated_steps": (string)[];
          "restart_called_at": string | null;
          "state": string;
          "step": string | null;
          "unanswered_since": string | null;
          "unanswered_step": string | null;
          "waiting_for": string | null;
          "waiting_since": string | null;
        };
        ComputedFields: never;
        Insert: {
          "attempts"?: number;
          "closed_at"?: string | null;
          "connect_called_at"?: string | null;
          "evidence"?: NonNullable<Json>;
          "hearing"?: string | null;
          "id"?: string;
          "instance_id": string;
          "logout_called_at"?: string | null;
          "next_step_at"?: string;
          "opened_at"?: string;
          "organization_id"?: string | null;
          "outcome"?: string | null;
          "process_restart_asked_at"?: string | null;
          "process_restarted_at"?: string | null;
          "process_restarts"?: number;
          "recreate_called_at"?: string | null;
          "repeated_steps"?: (string)[];
          "restart_called_at"?: string | null;
          "state"?: string;
          "step"?: string | null;
          "unanswered_since"?: string | null;
          "unanswered_step"?: string | null;
          "waiting_for"?: string | null;
          "waiting_since"?: string | null;
        };
        Update: {
          "attempts"?: number;
          "closed_at"?: string | null;
          "connect_called_at"?: string | null;
          "evidence"?: NonNullable<Json>;
          "hearing"?: string | null;
          "id"?: string;
          "instance_id"?: string;
          "logout_called_at"?: string | null;
          "next_step_at"?: string;
          "opened_at"?: string;
          "organization_id"?: string | null;
          "outcome"?: string | null;
          "process_restart_asked_at"?: string | null;
          "process_restarted_at"?: string | null;
          "process_restarts"?: number;
          "recreate_called_at"?: string | null;
          "repeated_steps"?: (string)[];
          "restart_called_at"?: string | null;
          "state"?: string;
          "step"?: string | null;
          "unanswered_since"?: string | null;
          "unanswered_step"?: string | null;
          "waiting_for"?: string | null;
          "waiting_since"?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "ghost_repairs_instance_id_fkey";
            columns: ["instance_id"];
            isOneToOne: false;
            referencedRelation: "instance_health";
            referencedColumns: ["instance_id"];
          },
          {
            foreignKeyName: "ghost_repairs_instance_id_fkey";
            columns: ["instance_id"];
            isOneToOne: false;
            referencedRelation: "whatsapp_instances";
            referencedColumns: ["id"];
          },
        ];
      };
      "instance_events": {
        Row: {
          "created_at": string;
          "detail": NonNullable<Json>;
          "id": number;
          "instance_id": string;
          "kind": string;
          "organization_id": string | null;
        };
        ComputedFields: never;
        Insert: {
          "created_at"?: string;
          "detail"?: NonNullable<Json>;
          "id"?: never;
          "instance_id": string;
          "kind": string;
          "organization_id"?: string | null;
        };
        Update: {
          "created_at"?: string;
          "detail"?: NonNullable<Json>;
          "id"?: never;
          "instance_id"?: string;
          "kind"?: string;
          "organization_id"?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "instance_events_instance_id_fkey";
            columns: ["instance_id"];
            isOneToOne: false;
            referencedRelation: "instance_health";
            referencedColumns: ["instance_id"];
          },
          {
            foreignKeyName: "instance_events_instance_id_fkey";
            columns: ["instance_id"];
            isOneToOne: false;
            referencedRelation: "whatsapp_instances";
            referencedColumns: ["id"];
          },
        ];
      };
      "message_gaps": {
        Row: {
          "attempts": number;
          "compared_down_to": string | null;
          "created_at": string;
          "deleted": number;
          "due_at": string | null;
          "ended_at": string | null;
          "gap_from": string;
          "gap_until": string | null;
          "id": string;
          "instance_id": string;
          "last_outcome": string | null;
          "missing": number;
          "organization_id": string | null;
          "page": number;
          "page_size": number;
          "read": number;
          "reason": string;
          "state": string;
          "stored": number;
          "waits_since": string | null;
        };
        ComputedFields: never;
        Insert: {
          "attempts"?: number;
          "compared_down_to"?: string | null;
          "created_at"?: string;
          "deleted"?: number;
          "due_at"?: string | null;
          "ended_at"?: string | null;
          "gap_from": string;
          "gap_until"?: string | null;
          "id"?: string;
          "instance_id": string;
          "last_outcome"?: string | null;
          "missing"?: number;
          "organization_id"?: string | null;
          "page"?: number;
          "page_size"?: number;
          "read"?: number;
          "reason": string;
          "state": string;
          "stored"?: number;
          "waits_since"?: string | null;
        };
        Update: {
          "attempts"?: number;
          "compared_down_to"?: string | null;
          "created_at"?: string;
          "deleted"?: number;
          "due_at"?: string | null;
          "ended_at"?: string | null;
          "gap_from"?: string;
          "gap_until"?: string | null;
          "id"?: string;
          "instance_id"?: string;
          "last_outcome"?: string | null;
          "missing"?: number;
          "organization_id"?: string | null;
          "page"?: number;
          "page_size"?: number;
          "read"?: number;
          "reason"?: string;
          "state"?: string;
          "stored"?: number;
          "waits_since"?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "message_gaps_instance_id_fkey";
            columns: ["instance_id"];
            isOneToOne: false;
            referencedRelation: "instance_health";
            referencedColumns: ["instance_id"];
          },
          {
            foreignKeyName: "message_gaps_instance_id_fkey";
            columns: ["instance_id"];
            isOneToOne: false;
            referencedRelation: "whatsapp_instances";
            referencedColumns: ["id"];
          },
        ];
      };
      "messages": {
        Row: {
          "attempts": number;
          "caption": string | null;
          "claim_token": string | null;
          "content": string | null;
          "conversation_id": string;
          "created_at": string;
          "deleted_at": string | null;
          "delivered_at": string | null;
          "edited_at": string | null;
          "error_code": string | null;
          "error_message": string | null;
          "failed_at": string | null;
          "file_name": string | null;
          "held_until": string | null;
          "id": string;
          "is_from_me": boolean;
          "may_have_left": boolean;
          "media_digest": string | null;
          "media_mime_type": string | null;
          "media_url": string | null;
          "message_type": string;
          "organization_id": string;
          "part": number;
          "parts": number;
          "position": number;
          "quoted_whatsapp_message_id": string | null;
          "read_at": string | null;
          "recovered_at": string | null;
          "reply_to_message_id": string | null;
          "sender_until": string | null;
          "sending_since": string | null;
          "sent_at": string | null;
          "status": string;
          "whatsapp_instance_id": string | null;
          "whatsapp_message_id": string | null;
        };
        ComputedFields: never;
        Insert: {
          "attempts"?: number;
          "caption"?: string | null;
          "claim_token"?: string | null;
          "content"?: string | null;
          "conversation_id": string;
          "created_at"?: string;
          "deleted_at"?: string | null;
          "delivered_at"?: string | null;
          "edited_at"?: string | null;
          "error_code"?: string | null;
          "error_message"?: string | null;
          "failed_at"?: string | null;
          "file_name"?: string | null;
          "held_until"?: string | null;
          "id"?: string;
          "is_from_me": boolean;
          "may_have_left"?: boolean;
          "media_digest"?: string | null;
          "media_mime_type"?: string | null;
          "media_url"?: string | null;
          "message_type": string;
          "organization_id": string;
          "part"?: number;
          "parts"?: number;
          "position"?: never;
          "quoted_whatsapp_message_id"?: string | null;
          "read_at"?: string | null;
          "recovered_at"?: string | null;
          "reply_to_message_id"?: string | null;
          "sender_until"?: string | null;
          "sending_since"?: string | null;
          "sent_at"?: string | null;
          "status": string;
          "whatsapp_instance_id"?: string | null;
          "whatsapp_message_id"?: string | null;
        };
        Update: {
          "attempts"?: number;
          "caption"?: string | null;
          "claim_token"?: string | null;
          "content"?: string | null;
          "conversation_id"?: string;
          "created_at"?: string;
          "deleted_at"?: string | null;
          "delivered_at"?: string | null;
          "edited_at"?: string | null;
          "error_code"?: string | null;
          "error_message"?: string | null;
          "failed_at"?: string | null;
          "file_name"?: string | null;
          "held_until"?: string | null;
          "id"?: string;
          "is_from_me"?: boolean;
          "may_have_left"?: boolean;
          "media_digest"?: string | null;
          "media_mime_type"?: string | null;
          "media_url"?: string | null;
          "message_type"?: string;
          "organization_id"?: string;
          "part"?: number;
          "parts"?: number;
          "position"?: never;
          "quoted_whatsapp_message_id"?: string | null;
          "read_at"?: string | null;
          "recovered_at"?: string | null;
          "reply_to_message_id"?: string | null;
          "sender_until"?: string | null;
          "sending_since"?: string | null;
          "sent_at"?: string | null;
          "status"?: string;
          "whatsapp_instance_id"?: string | null;
          "whatsapp_message_id"?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "messages_conversation_id_fkey";
            columns: ["conversation_id"];
            isOneToOne: false;
            referencedRelation: "conversations";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "messages_organization_id_fkey";
            columns: ["organization_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "messages_reply_to_message_id_fkey";
            columns: ["reply_to_message_id"];
            isOneToOne: false;
            referencedRelation: "message_states";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "messages_reply_to_message_id_fkey";
            columns: ["reply_to_message_id"];
            isOneToOne: false;
            referencedRelation: "messages";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "messages_whatsapp_instance_id_fkey";
            columns: ["whatsapp_instance_id"];
            isOneToOne: false;
            referencedRelation: "instance_health";
            referencedColumns: ["instance_id"];
          },
          {
            foreignKeyName: "messages_whatsapp_instance_id_fkey";
            columns: ["whatsapp_instance_id"];
            isOneToOne: false;
            referencedRelation: "whatsapp_instances";
            referencedColumns: ["id"];
          },
        ];
      };
      "organization_members": {
        Row: {
          "created_at": string;
          "organization_id": string;
          "role": string;
          "user_id": string;
        };
        ComputedFields: never;
        Insert: {
          "created_at"?: string;
          "organization_id": string;
          "role"?: string;
          "user_id": string;
        };
        Update: {
          "created_at"?: string;
          "organization_id"?: string;
          "role"?: string;
          "user_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "organization_members_organization_id_fkey";
            columns: ["organization_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
        ];
      };
      "organizations": {
        Row: {
          "created_at": string;
          "id": string;
          "name": string;
        };
        ComputedFields: never;
        Insert: {
          "created_at"?: string;
          "id"?: string;
          "name": string;
        };
        Update: {
          "created_at"?: string;
          "id"?: string;
          "name"?: string;
        };
        Relationships: [];
      };
      "whatsapp_instances": {
        Row: {
          "connection_epoch": number;
          "created_at": string;
          "deleted_at": string | null;
          "disconnected_since": string | null;
          "display_name": string | null;
          "id": string;
          "instance_name": string;
          "last_alive_at": string | null;
          "last_connection_event": string | null;
          "last_connection_event_at": string | null;
          "last_connection_signed_at": string | null;
          "last_disconnected_at": string | null;
          "last_received_at": string | null;
          "last_reconnect_attempt_at": string | null;
          "last_sent_at": string | null;
          "last_webhook_at": string | null;
          "last_webhook_event": string | null;
          "manual_disconnect": boolean;
          "organization_id": string;
          "phone_number": string | null;
          "reconnect_attempts_count": number;
          "status": string;
          "updated_at": string;
        };
        ComputedFields: never;
        Insert: {
          "connection_epoch"?: number;
          "created_at"?: string;
          "deleted_at"?: string | null;
          "disconnected_since"?: string | null;
          "display_name"?: string | null;
          "id"?: string;
          "instance_name": string;
          "last_alive_at"?: string | null;
          "last_connection_event"?: string | null;
          "last_connection_event_at"?: string | null;
          "last_connection_signed_at"?: string | null;
          "last_disconnected_at"?: string | null;
          "last_received_at"?: string | null;
          "last_reconnect_attempt_at"?: string | null;
          "last_sent_at"?: string | null;
          "last_webhook_at"?: string | null;
          "last_webhook_event"?: string | null;
          "manual_disconnect"?: boolean;
          "organization_id": string;
          "phone_number"?: string | null;
          "reconnect_attempts_count"?: number;
          "status"?: string;
          "updated_at"?: string;
        };
        Update: {
          "connection_epoch"?: number;
          "created_at"?: string;
          "deleted_at"?: string | null;
          "disconnected_since"?: string | null;
          "display_name"?: string | null;
          "id"?: string;
          "instance_name"?: string;
          "last_alive_at"?: string | null;
          "last_connection_event"?: string | null;
          "last_connection_event_at"?: string | null;
          "last_connection_signed_at"?: string | null;
          "last_disconnected_at"?: string | null;
          "last_received_at"?: string | null;
          "last_reconnect_attempt_at"?: string | null;
          "last_sent_at"?: string | null;
          "last_webhook_at"?: string | null;
          "last_webhook_event"?: string | null;
          "manual_disconnect"?: boolean;
          "organization_id"?: string;
          "phone_number"?: string | null;
          "reconnect_attempts_count"?: number;
          "status"?: string;
          "updated_at"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "whatsapp_instances_organization_id_fkey";
            columns: ["organization_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
        ];
      };
    };
    Views: {
      "instance_health": {
        Row: {
          "connect_tried": boolean | null;
          "disconnected_since": string | null;
          "display_name": string | null;
          "health": string | null;
          "hearing": string | null;
          "instance_id": string;
          "instance_name": string;
          "last_alive_at": string | null;
          "last_event": string | null;
          "last_event_at": string | null;
          "last_received_at": string | null;
          "last_sent_at": string | null;
          "last_webhook_at": string | null;
          "logout_tried": boolean | null;
          "messages_failed_24h": number | null;
          "messages_held": number | null;
          "messages_missing_24h": number | null;
          "messages_recovered_24h": number | null;
          "messages_sending": number | null;
          "messages_unconfirmed_24h": number | null;
          "organization_id": string;
          "reason": string | null;
          "reconnect_attempts": number;
          "repair_opened_at": string | null;
          "repair_step": string | null;
          "restart_tried": boolean | null;
          "status": string;
        };
        ComputedFields: never;
        Relationships: [
          {
            foreignKeyName: "whatsapp_instances_organization_id_fkey";
            columns: ["organization_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
        ];
      };
      "message_states": {
        Row: {
          "attempts": number;
          "caption": string | null;
          "content": string | null;
          "conversation_id": string;
          "created_at": string;
          "deleted_at": string | null;
          "delivered_at": string | null;
          "edited_at": string | null;
          "error_code": string | null;
          "error_message": string | null;
          "failed_at": string | null;
          "file_name": string | null;
          "held_until": string | null;
          "id": string;
          "is_from_me": boolean;
          "may_have_left": boolean;
          "media_url": string | null;
          "message_type": string;
          "organization_id": string;
          "position": number;
          "queued": boolean | null;
          "read_at": string | null;
          "recovered_at": string | null;
          "sent_at": string | null;
          "status": string;
          "unconfirmed": boolean | null;
          "whatsapp_instance_id": string | null;
        };
        ComputedFields: never;
        Insert: {
          "attempts"?: number | null;
          "caption"?: string | null;
          "content"?: string | null;
          "conversation_id"?: string | null;
          "created_at"?: string | null;
          "deleted_at"?: string | null;
          "delivered_at"?: string | null;
          "edited_at"?: string | null;
          "error_code"?: string | null;
          "error_message"?: string | null;
          "failed_at"?: string | null;
          "file_name"?: string | null;
          "held_until"?: string | null;
          "id"?: string | null;
          "is_from_me"?: boolean | null;
          "may_have_left"?: boolean | null;
          "media_url"?: string | null;
          "message_type"?: string | null;
          "organization_id"?: string | null;
          "position"?: number | null;
          "queued"?: never;
          "read_at"?: string | null;
          "recovered_at"?: string | null;
          "sent_at"?: string | null;
          "status"?: string | null;
          "unconfirmed"?: never;
          "whatsapp_instance_id"?: string | null;
        };
        Update: {
          "attempts"?: number | null;
          "caption"?: string | null;
          "content"?: string | null;
          "conversation_id"?: string | null;
          "created_at"?: string | null;
          "deleted_at"?: string | null;
          "delivered_at"?: string | null;
          "edited_at"?: string | null;
          "error_code"?: string | null;
          "error_message"?: string | null;
          "failed_at"?: string | null;
          "file_name"?: string | null;
          "held_until"?: string | null;
          "id"?: string | null;
          "is_from_me"?: boolean | null;
          "may_have_left"?: boolean | null;
          "media_url"?: string | null;
          "message_type"?: string | null;
          "organization_id"?: string | null;
          "position"?: number | null;
          "queued"?: never;
          "read_at"?: string | null;
          "recovered_at"?: string | null;
          "sent_at"?: string | null;
          "status"?: string | null;
          "unconfirmed"?: never;
          "whatsapp_instance_id"?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "messages_conversation_id_fkey";
            columns: ["conversation_id"];
            isOneToOne: false;
            referencedRelation: "conversations";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "messages_organization_id_fkey";
            columns: ["organization_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "messages_whatsapp_instance_id_fkey";
            columns: ["whatsapp_instance_id"];
            isOneToOne: false;
            referencedRelation: "instance_health";
            referencedColumns: ["instance_id"];
          },
          {
            foreignKeyName: "messages_whatsapp_instance_id_fkey";
            columns: ["whatsapp_instance_id"];
            isOneToOne: false;
            referencedRelation: "whatsapp_instances";
            referencedColumns: ["id"];
          },
        ];
      };
      "repair_events_daily": {
        Row: {
          "day": string | null;
          "events": number | null;
          "instances": number | null;
          "kind": string;
          "organization_id": string | null;
          "outcome": string | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
    };
    Functions: {
      "apply_connection_event": {
        Args: {
          "p_at": string;
          "p_instance_id": string;
          "p_order"?: Json;
          "p_own_number"?: string;
          "p_reason"?: number;
          "p_state": string;
        };
        Returns: string;
      };
      "apply_history": { Args: { "p_instance_id": string; "p_messages": Json }; Returns: string };
      "apply_qr_code": {
        Args: { "p_at": string; "p_instance_id": string; "p_order"?: Json; "p_qr": Json };
        Returns: string;
      };
      "apply_webhook": {
        Args: { "p_changes": Json; "p_delivery": Json; "p_instance_id": string; "p_key": string };
        Returns: Json;
      };
      "begin_canary": {
        Args: { "p_token": string; "p_trial_id": string; "p_way": string };
        Returns: Json;
      };
      "begin_cure_step": {
        Args: { "p_step": string; "p_token": string; "p_trial_id": string };
        Returns: boolean;
      };
      "begin_delete": {
        Args: { "p_confirm_name": string; "p_instance_id": string; "p_user_id": string };
        Returns: Json;
      };
      "begin_disconnect": { Args: { "p_instance_id": string; "p_user_id": string }; Returns: Json };
      "begin_own_alert": { Args: { "p_instance_name": string; "p_text": string }; Returns: string };
      "begin_reconnect": { Args: { "p_instance_id": string; "p_user_id": string }; Returns: Json };
      "begin_reconnect_attempt": {
        Args: { "p_instance_id": string; "p_token": string };
        Returns: boolean;
      };
      "begin_recreation": {
        Args: {
          "p_repair_id": string;
          "p_token": string;
          "p_webhook_token"?: string;
          "p_webhook_url": string;
        };
        Returns: Json;
      };
      "begin_registry_look": {
        Args: { "p_instance_id": string };
        Returns: {
          "api_key": string;
          "api_url": string;
          "instance_name": string;
          "token": string;
        }[];
      };
      "begin_repair_step": {
        Args: { "p_repair_id": string; "p_step": string; "p_token": string };
        Returns: boolean;
      };
      "begin_scan_connect": {
        Args: { "p_instance_id": string; "p_token": string };
        Returns: string;
      };
      "check_new_instance": {
        Args: { "p_instance_name": string; "p_organization_id": string; "p_user_id": string };
        Returns: string;
      };
      "claim_alerts": {
        Args: { "p_limit": number };
        Returns: {
          "items": Json;
          "kind": string;
          "language": string;
          "message_id": string;
          "number_page": string;
          "numbers": number;
          "qr_page": string;
          "secrets": (string)[];
          "sender": Json;
          "target": string;
          "url": string;
        }[];
      };
      "claim_gateway_versions": {
        Args: { "p_instance_id"?: string; "p_limit": number };
        Returns: string[];
      };
      "claim_ghost_repair": {
        Args: { "p_instance_id": string };
        Returns: {
          "claimed": boolean;
          "connection_epoch": number;
          "reason": string;
          "token": string;
        }[];
      };
      "claim_held_message": {
        Args: { "p_claim": string; "p_instance_id": string; "p_token": string };
        Returns: {
          "base64": string;
          "caption": string;
          "content": string;
          "file_name": string;
          "id": string;
          "media_mime_type": string;
          "media_url": string;
          "message_type": string;
          "quoted_whatsapp_message_id": string;
          "remote_jid": string;
        }[];
      };
      "claim_message": { Args: { "p_message_id": string; "p_token": string }; Returns: string };
      "claim_operator_notices": {
        Args: { "p_has_hook"?: boolean; "p_limit": number };
        Returns: {
          "connect_called": boolean;
          "disconnected_since": string;
          "display_name": string;
          "instance_id": string;
          "instance_name": string;
          "logout_called": boolean;
          "opened_at": string;
          "organization_id": string;
          "reason": string;
          "repair_id": string;
          "restart_called": boolean;
        }[];
      };
      "claim_restart_requests": {
        Args: { "p_limit": number };
        Returns: {
          "agent_url": string;
          "call_id": string;
          "gateway": string;
          "names": (string)[];
          "numbers": number;
          "reason": string;
          "request_id": string;
          "secrets": (string)[];
          "share": number;
          "since": string;
          "tried": Json;
        }[];
      };
      "claim_sent_canaries": {
        Args: { "p_limit": number };
        Returns: {
          "api_key": string;
          "api_url": string;
          "canary_id": string;
          "instance_name": string;
          "phone_number": string;
          "whatsapp_message_id": string;
        }[];
      };
      "confirm_ghost_repair": {
        Args: { "p_instance_id": string; "p_probes"?: (string)[]; "p_token": string };
        Returns: string;
      };
      "connecting_seen": {
        Args: { "p_instance_id": string; "p_seconds": number };
        Returns: boolean;
      };
      "delete_alert_channel": {
        Args: { "p_channel_id": string; "p_user_id": string };
        Returns: Json;
      };
      "doctor_report": { Args: { "p_instance"?: string }; Returns: Json };
      "end_held_release": {
        Args: { "p_instance_id": string; "p_token": string };
        Returns: undefined;
      };
      "enqueue_messages": {
        Args: { "p_parts": Json; "p_reply"?: Json; "p_target": Json; "p_user_id": string };
        Returns: Json;
      };
      "erase_customer": {
        Args: { "p_conversation_id": string; "p_user_id": string };
        Returns: Json;
      };
      "explain_failures": { Args: { "p_sentences": Json }; Returns: number };
      "find_media": {
        Args: { "p_as_bytes"?: boolean; "p_message_id": string; "p_user_id": string };
        Returns: Json;
      };
      "finish_delete": {
        Args: { "p_instance_id": string; "p_outcome": Json; "p_token": string };
        Returns: boolean;
      };
      "finish_message": { Args: { "p_message_id": string; "p_outcome": Json }; Returns: boolean };
      "fleet": { Args: { "p_query"?: Json }; Returns: Json };
      "fleet_channels": { Args: Record<PropertyKey, never>; Returns: (string)[] };
      "fleet_gateways": { Args: Record<PropertyKey, never>; Returns: Json };
      "fleet_pulse": { Args: Record<PropertyKey, never>; Returns: number };
      "hand_over_messages": {
        Args: { "p_message_ids": (string)[]; "p_token": string };
        Returns: undefined;
      };
      "history_window": {
        Args: { "p_instance_id": string };
        Returns: {
          "window_from": string;
          "window_until": string;
        }[];
      };
      "instance_status": { Args: { "p_instance_id": string; "p_user_id": string }; Returns: Json };
      "is_hearing_due": { Args: Record<PropertyKey, never>; Returns: boolean };
      "lease_due_reconnects": {
        Args: { "p_lease_seconds"?: number; "p_limit": number; "p_tick_started"?: string };
        Returns: {
          "api_key": string;
          "api_url": string;
          "connection_epoch": number;
          "instance_id": string;
          "instance_name": string;
          "tick_started": string;
          "token": string;
        }[];
      };
      "lease_due_recreations": {
        Args: { "p_lease_seconds"?: number; "p_limit": number; "p_tick_started"?: string };
        Returns: {
          "api_key": string;
          "api_url": string;
          "ask": boolean;
          "begun": boolean;
          "instance_id": string;
          "instance_name": string;
          "phone_number": string;
          "repair_id": string;
          "tick_started": string;
          "token": string;
          "webhook_url": string;
        }[];
      };
      "lease_due_repairs": {
        Args: { "p_lease_seconds"?: number; "p_limit": number; "p_tick_started"?: string };
        Returns: {
          "age_seconds": number;
          "alone": boolean;
          "api_key": string;
          "api_url": string;
          "connect_called": boolean;
          "instance_id": string;
          "instance_name": string;
          "logout_called": boolean;
          "outage": boolean;
          "phone_number": string;
          "repair_id": string;
          "restart_awaited": boolean;
          "restart_called": boolean;
          "seconds_since_process_restart": number;
          "seconds_since_restart": number;
          "session_conflict": boolean;
          "state": string;
          "tick_started": string;
          "token": string;
          "waiting_for": string;
          "waiting_seconds": number;
          "webhook_delivered": boolean;
        }[];
      };
      "lease_due_trials": {
        Args: { "p_lease_seconds"?: number; "p_limit": number; "p_tick_started"?: string };
        Returns: {
          "api_key": string;
          "api_url": string;
          "instance_id": string;
          "instance_name": string;
          "known": Json;
          "presence_to": string;
          "tick_started": string;
          "token": string;
          "trial_id": string;
        }[];
      };
      "lease_gaps": {
        Args: { "p_lease_seconds"?: number; "p_limit": number; "p_tick_started"?: string };
        Returns: {
          "api_key": string;
          "api_url": string;
          "gap_id": string;
          "instance_id": string;
          "instance_name": string;
          "page": number;
          "page_size": number;
          "tick_started": string;
          "token": string;
          "version": string;
          "window_from": string;
          "window_until": string;
        }[];
      };
      "lease_held_releases": {
        Args: { "p_lease_seconds"?: number; "p_limit": number };
        Returns: {
          "connection": Json;
          "instance_id": string;
          "token": string;
        }[];
      };
      "lease_waiting_numbers": {
        Args: { "p_lease_seconds"?: number; "p_limit": number; "p_tick_started"?: string };
        Returns: {
          "api_key": string;
          "api_url": string;
          "connection_epoch": number;
          "instance_id": string;
          "instance_name": string;
          "scanning": boolean;
          "tick_started": string;
          "token": string;
        }[];
      };
      "lease_watched_numbers": {
        Args: { "p_lease_seconds"?: number; "p_limit": number; "p_tick_started"?: string };
        Returns: {
          "api_key": string;
          "api_url": string;
          "connection_epoch": number;
          "instance_id": string;
          "instance_name": string;
          "phone_number": string;
          "tick_started": string;
          "token": string;
          "wait_ms": number;
        }[];
      };
      "list_alert_channels": {
        Args: { "p_organization_id": string; "p_user_id": string };
        Returns: Json;
      };
      "list_events": {
        Args: {
          "p_after_id": number;
          "p_instance_id": string;
          "p_limit": number;
          "p_user_id": string;
        };
        Returns: Json;
      };
      "list_instances": {
        Args: { "p_organization_id"?: string; "p_user_id": string };
        Returns: Json;
      };
      "name_own_alert": { Args: { "p_id": string; "p_whatsapp_id": string }; Returns: undefined };
      "note_sent_answer": {
        Args: { "p_message_id": string; "p_whatsapp_message_id": string };
        Returns: undefined;
      };
      "note_webhook_updated": {
        Args: { "p_detail": Json; "p_instance_id": string };
        Returns: undefined;
      };
      "number_page": { Args: { "p_instance_id": string }; Returns: Json };
      "organization_settings": {
        Args: { "p_organization_id": string; "p_user_id": string };
        Returns: Json;
      };
      "postpone_repair_step": {
        Args: { "p_repair_id": string; "p_token": string };
        Returns: boolean;
      };
      "prune": { Args: Record<PropertyKey, never>; Returns: number };
      "read_metrics": { Args: Record<PropertyKey, never>; Returns: Json };
      "read_webhook_setting": {
        Args: {
          "p_instance_id": string;
          "p_user_id": string;
          "p_webhook_secret"?: string;
          "p_webhook_token"?: string;
        };
        Returns: Json;
      };
      "record_alert": { Args: { "p_message_id": string; "p_outcome": string }; Returns: undefined };
      "record_canary": { Args: { "p_canary_id": string; "p_sent": Json }; Returns: undefined };
      "record_connect": {
        Args: {
          "p_epoch"?: number;
          "p_instance_id": string;
          "p_outcome": Json;
          "p_source": string;
          "p_token": string;
        };
        Returns: Json;
      };
      "record_gap_page": {
        Args: { "p_gap_id": string; "p_page": Json; "p_token": string };
        Returns: Json;
      };
      "record_gateway_version": {
        Args: {
          "p_api_url": string;
          "p_connect_after_scan"?: boolean;
          "p_deletes_zombies"?: boolean;
          "p_logout_deafens"?: boolean;
          "p_logout_safe": boolean;
          "p_support"?: string;
          "p_version": string;
        };
        Returns: undefined;
      };
      "record_ghost_logout": {
        Args: { "p_instance_id": string; "p_outcome": Json; "p_token": string };
        Returns: string;
      };
      "record_ghost_verification": {
        Args: { "p_instance_id": string; "p_outcome": Json; "p_token": string };
        Returns: string;
      };
      "record_logout": { Args: { "p_instance_id": string; "p_outcome": Json }; Returns: undefined };
      "record_operator_notice": {
        Args: { "p_outcome": string; "p_repair_id": string };
        Returns: undefined;
      };
      "record_owed_logout": {
        Args: { "p_instance_id": string; "p_outcome": Json; "p_token": string };
        Returns: undefined;
      };
      "record_recreation": {
        Args: { "p_repair_id": string; "p_result": Json; "p_token": string };
        Returns: boolean;
      };
      "record_repair_step": {
        Args: { "p_repair_id": string; "p_result": Json; "p_token": string };
        Returns: boolean;
      };
      "record_restart": { Args: { "p_answer": Json; "p_request_id": string }; Returns: boolean };
      "record_trial": {
        Args: { "p_result": Json; "p_token": string; "p_trial_id": string };
        Returns: boolean;
      };
      "record_watch": {
        Args: { "p_epoch": number; "p_instance_id": string; "p_outcome": Json; "p_token": string };
        Returns: Json;
      };
      "record_watched_numbers": { Args: { "p_findings": Json }; Returns: Json };
      "release_ghost_repair": {
        Args: { "p_instance_id": string; "p_probes"?: (string)[]; "p_token": string };
        Returns: string;
      };
      "report_webhook": {
        Args: { "p_instance_id": string; "p_reason"?: number; "p_state"?: string };
        Returns: boolean;
      };
      "request_look": { Args: { "p_instance_id": string; "p_user_id": string }; Returns: Json };
      "request_qr_code": { Args: { "p_instance_id": string; "p_user_id": string }; Returns: Json };
      "retry_message": {
        Args: { "p_confirm_duplicate"?: boolean; "p_message_id": string; "p_user_id": string };
        Returns: Json;
      };
      "rotate_webhook_secret": {
        Args: { "p_instance_id": string; "p_overlap"?: string; "p_webhook_secret": string };
        Returns: boolean;
      };
      "save_alert_channel": { Args: { "p_channel": Json; "p_user_id": string }; Returns: Json };
      "save_instance_credentials": {
        Args: {
          "p_api_key": string;
          "p_api_url": string;
          "p_instance_id": string;
          "p_webhook_secret": string;
          "p_webhook_token"?: string;
        };
        Returns: undefined;
      };
      "save_restart_agent": {
        Args: {
          "p_agent_url": string;
          "p_api_url": string;
          "p_keep_previous"?: string;
          "p_secret"?: string;
        };
        Returns: undefined;
      };
      "store_new_instance": { Args: { "p_instance": Json; "p_user_id": string }; Returns: Json };
      "suspect_session": {
        Args: { "p_instance_id": string; "p_reason": string };
        Returns: boolean;
      };
      "sweep": { Args: Record<PropertyKey, never>; Returns: Json };
      "test_alert_channel": {
        Args: { "p_channel_id": string; "p_user_id": string };
        Returns: Json;
      };
      "update_organization_settings": {
        Args: { "p_canaries": boolean; "p_organization_id": string; "p_user_id": string };
        Returns: Json;
      };
      "webhook_keys": {
        Args: { "p_instance_id": string };
        Returns: {
          "key_id": string;
          "webhook_secret": string;
          "webhook_token": string;
        }[];
      };
    };
    Enums: {
      [_ in never]: never;
    };
    CompositeTypes: {
      [_ in never]: never;
    };
  };
};

type DatabaseWithoutInternals = Omit<Database, "__InternalSupabase">;

type DefaultSchema = DatabaseWithoutInternals[Extract<keyof Database, "public">];

export type Tables<
  DefaultSchemaTableNameOrOptions extends
    | keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof (
      & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
      & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"]
    )
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals } ? (
    & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"]
  )[TableName] extends {
    Row: infer R;
  } ? R
  : never
  : DefaultSchemaTableNameOrOptions extends keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
    ? (DefaultSchema["Tables"] & DefaultSchema["Views"])[DefaultSchemaTableNameOrOptions] extends {
      Row: infer R;
    } ? R
    : never
  : never;

export type TablesInsert<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema["Tables"]
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends
    {
      Insert: infer I;
    } ? I
  : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
    ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
      Insert: infer I;
    } ? I
    : never
  : never;

export type TablesUpdate<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema["Tables"]
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends
    {
      Update: infer U;
    } ? U
  : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
    ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
      Update: infer U;
    } ? U
    : never
  : never;

export type Enums<
  DefaultSchemaEnumNameOrOptions extends
    | keyof DefaultSchema["Enums"]
    | { schema: keyof DatabaseWithoutInternals },
  EnumName extends DefaultSchemaEnumNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"]
    : never = never,
> = DefaultSchemaEnumNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"][EnumName]
  : DefaultSchemaEnumNameOrOptions extends keyof DefaultSchema["Enums"]
    ? DefaultSchema["Enums"][DefaultSchemaEnumNameOrOptions]
  : never;

export type CompositeTypes<
  PublicCompositeTypeNameOrOptions extends
    | keyof DefaultSchema["CompositeTypes"]
    | { schema: keyof DatabaseWithoutInternals },
  CompositeTypeName extends PublicCompositeTypeNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"]
    : never = never,
> = PublicCompositeTypeNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"][
    CompositeTypeName
  ]
  : PublicCompositeTypeNameOrOptions extends keyof DefaultSchema["CompositeTypes"]
    ? DefaultSchema["CompositeTypes"][PublicCompositeTypeNameOrOptions]
  : never;

export const Constants = {
  "public": {
    Enums: {},
  },
} as const;
