-- application: wms-dashboard
-- every: 2 s
SELECT bucket_start, sum(snapshots), sum(red_count)
FROM public.rollup_1m
WHERE warehouse_id = 'wh-002' AND bucket_start > now()::timestamp - interval '15 minutes'
GROUP BY bucket_start
ORDER BY bucket_start
