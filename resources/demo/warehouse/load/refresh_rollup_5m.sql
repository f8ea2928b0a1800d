-- application: materialized-views.service
-- every: 45 s
REFRESH MATERIALIZED VIEW CONCURRENTLY public.rollup_5m
