-- application: materialized-views.service
-- every: 3 min
REFRESH MATERIALIZED VIEW CONCURRENTLY public.posture_type_counts
