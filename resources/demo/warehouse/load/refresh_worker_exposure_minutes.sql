-- application: materialized-views.service
-- every: 3 min
REFRESH MATERIALIZED VIEW CONCURRENTLY public.worker_exposure_minutes
