-- application: statbus-web
-- every: 900 ms
SELECT unit_type, unit_id, name, valid_from, valid_to
FROM public.statistical_unit
WHERE search @@ to_tsquery('simple', (ARRAY['nordlys', 'fjord', 'havn', 'skog'])[1 + (random() * 3)::integer])
  AND daterange(valid_after, valid_to, '(]') @> current_date
LIMIT 20
