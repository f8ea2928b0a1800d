-- application: statbus-import
-- every: 4 s
INSERT INTO public.location (valid_after, type, region_id, establishment_id)
SELECT current_date - 1, 'postal', 1 + (random() * 9)::integer, 1 + (random() * 2999)::integer
