-- application: silver-jobs
-- every: 45 s
REFRESH MATERIALIZED VIEW CONCURRENTLY silver.sensor_latest
