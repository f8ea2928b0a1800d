-- application: wip-scheduler
-- every: 10 s
-- kind: refresh
SELECT public.refresh_process_wip_queue()
