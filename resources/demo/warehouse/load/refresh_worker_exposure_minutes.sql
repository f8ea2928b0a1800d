-- application: materialized-views.service
-- every: 3 min
-- kind: refresh
REFRESH MATERIALIZED VIEW CONCURRENTLY public.worker_exposure_minutes
