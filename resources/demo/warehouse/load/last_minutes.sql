-- application: wms-api
-- every: 500 ms
SELECT zone_id, traffic_light, risk_score, event_time
FROM public.ergonomic_snapshots
WHERE warehouse_id = 'wh-001' AND event_time > now()::timestamp - interval '5 minutes' AND event_time <= now()::timestamp
ORDER BY event_time DESC
LIMIT 50
