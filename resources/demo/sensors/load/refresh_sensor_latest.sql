-- application: silver-jobs
-- every: 45 s
-- kind: refresh
REFRESH MATERIALIZED VIEW CONCURRENTLY silver.sensor_latest
