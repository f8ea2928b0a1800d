-- application: mes-api
-- every: 30 s
WITH lot AS (
    INSERT INTO public.lots (lot_number, product_code, target_quantity, status)
    SELECT 'LOT-' || to_char(clock_timestamp(), 'YYMMDD-HH24MISSMS'), 'PSA10', 20, 'IN_PROGRESS'
    RETURNING id
)
INSERT INTO public.wip_items (wip_id, lot_id, sequence_in_lot, status, current_process_id)
SELECT 'WIP-' || lot.id || '-' || to_char(n, 'FM000'), lot.id, n, 'IN_PROGRESS', 1
FROM lot CROSS JOIN generate_series(1, 12) AS n
