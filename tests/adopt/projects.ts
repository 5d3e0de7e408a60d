/**
 * Projects of several kinds, as other people have them, and how one of their numbers is made.
 *
 * @module
 */

import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The fixtures' folders. */
export type KindName = "mission" | "environment-key" | "checked-words" | "view" | "many-senders";

/** A function that sends. */
interface Sender {
  readonly name: string;
  /** From the project's root. */
  readonly importMap: string;
  readonly body: (id: string) => unknown;
}

/** A kind of project. */
export interface ProjectKind {
  readonly name: KindName;
  /** What the kind is about, for the tests' names. */
  readonly about: string;
  /** Makes a connected number of a name (`$1`) at a gateway (`$2`), and returns its id as text. */
  readonly insert: string;
  /** What else such a project has when it has numbers. */
  readonly afterInsert: (apiKey: string) => readonly string[];
  /** The environment of its functions, besides Supabase's. */
  readonly environment: (apiUrl: string, apiKey: string) => Readonly<Record<string, string>>;
  /** Which of its functions sends what, and what it is told. */
  readonly sends: Readonly<Record<"text" | "media", Sender>>;
  /** What their cron and their webhook write where they believe that it is open. */
  readonly reportOpen: string;
  /** The row's state once the session was found dead, and what it is in their words. */
  readonly state: string;
  readonly dead: unknown;
}

const FOLDER = fileURLToPath(new URL("../fixtures/projects/", import.meta.url));

/** The project's folder. */
export const folderOf = ({ name }: ProjectKind) => join(FOLDER, name);

const NUMBER = "5511988887777";
const TEXT = "bom dia";
const ASYNC = { action: "send_message_async", remoteJid: `${NUMBER}@s.whatsapp.net` };
const MEDIA = "https://files.example/photo.jpg";

const SHARED_MAP = "supabase/functions/import_map.json";

/** What a function takes that calls the number by `key`. */
const bodiesOf = (key: string) =>
  ({
    text: (id: string) => ({ [key]: id, number: NUMBER, text: TEXT }),
    media: (id: string) => ({ [key]: id, number: NUMBER, mediaUrl: MEDIA }),
  }) as const;

/** One function for both, with an import map of its own. */
function oneSender(
  name: string,
  { text, media }: Readonly<Record<"text" | "media", Sender["body"]>>,
): ProjectKind["sends"] {
  const importMap = `supabase/functions/${name}/deno.json`;
  return { text: { name, importMap, body: text }, media: { name, importMap, body: media } };
}

/** The kinds; the first is the mission's own. */
export const KINDS: readonly ProjectKind[] = [
  {
    name: "mission",
    about:
      "whatsapp_instances, a Connection Closed block of its own, a cron that believes the registry",
    insert: `insert into public.whatsapp_instances (instance_name, api_url, api_key, status)
        values ($1, $2, 'key', 'connected') returning id::text`,
    afterInsert: (key) => [`update public.whatsapp_instances set api_key = '${key}'`],
    environment: () => ({}),
    sends: oneSender("evolution-api", {
      text: (instanceId) => ({ ...ASYNC, instanceId, message: TEXT }),
      media: (instanceId) => ({ ...ASYNC, instanceId, media: { url: MEDIA } }),
    }),
    reportOpen: "update public.whatsapp_instances set status = 'connected' where id = $1",
    state: "select status as state from public.whatsapp_instances where id = $1",
    dead: "disconnected",
  },
  {
    name: "environment-key",
    about:
      "wa_instances with whole numbers as ids and Capitals, the key in the environment, a helper",
    insert: `insert into public.wa_instances (company_id, instance_name, status)
        select 1, $1, 'Connected' where $2 <> '' returning id::text`,
    afterInsert: () => [],
    environment: (url, key) => ({
      EVOLUTION_API_URL: `${url}/manager`,
      EVOLUTION_API_KEY: key,
    }),
    sends: oneSender("send-whatsapp", bodiesOf("instanceId")),
    reportOpen: "update public.wa_instances set status = 'Connected' where id = $1",
    state: "select status as state from public.wa_instances where id = $1",
    dead: "Disconnected",
  },
  {
    name: "checked-words",
    about: "whatsapp_connections under a CHECK, pairing as a flag, the key in another table",
    insert: `
        with server as (insert into public.evolution_servers (url, api_key)
          values ($2, 'key') returning id)
        insert into public.whatsapp_connections (server_id, session_name, status, is_connected)
        select id, $1::text, 'connected', true from server returning id::text`,
    afterInsert: (key) => [`update public.evolution_servers set api_key = '${key}'`],
    environment: () => ({}),
    sends: oneSender("messages", bodiesOf("connectionId")),
    reportOpen:
      "update public.whatsapp_connections set is_connected = true, awaiting_qr = false where id = $1",
    state:
      "select concat(status, ' ', is_connected) as state from public.whatsapp_connections where id = $1",
    dead: "disconnected f",
  },
  {
    name: "view",
    about: "a view over a table of channels, an enum, rows without a key",
    insert: `insert into public.channels (tenant_id, kind, instance, server_url, state)
        values (gen_random_uuid(), 'whatsapp', $1, $2 || '/manager', 'online')
        returning id::text`,
    // Their function takes the address as it stands in the row.
    afterInsert: () => [
      "update public.channels set server_url = regexp_replace(server_url, '/manager$', '')",
    ],
    environment: (_, key) => ({ EVOLUTION_API_KEY: key }),
    sends: oneSender("whatsapp", bodiesOf("id")),
    reportOpen: "update public.whatsapp_instances set status = 'online' where id = $1",
    state: "select state::text as state from public.channels where id = $1",
    dead: "offline",
  },
  {
    name: "many-senders",
    about: "a yes or no as the status, words as ids, a trigger that rewrites, several senders",
    insert: `insert into public.evolution_numbers
          (id, workspace, evolution_instance, base_url, is_connected)
        values ('n-' || $1::text, 'w', $1::text, $2, true) returning id`,
    afterInsert: () => [],
    environment: (_, key) => ({ EVOLUTION_KEY: key }),
    sends: {
      text: { name: "send-text", importMap: SHARED_MAP, body: bodiesOf("id").text },
      media: { name: "send-media", importMap: SHARED_MAP, body: bodiesOf("id").media },
    },
    reportOpen: "update public.evolution_numbers set is_connected = true where id = $1",
    state: "select is_connected as state from public.evolution_numbers where id = $1",
    dead: false,
  },
];

/** One of {@linkcode KINDS}. */
export const kindOf = (name: KindName): ProjectKind => KINDS.find((kind) => kind.name === name)!;
