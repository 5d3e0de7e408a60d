-- The database's clock, as one function. Production reads the time of the transaction; a test's
-- database replaces this function and nothing else.

-- What the repair needs for itself. Nobody has USAGE: it is reached through functions of `public`,
-- and by triggers, policies and defaults that were written with the right to name it.
create schema if not exists ghost_repair;
revoke all on schema ghost_repair from public, anon, authenticated, service_role;

-- Neither security definer nor a search_path of its own: either would keep the planner from putting
-- the body in the place of the call, and then no index could serve a condition on it.
create or replace function ghost_repair.now() returns timestamptz
language sql stable parallel safe as $$ select pg_catalog.now() $$;
