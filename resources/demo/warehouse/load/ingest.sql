-- application: warehouse-ingest
-- every: 200 ms
INSERT INTO public.ergonomic_snapshots (id, warehouse_id, zone_id, worker_id, posture_type, traffic_light, risk_score, duration_ms, event_time)
SELECT md5(random()::text)::uuid::text, 'wh-' || to_char(1 + zone / 8, 'FM000'), 'zn-' || to_char(1 + zone, 'FM000'),
       'wk-' || to_char(1 + (random() * 239)::integer, 'FM0000'),
       (ARRAY['neutral', 'bent_back', 'overhead_reach', 'twist', 'kneel', 'one_hand_lift'])[1 + (power(random(), 2) * 5.9)::integer % 6],
       (CASE WHEN risk > 0.82 THEN 'red' WHEN risk > 0.55 THEN 'yellow' ELSE 'green' END)::public.traffic_light,
       risk, 400 + (random() * 9000)::integer, now()::timestamp - random() * interval '3 seconds'
FROM (SELECT (power(random(), 1.3) * 31.9)::integer % 32 AS zone, random() AS risk FROM generate_series(1, 4)) AS s
