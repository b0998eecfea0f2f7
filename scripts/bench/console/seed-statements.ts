import { PEOPLE, RULES, SIZE } from "./seed-size.ts";

/**
 * What fills an empty, migrated database, in order: sets of rows made by the server, the same each time seen from its `now()`. Ids are
 * UUIDv7 that count on, as real ones sort by time; rows go in as they would have come, oldest first.
 */
export function seedStatements(passwordHash: string): { what: string; text: string; values?: unknown[] }[] {
  return [
    { what: "settings", text: SETTINGS },
    { what: "functions", text: FUNCTIONS },
    { what: "instances", text: INSTANCES },
    { what: "people", text: USERS, values: [passwordHash] },
    { what: "grants", text: GRANTS },
    { what: "rules", text: SEEDED_RULES },
    { what: "targets", text: TARGETS },
    { what: "tasks", text: TASKS },
    { what: "transfers", text: `${WITHOUT_INDEXES};${TRANSFERS};${WITH_INDEXES}` },
    { what: "counters", text: COUNTERS },
    { what: "samples", text: SAMPLES },
    { what: "results", text: RESULTS },
  ];
}

const SETTINGS = `set work_mem = '256MB'; set maintenance_work_mem = '512MB'; set synchronous_commit = off; set jit = off;
set session_replication_role = replica`;

const FUNCTIONS = `
create function pg_temp.id(at timestamptz, n bigint) returns uuid language sql immutable as $$
  select (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7' || substr(h, 1, 3) || '8' || substr(h, 4))::uuid
  from lpad(to_hex(n), 18, '0') h $$;
create function pg_temp.digest(text) returns text language sql immutable as $$
  select 'sha256:' || md5($1) || md5('b' || $1) $$;
create temp table origin as select date_trunc('second', now()) as at`;

const INSTANCES = `
insert into instances (id, name, region, address, vendor, health_status, health_checked_at, health_latency_ms, created_at)
select pg_temp.id(at - interval '200 days', n), 'registry-' || lpad(n::text, 4, '0'),
  (array['华东', '华北', '西南', 'Europe', 'Asia Pacific'])[n % 5 + 1], 'https://registry-' || n || '.example.com', 'generic',
  case when n % 97 = 0 then 'unhealthy' when n % 31 = 0 then 'slow' else 'healthy' end, at - interval '20 seconds', 10 + n % 90,
  at - interval '200 days'
from origin, generate_series(1, ${SIZE.instances}) n`;

const USERS = `
insert into users (id, username, display_name, role, password_hash, created_at)
select pg_temp.id(at - interval '200 days', n), name, '', role, $1, at - interval '200 days'
from origin, (values (1, '${PEOPLE.root}', 'root'), (2, '${PEOPLE.viewer}', 'sub-account')) people (n, name, role)`;

/** Every tenth instance, and the one where all rules start. */
const GRANTS = `
insert into grants (user_id, instance_id, level)
select u.id, i.id, 'view' from users u, (select id, row_number() over (order by id) as n from instances) i
where u.username = '${PEOPLE.viewer}' and (i.n = 1 or i.n % 10 = 0)`;

const SEEDED_RULES = `
insert into rules (id, name, description, source_instance_id, source_namespace, repository_pattern, tag_pattern, resource_type, enabled,
  created_by, updated_by, created_at, updated_at, reconcile_due_at)
select pg_temp.id(at - interval '100 days' + n * interval '1 minute', n),
  case n when ${RULES.busy} then 'busiest' when ${RULES.ended} then 'largest-ended' when ${RULES.running} then 'largest-running'
    else (array['web', 'base', 'data', 'edge', 'model'])[n % 5 + 1] || '-' || lpad(n::text, 5, '0') end,
  'Rule ' || n || ' of team ' || n % 100, i.id, 'team-' || lpad((n % 100)::text, 2, '0'), 'app-' || n || '-.*',
  case n % 3 when 0 then '' when 1 then 'v[0-9]+\\.[0-9]+' else 'release-.*' end, (array['image', 'chart', 'all'])[n % 3 + 1],
  n % 1000 <> 0, u.id, u.id, at - interval '100 days' + n * interval '1 minute', at - n % 90 * interval '1 day', at + interval '5 hours'
from origin, generate_series(1, ${SIZE.rules}) n, (select id from instances order by id limit 1) i,
  (select id from users where role = 'root') u
order by n`;

