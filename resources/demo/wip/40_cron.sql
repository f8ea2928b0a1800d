-- what: the jobs of pg_cron; the export's function went away in a release, its job stayed
-- requires: extension pg_cron
SELECT cron.schedule('refresh-wip-views', '*/2 6-22 * * *', 'SELECT refresh_all_wip_views();');
SELECT cron.schedule('refresh-process-queue', '* * * * *', 'SELECT refresh_process_wip_queue();');
SELECT cron.schedule('export-wip-to-erp', '* * * * *', 'SELECT export_wip_to_erp();');
SELECT cron.schedule('trim-job-history', '17 3 * * *', $$DELETE FROM cron.job_run_details WHERE end_time < now() - interval '7 days'$$);

-- Seconds are understood from pg_cron 1.5 on.
SELECT cron.schedule('refresh-process-queue-fast', '20 seconds', 'SELECT refresh_process_wip_queue();')
FROM pg_catalog.pg_extension
WHERE extname = 'pg_cron' AND string_to_array(split_part(extversion, '-', 1), '.')::integer[] >= ARRAY[1, 5];
