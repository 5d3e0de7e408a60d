-- The roles of a Supabase project, as they are before its first migration. One server has them once;
-- what every database has is in supabase-project.sql. The superuser is supabase_admin; `postgres`,
-- which runs the migrations, is no superuser: what fails there fails here.

create role postgres login createdb createrole replication bypassrls;

create role anon nologin noinherit;
create role authenticated nologin noinherit;
create role service_role nologin noinherit bypassrls;

-- The API logs in as authenticator and becomes one of the three by the token's `role`.
create role authenticator login noinherit;
grant anon, authenticated, service_role to authenticator;

create role supabase_auth_admin login noinherit createrole;

grant anon, authenticated, service_role, authenticator, supabase_auth_admin to postgres
  with admin option;
grant pg_monitor, pg_read_all_data, pg_signal_backend to postgres;
-- Superuser settings that Supabase lets `postgres` change.
grant set on parameter session_replication_role to postgres;

alter role postgres set search_path = "$user", public, extensions;
alter role supabase_auth_admin set search_path = auth;

-- The platform's limits; a query that is too slow there is too slow here.
alter role anon set statement_timeout = '3s';
alter role authenticated set statement_timeout = '8s';
alter role authenticator set statement_timeout = '8s';
alter role authenticator set lock_timeout = '8s';