const TARGETS = `
create temp table numbered as select id, row_number() over (order by id) as n from rules;
insert into rule_targets (id, rule_id, instance_id, namespace, set_by)
select pg_temp.id(at - interval '100 days', r.n * 2 + t.n), r.id, i.id, case when r.n % 4 = 0 then 'mirror' end, u.id
from origin, numbered r
  join generate_series(0, 1) t (n) on t.n = 0 or r.n % 10 = 0 or r.n in (${RULES.ended}, ${RULES.running})
  join (select id, row_number() over (order by id) as n from instances) i on i.n = 2 + (r.n + t.n * 7) % ${SIZE.instances - 1}
  cross join (select id from users where role = 'root') u;
create temp table snapshots as
select r.id, n.n, jsonb_build_object('name', r.name, 'version', 1, 'sourceInstanceId', r.source_instance_id,
    'sourceNamespace', r.source_namespace, 'repositoryPattern', r.repository_pattern, 'tagPattern', r.tag_pattern,
    'resourceType', r.resource_type, 'override', false, 'referrers', true,
    'targets', (select jsonb_agg(jsonb_build_object('ruleTargetId', t.id, 'instanceId', t.instance_id, 'namespace', t.namespace) order by t.id)
      from rule_targets t where t.rule_id = r.id)) as snapshot
from rules r join numbered n using (id);
create index on snapshots (n);
analyze snapshots`;

/** \`kind\`: whose tasks they are; \`size\`: how many transfers each has. The last three stopped ones are the oldest of all. */
const PLAN = `
select k as n, ${RULES.busy}::bigint as rule, 'busy' as kind, 2 as size, at - (${SIZE.busyTasks} + 1 - k) * interval '150 seconds' as began,
  case when k % 50 = 0 then 'failed' else 'succeeded' end as status
from origin, generate_series(1, ${SIZE.busyTasks}) k
union all
select k, 4 + k % ${SIZE.rules - 3}, 'other', 13 + (k <= ${OTHERS_LEFT()})::int, at - (${OTHERS()} + 1 - k) * interval '75 seconds' - interval '1 hour',
  case when k <= 3 then 'stopped' when k % 100 < 80 then 'succeeded' when k % 100 < 90 then 'partial' when k % 100 < 96 then 'failed'
    else 'nothing-matched' end
from origin, generate_series(1, ${OTHERS()}) k
union all
select k, 100 + k, 'running', 1000, at - interval '20 minutes' + k * interval '1 second', 'running'
from origin, generate_series(1, ${SIZE.runningTasks - 1}) k
union all
select 1, ${RULES.ended}, 'ended', ${SIZE.largeTask}, at - interval '3 hours', 'partial' from origin
union all
select 1, ${RULES.running}, 'large', ${SIZE.largeTask}, at - interval '30 minutes', 'running' from origin`;

/** Tasks of all other rules: what is left of the whole. */
function OTHERS(): number {
  return SIZE.tasks - SIZE.busyTasks - SIZE.runningTasks - 1;
}

/** So many of them have a transfer more, so that the sum is right. */
function OTHERS_LEFT(): number {
  const planned = SIZE.busyTasks * 2 + OTHERS() * 13 + (SIZE.runningTasks - 1) * 1000 + 2 * SIZE.largeTask;
  return SIZE.transfers - planned;
}

const TASKS = `
create temp table planned as
select *, pg_temp.id(began, number) as id from (select *, row_number() over (order by began, rule) as number from (${PLAN}) plan) p;
analyze planned;
insert into tasks (id, number, rule_id, source_instance_id, trigger, scope, rule, status, created_at, claimed_at, scan_ended_at, ended_at,
  updated_at, repositories_scanned, tags_scanned, repositories)
select p.id, p.number, s.id, i.id, (array['event', 'event', 'schedule', 'reconcile', 'manual'])[p.number % 5 + 1], '{"kind":"rule"}',
  s.snapshot, p.status, p.began, p.began + interval '300 milliseconds', p.began + interval '9 seconds',
  case when p.status <> 'running' then p.began + interval '60 seconds' end, least(p.began + interval '60 seconds', o.at), 12, 400, 12
from planned p join snapshots s on s.n = p.rule cross join origin o cross join (select id from instances order by id limit 1) i
order by p.id`;

/** Most were copied; of a running task those before its middle, then some at work, then those that wait. */
const STATUS = `
case
  when kind in ('running', 'large') then case when g < size * 2 / 5 then 'copied' when g < size * 2 / 5 + 8 then 'running' else 'pending' end
  when kind = 'ended' then case when g % 20 = 7 then 'failed' when g % 20 < 3 then 'up-to-date' else 'copied' end
  when status = 'stopped' then 'stopped'
  when status in ('partial', 'failed') and g % 6 = 1 then 'failed'
  when g % 4 = 0 then 'copied' else 'up-to-date' end`;

