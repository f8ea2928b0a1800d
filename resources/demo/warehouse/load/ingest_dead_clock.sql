-- application: warehouse-ingest
-- every: 30 s
INSERT INTO public.ergonomic_snapshots (id, warehouse_id, zone_id, posture_type, traffic_light, risk_score, duration_ms, event_time)
SELECT md5(random()::text)::uuid::text, 'wh-003', 'zn-017', 'neutral', 'green', random() / 2, 1000, timestamp '2020-01-01' + random() * interval '1 day'
