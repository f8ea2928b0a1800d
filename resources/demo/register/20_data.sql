-- what: demo.rows establishments, a third as many legal units, a quarter as many enterprises, over the last eight years
SET search_path = public;
SELECT setseed(0.000);

INSERT INTO region (id, code, name)
SELECT n, to_char(n, 'FM00'), (ARRAY['Oslo', 'Rogaland', 'Nordland', 'Viken', 'Innlandet', 'Agder', 'Vestland', 'Troms', 'Finnmark', 'Telemark'])[n]
FROM generate_series(1, 10) AS n;

INSERT INTO activity_category (id, code, name)
SELECT n, (ARRAY['A', 'C', 'F', 'G', 'H', 'I', 'J', 'M', 'Q', 'S'])[1 + (n - 1) / 4] || '.' || to_char(n, 'FM00'),
       (ARRAY['Agriculture', 'Manufacturing', 'Construction', 'Trade', 'Transport', 'Accommodation', 'Information', 'Professional services', 'Health', 'Other services'])[1 + (n - 1) / 4]
FROM generate_series(1, 40) AS n;

INSERT INTO enterprise (id, short_name, edit_at)
SELECT n, 'Enterprise ' || n, now() - random() * interval '400 days'
FROM generate_series(1, current_setting('demo.rows')::integer / 4) AS n;

-- Every third unit changed its name once, so it has two periods that meet.
INSERT INTO legal_unit (id, valid_after, valid_to, name, tax_ident, birth_date, death_date, enterprise_id, primary_for_enterprise, edit_at)
SELECT u.n, p.valid_after, p.valid_to,
       (ARRAY['Nordlys', 'Fjord', 'Havn', 'Skog', 'Brua', 'Granitt', 'Tind', 'Vidde'])[1 + u.n % 8] || ' ' || u.n || p.suffix,
       to_char(900000000 + u.n, 'FM000000000'), u.born + 1, CASE WHEN u.died < 'infinity' THEN u.died END,
       1 + (u.n - 1) % (current_setting('demo.rows')::integer / 4),
       u.n <= current_setting('demo.rows')::integer / 4, now() - random() * interval '300 days'
FROM (SELECT n, current_date - 300 - (random() * 2600)::integer AS born,
             CASE WHEN random() < 0.08 THEN current_date - 1 - (random() * 290)::integer ELSE 'infinity'::date END AS died
      FROM generate_series(1, current_setting('demo.rows')::integer / 3) AS n) AS u
CROSS JOIN LATERAL (
    SELECT u.born AS valid_after, CASE WHEN u.n % 3 = 0 THEN current_date - 299 ELSE u.died END AS valid_to, ' AS' AS suffix
    UNION ALL
    SELECT current_date - 299, u.died, ' Gruppen AS' WHERE u.n % 3 = 0 AND u.died > current_date - 299) AS p
WHERE p.valid_after < p.valid_to;

-- An establishment lives within the life of its legal unit.
INSERT INTO establishment (id, valid_after, valid_to, name, birth_date, death_date, legal_unit_id, primary_for_legal_unit, edit_at)
SELECT e.n, greatest(e.born, l.born), least(e.died, l.died), l.name || ' avd. ' || e.n, greatest(e.born, l.born) + 1,
       CASE WHEN least(e.died, l.died) < 'infinity' THEN least(e.died, l.died) END,
       l.id, e.n <= current_setting('demo.rows')::integer / 3, now() - random() * interval '300 days'
FROM (SELECT n, 1 + (n - 1) % (current_setting('demo.rows')::integer / 3) AS legal_unit_id,
             current_date - 100 - (random() * 2800)::integer AS born,
             CASE WHEN random() < 0.1 THEN current_date - 1 - (random() * 90)::integer ELSE 'infinity'::date END AS died
      FROM generate_series(1, current_setting('demo.rows')::integer) AS n) AS e
JOIN (SELECT id, min(name) AS name, min(valid_after) AS born, max(valid_to) AS died FROM legal_unit GROUP BY id) AS l
  ON l.id = e.legal_unit_id
WHERE greatest(e.born, l.born) < least(e.died, l.died);

INSERT INTO activity (valid_after, valid_to, type, category_id, establishment_id, edit_at)
SELECT valid_after, valid_to, 'primary', 1 + (id * 7 + (random() * 6)::integer) % 40, id, edit_at FROM establishment;
INSERT INTO activity (valid_after, valid_to, type, category_id, establishment_id, edit_at)
SELECT valid_after, valid_to, 'secondary', 1 + (id * 11) % 40, id, edit_at FROM establishment WHERE id % 5 = 0;
INSERT INTO activity (valid_after, valid_to, type, category_id, legal_unit_id, edit_at)
SELECT valid_after, valid_to, 'primary', 1 + (id * 7) % 40, id, edit_at FROM legal_unit;

INSERT INTO location (valid_after, valid_to, type, region_id, establishment_id, edit_at)
SELECT valid_after, valid_to, 'physical', 1 + (power(random(), 2) * 9)::integer, id, edit_at FROM establishment;
INSERT INTO location (valid_after, valid_to, type, region_id, legal_unit_id, edit_at)
SELECT valid_after, valid_to, 'physical', 1 + (power(random(), 2) * 9)::integer, id, edit_at FROM legal_unit;

-- Employees are counted anew each year, so the timelines get their segments.
INSERT INTO stat_for_unit (stat_code, valid_after, valid_to, establishment_id, value, edit_at)
SELECT code, greatest(e.valid_after, year_start - 1), least(e.valid_to, (year_start + interval '1 year')::date - 1), e.id,
       CASE code WHEN 'employees' THEN 1 + (power(random(), 4) * 400)::bigint ELSE (power(random(), 3) * 9e6)::bigint END,
       year_start + interval '60 days'
FROM establishment AS e
CROSS JOIN LATERAL (
    SELECT d::date AS year_start
    FROM generate_series(date_trunc('year', greatest(e.valid_after, current_date - 900)), current_date, interval '1 year') AS d) AS y
CROSS JOIN (VALUES ('employees'), ('turnover')) AS c (code)
WHERE greatest(e.valid_after, year_start - 1) < least(e.valid_to, (year_start + interval '1 year')::date - 1);

CREATE INDEX legal_unit_enterprise_id_idx ON legal_unit (enterprise_id);
CREATE INDEX legal_unit_validity_idx ON legal_unit USING gist (daterange(valid_after, valid_to, '(]'));
CREATE INDEX establishment_legal_unit_id_idx ON establishment (legal_unit_id);
CREATE INDEX establishment_enterprise_id_idx ON establishment (enterprise_id);
CREATE INDEX establishment_validity_idx ON establishment USING gist (daterange(valid_after, valid_to, '(]'));
CREATE INDEX activity_establishment_id_idx ON activity (establishment_id);
CREATE INDEX activity_legal_unit_id_idx ON activity (legal_unit_id);
CREATE INDEX location_establishment_id_idx ON location (establishment_id);
CREATE INDEX location_legal_unit_id_idx ON location (legal_unit_id);
CREATE INDEX stat_for_unit_establishment_id_idx ON stat_for_unit (establishment_id);