const FAILURE = `
jsonb_build_object('code', (array['DENIED', 'TIMEOUT', 'NO_SPACE', 'UNKNOWN'])[g % 4 + 1], 'side', (array['source', 'target'])[g % 2 + 1],
  'httpStatus', (array[403, 503, 507, 500])[g % 4 + 1], 'registryMessage', 'the registry refused this request', 'request', null, 'digest', null)`;

const TRANSFERS = `
insert into transfers (id, task_id, rule_target_id, target_instance_id, repository, tag, target_repository, slice, digest, media_type, status,
  reason, failure, attempts, size_bytes, bytes_copied, bytes_skipped, started_at, ended_at, updated_at)
select pg_temp.id(began + interval '1 second' + g * interval '500 microseconds', row_number() over (order by number, g)), id,
  (target ->> 'ruleTargetId')::uuid, (target ->> 'instanceId')::uuid, repository, tag, repository, g / 1000, pg_temp.digest(repository || tag),
  'application/vnd.oci.image.index.v1+json', status, case when status = 'failed' then (${FAILURE}) ->> 'code' end,
  case when status = 'failed' then ${FAILURE} end, (status not in ('pending', 'stopped'))::int,
  bytes, case when status = 'copied' then bytes else 0 end, case when status = 'up-to-date' then bytes else 0 end,
  case when status not in ('pending', 'stopped') then began + interval '2 seconds' end,
  case when status not in ('pending', 'running', 'stopped') then began + interval '30 seconds' end, began + interval '30 seconds'
from (
  select p.id, p.number, p.began, g, s.snapshot -> 'targets' -> (g % jsonb_array_length(s.snapshot -> 'targets')) as target, ${STATUS} as status,
    (s.snapshot ->> 'sourceNamespace') || '/app-' || p.rule || '-' || (array['api', 'web', 'worker', 'jobs'])[g % 4 + 1] || '-' || g / 500 as repository,
    'v1.' || g % 500 / 10 || '.' || g as tag, 1048576 * (8 + g % 400)::bigint as bytes
  from planned p join snapshots s on s.n = p.rule cross join lateral generate_series(0, p.size - 1) g
  offset 0
) t order by number, g`;

/** A million rows are sorted into an index faster than put into it one by one. What a constraint rests on stays. */
const WITHOUT_INDEXES = `
create temp table put_off as select indexname, indexdef from pg_indexes
where tablename = 'transfers' and indexname not in (select conname from pg_constraint);
do $$ declare each record; begin
  for each in select * from put_off loop execute format('drop index %I', each.indexname); end loop;
end $$`;

const WITH_INDEXES = `
do $$ declare each record; begin
  for each in select * from put_off loop execute each.indexdef; end loop;
end $$`;

const COUNTERS = `
update tasks t set transfers_total = c.total, transfers_running = c.running, transfers_copied = c.copied, transfers_up_to_date = c.up_to_date,
  transfers_failed = c.failed, transfers_stopped = c.stopped, bytes_total = c.bytes, bytes_copied = c.bytes_copied, bytes_skipped = c.bytes_skipped
from (
  select task_id, count(*) as total, count(*) filter (where status = 'running') as running, count(*) filter (where status = 'copied') as copied,
    count(*) filter (where status = 'up-to-date') as up_to_date, count(*) filter (where status = 'failed') as failed,
    count(*) filter (where status = 'stopped') as stopped, sum(size_bytes) as bytes, sum(bytes_copied) as bytes_copied,
    sum(bytes_skipped) as bytes_skipped
  from transfers group by task_id) c where c.task_id = t.id;
update instances i set task_counter = ${SIZE.tasks} where i.id = (select id from instances order by id limit 1)`;

const SAMPLES = `
insert into task_samples (task_id, at, bytes_copied, settled)
select p.id, p.began + k * interval '10 seconds', k * 40000000::bigint, k * 3
from planned p cross join generate_series(1, 110) k where p.kind in ('running', 'large', 'ended')`;

const RESULTS = `
insert into target_results (rule_target_id, task_id, status, ended_at, copied, succeeded_at, whole_at)
select rt.id, t.id, 'succeeded', t.ended_at, 4, t.ended_at, t.ended_at
from rule_targets rt cross join lateral (
  select id, ended_at from tasks where rule_id = rt.rule_id and status = 'succeeded' order by id desc limit 1) t`;
