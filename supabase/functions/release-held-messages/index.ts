import { createEffects } from "../_shared/effects.ts";
import { createHandler } from "./handler.ts";

Deno.serve(createHandler(createEffects()));
