-- application: wip-dashboard
-- every: 2 s
SELECT process_code, queued_count, passed_24h, failed_24h FROM public.mv_process_wip_queue ORDER BY process_number
