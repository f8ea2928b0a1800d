-- application: mes-api
-- every: 300 ms
WITH item AS (
    SELECT id, current_process_id FROM public.wip_items
    WHERE status = 'IN_PROGRESS' AND current_process_id IS NOT NULL
    ORDER BY updated_at LIMIT 1 FOR UPDATE SKIP LOCKED
), booked AS (
    INSERT INTO public.wip_process_history (wip_item_id, process_id, operator_id, result, started_at, completed_at, duration_seconds)
    SELECT id, current_process_id, 1 + (random() * 24)::integer, CASE WHEN random() < 0.04 THEN 'FAIL' ELSE 'PASS' END,
           now() - interval '90 seconds', now(), 90
    FROM item
    RETURNING wip_item_id, process_id, result
)
UPDATE public.wip_items AS i
SET status = CASE WHEN b.result = 'FAIL' THEN 'FAILED' WHEN b.process_id = 8 THEN 'COMPLETED' ELSE 'IN_PROGRESS' END,
    current_process_id = CASE WHEN b.process_id < 8 THEN b.process_id + 1 END, updated_at = now()
FROM booked AS b
WHERE i.id = b.wip_item_id
