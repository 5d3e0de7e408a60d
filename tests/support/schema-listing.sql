-- What a database is made of, one line a thing: equal lists, equal schemas.
with ours as (
  select oid, nspname, nspacl, nspowner from pg_namespace where nspname in ('public', 'private', 'ghost_repair')
), acls as (
  select 'schema ' || nspname as thing, coalesce(nspacl, acldefault('n', nspowner)) as acl from ours
  union all
  select 'relation ' || c.oid::regclass,
    coalesce(c.relacl, acldefault(case c.relkind when 'S' then 's'::"char" else 'r' end, c.relowner))
  from pg_class c join ours on ours.oid = c.relnamespace where c.relkind in ('r', 'v', 'm', 'p', 'S')
  union all
  select 'column ' || a.attrelid::regclass || '.' || a.attname, a.attacl
  from pg_attribute a join pg_class c on c.oid = a.attrelid join ours on ours.oid = c.relnamespace
  where a.attacl is not null
  union all
  select 'function ' || p.oid::regprocedure, coalesce(p.proacl, acldefault('f', p.proowner))
  from pg_proc p join ours on ours.oid = p.pronamespace
)
select concat_ws(' ', 'relation', c.oid::regclass, c.relkind, 'owner', c.relowner::regrole,
  'rls', c.relrowsecurity, c.relforcerowsecurity, obj_description(c.oid, 'pg_class')) as line
from pg_class c join ours on ours.oid = c.relnamespace
union all
select concat_ws(' ', 'column', a.attrelid::regclass, a.attnum, a.attname,
  format_type(a.atttypid, a.atttypmod), case when a.attnotnull then 'not null' end,
  pg_get_expr(d.adbin, d.adrelid), a.attidentity, a.attgenerated, col_description(c.oid, a.attnum))
from pg_attribute a
join pg_class c on c.oid = a.attrelid and c.relkind in ('r', 'v', 'm', 'p')
join ours on ours.oid = c.relnamespace
left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
where a.attnum > 0
union all
select concat_ws(' ', 'constraint', k.conrelid::regclass, k.conname, pg_get_constraintdef(k.oid),
  case when not k.convalidated then 'not valid' end)
from pg_constraint k join ours on ours.oid = k.connamespace
union all
select concat_ws(' ', 'index', pg_get_indexdef(i.indexrelid), case when not i.indisvalid then 'invalid' end)
from pg_index i join pg_class c on c.oid = i.indrelid join ours on ours.oid = c.relnamespace
union all
select concat_ws(' ', 'function', p.oid::regprocedure, pg_get_function_result(p.oid), 'owner',
  p.proowner::regrole, p.prosecdef, p.provolatile, p.proconfig::text, md5(p.prosrc),
  obj_description(p.oid, 'pg_proc'))
from pg_proc p join ours on ours.oid = p.pronamespace
union all
select concat_ws(' ', 'trigger', t.tgenabled, pg_get_triggerdef(t.oid))
from pg_trigger t join pg_class c on c.oid = t.tgrelid join ours on ours.oid = c.relnamespace
where not t.tgisinternal
union all
select concat_ws(' ', 'policy', tablename, policyname, permissive, roles, cmd, qual, with_check)
from pg_policies where schemaname in (select nspname from ours)
union all
select concat_ws(' ', 'grant', thing, a.grantee::regrole, a.privilege_type,
  case when a.is_grantable then 'grantable' end)
from acls, aclexplode(acls.acl) a
union all
select concat_ws(' ', 'type', t.oid::regtype, t.typtype)
from pg_type t join ours on ours.oid = t.typnamespace where t.typtype in ('e', 'd')
order by 1
