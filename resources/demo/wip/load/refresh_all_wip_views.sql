-- application: wip-scheduler
-- every: 45 s
-- kind: refresh
SELECT public.refresh_all_wip_views()
