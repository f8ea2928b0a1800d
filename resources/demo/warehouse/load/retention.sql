-- application: data-retention.job
-- every: 1 min
SELECT public.delete_expired_snapshots(200)
