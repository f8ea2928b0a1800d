-- application: relisten-importer
-- every: 3 s
UPDATE public.sources SET num_reviews = num_reviews + 1, updated_at = now()
WHERE id = (SELECT 1 + (random() * 1599)::integer)
