import { createUserEffects } from "./authenticator.ts";
import { createHandler } from "./handler.ts";

Deno.serve(createHandler(createUserEffects()));
