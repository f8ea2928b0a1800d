-- what: materialized views on top of the chain; one of them can no longer be refreshed, as happens in the field
SET search_path = public;

CREATE MATERIALIZED VIEW statistical_unit AS
SELECT unit_type, unit_id, valid_after, valid_from, valid_to, name, search,
       primary_activity_category_code, physical_region_code, employees, turnover
FROM timeline_establishment
UNION ALL
SELECT unit_type, unit_id, valid_after, valid_from, valid_to, name, search,
       primary_activity_category_code, physical_region_code, employees, turnover
FROM timeline_legal_unit
UNION ALL
SELECT unit_type, unit_id, valid_after, valid_from, valid_to, name, search,
       primary_activity_category_code, physical_region_code, employees, turnover
FROM timeline_enterprise;
CREATE UNIQUE INDEX statistical_unit_key ON statistical_unit (unit_type, unit_id, valid_after);
CREATE INDEX statistical_unit_search_idx ON statistical_unit USING gin (search);
CREATE INDEX statistical_unit_validity_idx ON statistical_unit USING gist (daterange(valid_after, valid_to, '(]'));

CREATE MATERIALIZED VIEW statistical_history AS
SELECT extract(year FROM m)::integer AS year, extract(month FROM m)::integer AS month, u.unit_type,
       count(*) AS count, sum(u.employees)::bigint AS employees, sum(u.turnover)::bigint AS turnover
FROM generate_series(date_trunc('month', now() - interval '24 months'), date_trunc('month', now()), interval '1 month') AS m
JOIN statistical_unit AS u ON daterange(u.valid_after, u.valid_to, '(]') @> m::date
GROUP BY 1, 2, 3;
CREATE UNIQUE INDEX statistical_history_key ON statistical_history (year, month, unit_type);

CREATE MATERIALIZED VIEW statistical_history_facet AS
SELECT extract(year FROM m)::integer AS year, u.unit_type, u.physical_region_code, u.primary_activity_category_code,
       count(*) AS count, sum(u.employees)::bigint AS employees
FROM generate_series(date_trunc('year', now() - interval '3 years'), date_trunc('year', now()), interval '1 year') AS m
JOIN statistical_unit AS u ON daterange(u.valid_after, u.valid_to, '(]') @> m::date
GROUP BY 1, 2, 3, 4;
CREATE INDEX statistical_history_facet_year_idx ON statistical_history_facet (year, unit_type);

CREATE MATERIALIZED VIEW tax_ident_lookup AS
SELECT tax_ident, id AS legal_unit_id, name
FROM legal_unit
WHERE daterange(valid_after, valid_to, '(]') @> current_date;
CREATE UNIQUE INDEX tax_ident_lookup_key ON tax_ident_lookup (tax_ident);

-- Two units were registered under one tax_ident later on: from now on REFRESH fails on the unique index.
INSERT INTO legal_unit (id, valid_after, name, tax_ident, birth_date, enterprise_id, primary_for_enterprise)
SELECT 1000000 + id, current_date - 3, name || ' Filial', tax_ident, current_date - 2, enterprise_id, false
FROM legal_unit
WHERE daterange(valid_after, valid_to, '(]') @> current_date
ORDER BY id
LIMIT 2;
ANALYZE;
