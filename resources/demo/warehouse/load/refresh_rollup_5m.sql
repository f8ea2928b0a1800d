-- application: materialized-views.service
-- every: 45 s
-- kind: refresh
REFRESH MATERIALIZED VIEW CONCURRENTLY public.rollup_5m
