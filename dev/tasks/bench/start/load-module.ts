/**
 * Loads a module as the platform does at a cold start, and leaves before it serves anything.
 *
 * @module
 */

Deno.serve = (() => Deno.exit(0)) as unknown as typeof Deno.serve;
await import(Deno.args[0] ?? "data:text/javascript,");
