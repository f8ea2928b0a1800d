-- application: wms-api
-- every: 700 ms
UPDATE public.workers SET last_seen_at = now()::timestamp
WHERE id = (SELECT 'wk-' || to_char(1 + (random() * 239)::integer, 'FM0000'))
