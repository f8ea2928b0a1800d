-- application: data-retention.job
-- every: 1 min
-- kind: refresh
SELECT public.delete_expired_snapshots(200)
