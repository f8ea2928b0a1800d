-- what: the two WIP views with their unique indexes, and the functions that refresh them
SET search_path = public;

CREATE MATERIALIZED VIEW mv_wip_status_dashboard AS
SELECT l.id AS lot_id, l.lot_number, l.product_code, l.status AS lot_status, l.target_quantity,
       count(i.id) AS total_wip,
       count(*) FILTER (WHERE i.status = 'CREATED') AS created_count,
       count(*) FILTER (WHERE i.status = 'IN_PROGRESS') AS in_progress_count,
       count(*) FILTER (WHERE i.status = 'COMPLETED') AS completed_count,
       count(*) FILTER (WHERE i.status = 'FAILED') AS failed_count,
       count(*) FILTER (WHERE i.status = 'CONVERTED') AS converted_count,
       round(100.0 * count(*) FILTER (WHERE i.status IN ('COMPLETED', 'CONVERTED')) / nullif(l.target_quantity, 0), 2) AS completion_percent,
       max(i.updated_at) AS last_activity_at,
       now() AS last_refreshed_at
FROM lots AS l
LEFT JOIN wip_items AS i ON i.lot_id = l.id
GROUP BY l.id;
CREATE UNIQUE INDEX idx_mv_wip_status_dashboard_lot ON mv_wip_status_dashboard (lot_id);

CREATE MATERIALIZED VIEW mv_process_wip_queue AS
SELECT p.id AS process_id, p.process_number, p.process_code, p.process_name,
       COALESCE(q.queued, 0) AS queued_count, q.oldest_waiting_since,
       COALESCE(h.passed_24h, 0) AS passed_24h, COALESCE(h.failed_24h, 0) AS failed_24h, h.avg_duration_seconds,
       now() AS last_refreshed_at
FROM processes AS p
LEFT JOIN (
    SELECT current_process_id, count(*) AS queued, min(updated_at) AS oldest_waiting_since
    FROM wip_items WHERE status = 'IN_PROGRESS' GROUP BY current_process_id) AS q ON q.current_process_id = p.id
LEFT JOIN (
    SELECT process_id, count(*) FILTER (WHERE result = 'PASS') AS passed_24h, count(*) FILTER (WHERE result = 'FAIL') AS failed_24h,
           round(avg(duration_seconds), 1) AS avg_duration_seconds
    FROM wip_process_history WHERE started_at >= now() - interval '24 hours' GROUP BY process_id) AS h ON h.process_id = p.id
WHERE p.is_active;
CREATE UNIQUE INDEX idx_mv_process_wip_queue_process ON mv_process_wip_queue (process_id);

CREATE FUNCTION refresh_process_wip_queue() RETURNS void
LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
    REFRESH MATERIALIZED VIEW CONCURRENTLY mv_process_wip_queue;
END $$;

CREATE FUNCTION refresh_all_wip_views() RETURNS void
LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
    REFRESH MATERIALIZED VIEW CONCURRENTLY mv_wip_status_dashboard;
    REFRESH MATERIALIZED VIEW CONCURRENTLY mv_process_wip_queue;
END $$;
ANALYZE mv_wip_status_dashboard, mv_process_wip_queue;
