-- application: materialized-views.service
-- every: 10 s
REFRESH MATERIALIZED VIEW CONCURRENTLY public.rollup_1m
