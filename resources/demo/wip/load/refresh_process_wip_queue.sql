-- application: wip-scheduler
-- every: 10 s
SELECT public.refresh_process_wip_queue()
