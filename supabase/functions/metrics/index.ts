import { createEffects } from "../_shared/runtime/effects.ts";
import { createHandler } from "./handler.ts";

Deno.serve(createHandler(createEffects()));
