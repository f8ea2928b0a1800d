-- what: the five rollup views; four may be refreshed CONCURRENTLY, top_red_zones has no unique index
SET search_path = public;

CREATE MATERIALIZED VIEW rollup_1m AS
SELECT warehouse_id, zone_id, date_trunc('minute', event_time) AS bucket_start, count(*) AS snapshots,
       count(*) FILTER (WHERE traffic_light = 'green') AS green_count,
       count(*) FILTER (WHERE traffic_light = 'yellow') AS yellow_count,
       count(*) FILTER (WHERE traffic_light = 'red') AS red_count,
       avg(risk_score) AS avg_risk_score, max(risk_score) AS max_risk_score
FROM ergonomic_snapshots
WHERE event_time >= now()::timestamp - interval '1 hour' AND event_time < now()::timestamp + interval '1 minute'
GROUP BY 1, 2, 3;
CREATE UNIQUE INDEX rollup_1m_key ON rollup_1m (warehouse_id, zone_id, bucket_start);

CREATE MATERIALIZED VIEW rollup_5m AS
SELECT warehouse_id, zone_id, date_trunc('hour', event_time) + floor(extract(minute FROM event_time) / 5) * interval '5 minutes' AS bucket_start, count(*) AS snapshots,
       count(*) FILTER (WHERE traffic_light = 'green') AS green_count,
       count(*) FILTER (WHERE traffic_light = 'yellow') AS yellow_count,
       count(*) FILTER (WHERE traffic_light = 'red') AS red_count,
       avg(risk_score) AS avg_risk_score, max(risk_score) AS max_risk_score
FROM ergonomic_snapshots
WHERE event_time >= now()::timestamp - interval '1 day' AND event_time < now()::timestamp + interval '1 minute'
GROUP BY 1, 2, 3;
CREATE UNIQUE INDEX rollup_5m_key ON rollup_5m (warehouse_id, zone_id, bucket_start);

CREATE MATERIALIZED VIEW top_red_zones AS
SELECT w.id AS warehouse_id, w.name AS warehouse_name, z.id AS zone_id, z.name AS zone_name, count(*) AS red_count,
       avg(s.risk_score) AS avg_risk_score, max(s.event_time) AS last_red_at
FROM ergonomic_snapshots AS s
JOIN zones AS z ON z.id = s.zone_id
JOIN warehouses AS w ON w.id = s.warehouse_id
WHERE s.traffic_light = 'red' AND s.event_time >= now()::timestamp - interval '1 day'
GROUP BY w.id, w.name, z.id, z.name;
CREATE INDEX top_red_zones_red_count_idx ON top_red_zones (warehouse_id, red_count DESC);

CREATE MATERIALIZED VIEW worker_exposure_minutes AS
SELECT s.warehouse_id, s.worker_id, k.shift_code, s.event_time::date AS day,
       sum(s.duration_ms) / 60000.0 AS exposure_minutes,
       COALESCE(sum(s.duration_ms) FILTER (WHERE s.traffic_light = 'red'), 0) / 60000.0 AS red_minutes
FROM ergonomic_snapshots AS s
JOIN workers AS k ON k.id = s.worker_id
WHERE s.event_time >= now()::timestamp - interval '7 days'
GROUP BY 1, 2, 3, 4;
CREATE UNIQUE INDEX worker_exposure_minutes_key ON worker_exposure_minutes (warehouse_id, worker_id, day);

CREATE MATERIALIZED VIEW posture_type_counts AS
SELECT warehouse_id, zone_id, posture_type, event_time::date AS day, count(*) AS snapshots, avg(risk_score) AS avg_risk_score
FROM ergonomic_snapshots
WHERE event_time >= now()::timestamp - interval '7 days'
GROUP BY 1, 2, 3, 4;
CREATE UNIQUE INDEX posture_type_counts_key ON posture_type_counts (warehouse_id, zone_id, posture_type, day);
ANALYZE rollup_1m, rollup_5m, top_red_zones, worker_exposure_minutes, posture_type_counts;
