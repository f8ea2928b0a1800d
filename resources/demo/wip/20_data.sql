-- what: demo.rows items in lots of 100 over the last four months; only the youngest lots are still open
SET search_path = public;
SELECT setseed(0.004);

INSERT INTO processes (process_number, process_code, process_name, estimated_duration_seconds)
SELECT n, 'PROC-' || to_char(n, 'FM000'),
       (ARRAY['Laser marking', 'LMA assembly', 'Sensor inspection', 'Firmware upload', 'Robot assembly', 'Performance test', 'Label printing', 'Packaging and visual inspection'])[n],
       (ARRAY[60, 180, 120, 300, 240, 420, 30, 90])[n]
FROM generate_series(1, 8) AS n;

INSERT INTO lots (lot_number, product_code, target_quantity, status, created_at, closed_at)
SELECT 'LOT-' || to_char(started, 'YYMMDD') || '-' || to_char(n, 'FM0000'), (ARRAY['PSA10', 'PSA20', 'WF-KR'])[1 + n % 3], 100,
       CASE WHEN place > 0.97 THEN 'CREATED' WHEN place > 0.85 THEN 'IN_PROGRESS' WHEN place > 0.5 THEN 'COMPLETED' ELSE 'CLOSED' END,
       started, CASE WHEN place <= 0.5 THEN started + interval '3 days' END
FROM (SELECT n, n::double precision / (current_setting('demo.rows')::integer / 100) AS place,
             now() - interval '120 days' * (1 - n::double precision / (current_setting('demo.rows')::integer / 100)) AS started
      FROM generate_series(1, current_setting('demo.rows')::integer / 100) AS n) AS l;

INSERT INTO wip_items (wip_id, lot_id, sequence_in_lot, status, current_process_id, created_at, updated_at)
SELECT 'WIP-' || l.id || '-' || to_char(n, 'FM000'), l.id, n, i.status,
       CASE WHEN i.status IN ('IN_PROGRESS', 'FAILED') THEN 1 + (random() * 7)::integer END,
       l.created_at + n * interval '1 minute', least(now(), l.created_at + n * interval '3 minutes' + random() * interval '2 days')
FROM lots AS l
CROSS JOIN generate_series(1, 100) AS n
CROSS JOIN LATERAL (
    SELECT CASE WHEN l.status = 'CREATED' THEN 'CREATED'
                WHEN random() < 0.04 THEN 'FAILED'
                WHEN l.status = 'IN_PROGRESS' THEN CASE WHEN random() < 0.4 THEN 'COMPLETED' ELSE 'IN_PROGRESS' END
                WHEN l.status = 'COMPLETED' THEN 'COMPLETED'
                ELSE 'CONVERTED' END AS status) AS i;

INSERT INTO wip_process_history (wip_item_id, process_id, operator_id, result, started_at, completed_at, duration_seconds)
SELECT i.id, p.id, 1 + (random() * 24)::integer, CASE WHEN i.status = 'FAILED' AND p.id = COALESCE(i.current_process_id, 8) THEN 'FAIL' ELSE 'PASS' END,
       i.created_at + p.id * interval '12 minutes', i.created_at + p.id * interval '12 minutes' + d.seconds * interval '1 second', d.seconds
FROM wip_items AS i
JOIN processes AS p ON p.id <= COALESCE(i.current_process_id, 8)
CROSS JOIN LATERAL (SELECT (p.estimated_duration_seconds * (0.7 + random() * 0.8))::integer AS seconds) AS d
WHERE i.status <> 'CREATED';

CREATE INDEX idx_wip_items_lot_id ON wip_items (lot_id);
CREATE INDEX idx_wip_items_current_process ON wip_items (current_process_id) WHERE status = 'IN_PROGRESS';
CREATE INDEX idx_wip_items_waiting ON wip_items (updated_at) WHERE status = 'IN_PROGRESS';
CREATE INDEX idx_wip_process_history_item ON wip_process_history (wip_item_id);
CREATE INDEX idx_wip_process_history_process ON wip_process_history (process_id, started_at DESC);
ANALYZE;
