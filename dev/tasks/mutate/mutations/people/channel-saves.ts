/**
 * Mistakes in changing an alert channel.
 *
 * @module
 */

import type { Mutation } from "../../mutation.ts";

const saves = (test: string) => (name: string, ...edits: Mutation["edits"]): Mutation => ({
  name,
  file: "supabase/migrations/20261127223700_channel_saves.sql",
  edits,
  tests: [`database/people/${test}.test.ts`],
});

const alone = saves("alerts");
const atOnce = saves("channel-saves");

/** See {@linkcode Mutation}. */
export const CHANNEL_SAVE_MUTATIONS: readonly Mutation[] = [
  alone("a change moves a channel to another kind", [
    "else array['organization_id', 'kind'] end);",
    "else '{}'::text[] end);",
  ]),
  alone("a changed secret is the only one at once", [
    "v_new.previous_secret := v_old.secret;",
    "v_new.previous_secret := null;",
  ]),
  alone("a time zone that nobody knows is stored", [
    "where t.name = v_new.time_zone) then",
    "where t.name = v_new.time_zone) and false then",
  ]),
  atOnce("a pause and a new secret at once lose one of the two", [
    "    for no key update;\n",
    "    ;\n",
  ]),
  atOnce("a channel that is locked is changed as it was read before", [
    "    v_old := ghost_repair.managed_channel(p_user_id, (p_channel ->> 'id')::uuid);\n",
    "",
  ], [
    "    -- A statement of its own: the next one sees what whoever had it locked has written.\n",
    "    v_old := ghost_repair.managed_channel(p_user_id, (p_channel ->> 'id')::uuid);\n",
  ]),
];
