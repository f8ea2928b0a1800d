-- application: materialized-views.service
-- every: 3 min
-- kind: refresh
REFRESH MATERIALIZED VIEW CONCURRENTLY public.posture_type_counts
