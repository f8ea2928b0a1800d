-- application: materialized-views.service
-- every: 10 s
-- kind: refresh
REFRESH MATERIALIZED VIEW CONCURRENTLY public.rollup_1m
