-- application: statbus-import
-- every: 700 ms
UPDATE public.stat_for_unit SET value = greatest(1, value + (random() * 6)::integer - 3), edit_at = now()
WHERE stat_code = 'employees' AND valid_to >= current_date AND establishment_id = (SELECT 1 + (random() * 2999)::integer)
