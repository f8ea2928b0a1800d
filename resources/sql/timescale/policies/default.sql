-- what: the policies of hypertables and continuous aggregates
-- columns: job_id int4, application_name text, proc_name name, schedule_interval text, scheduled bool, config text,
--   next_start timestamptz
-- cost: light
-- requires: extension timescaledb
SELECT j.job_id,
       j.application_name::text AS application_name,
       j.proc_name,
       j.schedule_interval::text AS schedule_interval,
       j.scheduled,
       j.config::text AS config,
       j.next_start
FROM timescaledb_information.jobs AS j
WHERE j.proc_name::text LIKE 'policy\_%'
