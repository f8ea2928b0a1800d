-- application: statbus-web
-- every: 1 s
UPDATE public.establishment SET name = regexp_replace(name, '( \*)?$', CASE WHEN random() < 0.5 THEN ' *' ELSE '' END), edit_at = now()
WHERE id = (SELECT 1 + (random() * 2999)::integer)
