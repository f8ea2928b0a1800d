-- what: TimescaleDB's background jobs with their last run
-- columns: job_id int4, name text, schedule text, proc text, config text, owner text, is_scheduled bool,
--   hypertable text, aggregate_schema name, aggregate name, started_at timestamptz, finished_at timestamptz,
--   last_success_at timestamptz, last_status text, job_status text, next_start timestamptz, total_runs int8,
--   total_failures int8, error text
-- cost: light
-- requires: extension timescaledb
SELECT j.job_id, j.application_name::text AS name, j.schedule_interval::text AS schedule,
       j.proc_schema || '.' || j.proc_name AS proc, j.config::text AS config, j.owner::text AS owner,
       j.scheduled AS is_scheduled, j.hypertable_schema || '.' || j.hypertable_name AS hypertable,
       a.user_view_schema AS aggregate_schema, a.user_view_name AS aggregate,
       s.last_run_started_at AS started_at, s.last_run_started_at + s.last_run_duration AS finished_at,
       s.last_successful_finish AS last_success_at, s.last_run_status::text AS last_status,
       s.job_status::text AS job_status, coalesce(s.next_start, j.next_start) AS next_start,
       s.total_runs::int8 AS total_runs, s.total_failures::int8 AS total_failures,
       (SELECT e.err_message::text FROM timescaledb_information.job_errors AS e
        WHERE e.job_id = j.job_id ORDER BY e.start_time DESC LIMIT 1) AS error
FROM timescaledb_information.jobs AS j
LEFT JOIN timescaledb_information.job_stats AS s ON s.job_id = j.job_id
LEFT JOIN _timescaledb_catalog.continuous_agg AS a
    ON j.proc_name = 'policy_refresh_continuous_aggregate' AND a.mat_hypertable_id = (j.config->>'mat_hypertable_id')::int4
ORDER BY j.job_id
