-- what: demo.rows snapshots over demo.days daily partitions, denser towards now; a gap and a short runway on purpose
SET search_path = public;
SELECT setseed(0.001);

INSERT INTO warehouses (id, name, timezone, retention_days, created_at)
SELECT 'wh-' || to_char(n, 'FM000'), (ARRAY['Hamar DC', 'Lyon Nord', 'Gdansk Port', 'Leipzig Hub'])[n],
       (ARRAY['Europe/Oslo', 'Europe/Paris', 'Europe/Warsaw', 'Europe/Berlin'])[n], (ARRAY[90, 60, 30, 180])[n], now() - interval '2 years'
FROM generate_series(1, 4) AS n;

INSERT INTO zones (id, warehouse_id, name, zone_type)
SELECT 'zn-' || to_char(n, 'FM000'), 'wh-' || to_char(1 + (n - 1) / 8, 'FM000'),
       (ARRAY['Inbound', 'Outbound', 'Packing', 'Picking A', 'Picking B', 'Returns', 'Freezer', 'Pallets'])[1 + (n - 1) % 8],
       (ARRAY['dock', 'dock', 'bench', 'aisle', 'aisle', 'bench', 'cold', 'rack'])[1 + (n - 1) % 8]
FROM generate_series(1, 32) AS n;

INSERT INTO workers (id, warehouse_id, badge_code, shift_code, last_seen_at)
SELECT 'wk-' || to_char(n, 'FM0000'), 'wh-' || to_char(1 + n % 4, 'FM000'), 'B' || to_char(n * 37 % 10000, 'FM0000'),
       (ARRAY['morning', 'evening', 'night'])[1 + n % 3], now() - random() * interval '2 days'
FROM generate_series(1, 240) AS n;

-- Premade: today, two days ahead, then a hole, then the last one.
SELECT create_ergonomic_snapshot_partition(current_date - n) FROM generate_series(0, current_setting('demo.days')::integer) AS n;
SELECT create_ergonomic_snapshot_partition(current_date + n) FROM unnest(ARRAY[1, 2, 4]) AS n;

INSERT INTO ergonomic_snapshots (id, warehouse_id, zone_id, worker_id, posture_type, traffic_light, risk_score, duration_ms, event_time, ingest_time)
SELECT md5(random()::text)::uuid::text, 'wh-' || to_char(1 + zone / 8, 'FM000'), 'zn-' || to_char(1 + zone, 'FM000'),
       'wk-' || to_char(1 + (random() * 239)::integer, 'FM0000'),
       (ARRAY['neutral', 'bent_back', 'overhead_reach', 'twist', 'kneel', 'one_hand_lift'])[1 + (power(random(), 2) * 5.99)::integer % 6],
       (CASE WHEN risk > 0.82 THEN 'red' WHEN risk > 0.55 THEN 'yellow' ELSE 'green' END)::traffic_light,
       risk, 400 + (random() * 9000)::integer, event_time, event_time + random() * interval '4 seconds'
FROM (SELECT (power(random(), 1.3) * 31.99)::integer % 32 AS zone, random() AS risk,
             now()::timestamp - power(random(), 3) * (current_setting('demo.days') || ' days')::interval AS event_time
      FROM generate_series(1, current_setting('demo.rows')::integer)) AS s;

-- Scanners with a dead clock battery report years ago; their rows have nowhere else to go than the default partition.
INSERT INTO ergonomic_snapshots (id, warehouse_id, zone_id, posture_type, traffic_light, risk_score, duration_ms, event_time, ingest_time)
SELECT md5(random()::text)::uuid::text, 'wh-003', 'zn-017', 'neutral', 'green', random() / 2, 1000,
       timestamp '2020-01-01' + random() * interval '1 day', now() - random() * interval '20 days'
FROM generate_series(1, 180);

INSERT INTO shift_snapshots (id, warehouse_id, shift_code, bucket_start, green_count, yellow_count, red_count, avg_risk_score, event_time, ingest_time)
SELECT md5(random()::text)::uuid::text, warehouse_id,
       (ARRAY['night', 'morning', 'evening'])[1 + extract(hour FROM bucket)::integer / 8], bucket,
       count(*) FILTER (WHERE traffic_light = 'green'), count(*) FILTER (WHERE traffic_light = 'yellow'),
       count(*) FILTER (WHERE traffic_light = 'red'), avg(risk_score), bucket, bucket + interval '1 hour 20 seconds'
FROM (SELECT *, date_trunc('hour', event_time) AS bucket FROM ergonomic_snapshots WHERE event_time > '2021-01-01') AS s
GROUP BY warehouse_id, bucket;
