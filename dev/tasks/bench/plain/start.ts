/**
 * The plain function's entry file, for its cold start.
 *
 * @module
 */

import { createPlainApi } from "./evolution-api.ts";

const value = (name: string) => Deno.env.get(name) ?? "";

Deno.serve(createPlainApi(() => ({
  url: value("SUPABASE_URL"),
  secretKey: value("SUPABASE_SERVICE_ROLE_KEY"),
  gatewayUrl: value("EVOLUTION_API_URL"),
  gatewayKey: value("EVOLUTION_API_KEY"),
})));
