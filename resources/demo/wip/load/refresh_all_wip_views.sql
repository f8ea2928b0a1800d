-- application: wip-scheduler
-- every: 45 s
SELECT public.refresh_all_wip_views()
