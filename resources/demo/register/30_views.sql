-- what: the chain timepoints -> timesegments -> timeline_establishment -> timeline_legal_unit -> timeline_enterprise
SET search_path = public;
ANALYZE;

-- Every date on which something about a unit, or about what belongs to it, begins or ends.
CREATE VIEW timepoints AS
WITH establishment_points AS MATERIALIZED (
    SELECT id AS unit_id, valid_after, valid_to FROM establishment
    UNION SELECT establishment_id, valid_after, valid_to FROM activity WHERE establishment_id IS NOT NULL
    UNION SELECT establishment_id, valid_after, valid_to FROM location WHERE establishment_id IS NOT NULL
    UNION SELECT establishment_id, valid_after, valid_to FROM stat_for_unit
    UNION SELECT e.id, greatest(e.valid_after, l.valid_after), least(e.valid_to, l.valid_to)
          FROM establishment AS e JOIN legal_unit AS l ON l.id = e.legal_unit_id
          WHERE e.valid_after < l.valid_to AND l.valid_after < e.valid_to
), legal_unit_points AS MATERIALIZED (
    SELECT id AS unit_id, valid_after, valid_to FROM legal_unit
    UNION SELECT legal_unit_id, valid_after, valid_to FROM activity WHERE legal_unit_id IS NOT NULL
    UNION SELECT legal_unit_id, valid_after, valid_to FROM location WHERE legal_unit_id IS NOT NULL
    UNION SELECT e.legal_unit_id, p.valid_after, p.valid_to
          FROM establishment AS e JOIN establishment_points AS p ON p.unit_id = e.id
          WHERE e.legal_unit_id IS NOT NULL
), enterprise_points AS (
    SELECT l.enterprise_id AS unit_id, p.valid_after, p.valid_to
    FROM legal_unit AS l JOIN legal_unit_points AS p ON p.unit_id = l.id
    UNION SELECT e.enterprise_id, p.valid_after, p.valid_to
          FROM establishment AS e JOIN establishment_points AS p ON p.unit_id = e.id
          WHERE e.enterprise_id IS NOT NULL
)
SELECT 'establishment'::statistical_unit_type AS unit_type, unit_id, timepoint
FROM (SELECT unit_id, valid_after AS timepoint FROM establishment_points UNION SELECT unit_id, valid_to FROM establishment_points) AS e
UNION ALL
SELECT 'legal_unit', unit_id, timepoint
FROM (SELECT unit_id, valid_after AS timepoint FROM legal_unit_points UNION SELECT unit_id, valid_to FROM legal_unit_points) AS l
UNION ALL
SELECT 'enterprise', unit_id, timepoint
FROM (SELECT unit_id, valid_after AS timepoint FROM enterprise_points UNION SELECT unit_id, valid_to FROM enterprise_points) AS en;

CREATE VIEW timesegments AS
SELECT unit_type, unit_id, valid_after, valid_to
FROM (SELECT unit_type, unit_id, timepoint AS valid_after,
             lead(timepoint) OVER (PARTITION BY unit_type, unit_id ORDER BY timepoint) AS valid_to
      FROM timepoints) AS s
WHERE valid_to IS NOT NULL;

CREATE VIEW timeline_establishment AS
SELECT t.unit_type, t.unit_id, t.valid_after, (t.valid_after + 1) AS valid_from, t.valid_to,
       e.name, e.birth_date, e.death_date,
       to_tsvector('simple'::regconfig, e.name) AS search,
       a.category_id AS primary_activity_category_id, ac.code AS primary_activity_category_code,
       lo.region_id AS physical_region_id, r.code AS physical_region_code,
       e.id AS establishment_id, e.legal_unit_id,
       COALESCE(e.enterprise_id, l.enterprise_id) AS enterprise_id,
       s.employees, s.turnover
FROM timesegments AS t
JOIN establishment AS e
  ON e.id = t.unit_id AND e.valid_after < t.valid_to AND t.valid_after < e.valid_to
LEFT JOIN activity AS a
  ON a.establishment_id = e.id AND a.type = 'primary'
     AND daterange(a.valid_after, a.valid_to, '(]') && daterange(t.valid_after, t.valid_to, '(]')
LEFT JOIN activity_category AS ac ON ac.id = a.category_id
LEFT JOIN location AS lo
  ON lo.establishment_id = e.id AND lo.type = 'physical'
     AND daterange(lo.valid_after, lo.valid_to, '(]') && daterange(t.valid_after, t.valid_to, '(]')
LEFT JOIN region AS r ON r.id = lo.region_id
LEFT JOIN legal_unit AS l
  ON l.id = e.legal_unit_id AND daterange(l.valid_after, l.valid_to, '(]') && daterange(t.valid_after, t.valid_to, '(]')
LEFT JOIN (
    SELECT establishment_id, valid_after, valid_to,
           max(value) FILTER (WHERE stat_code = 'employees') AS employees,
           max(value) FILTER (WHERE stat_code = 'turnover') AS turnover
    FROM stat_for_unit
    GROUP BY establishment_id, valid_after, valid_to) AS s
  ON s.establishment_id = e.id AND daterange(s.valid_after, s.valid_to, '(]') && daterange(t.valid_after, t.valid_to, '(]')
WHERE t.unit_type = 'establishment';

CREATE VIEW timeline_legal_unit AS
WITH aggregated AS MATERIALIZED (
    SELECT s.unit_id, s.valid_after, count(DISTINCT e.establishment_id) AS establishment_count,
           sum(e.employees)::bigint AS employees, sum(e.turnover)::bigint AS turnover
    FROM timesegments AS s
    JOIN timeline_establishment AS e
      ON e.legal_unit_id = s.unit_id AND e.valid_after < s.valid_to AND s.valid_after < e.valid_to
    WHERE s.unit_type = 'legal_unit'
    GROUP BY s.unit_id, s.valid_after
)
SELECT t.unit_type, t.unit_id, t.valid_after, (t.valid_after + 1) AS valid_from, t.valid_to,
       l.name, l.birth_date, l.death_date,
       to_tsvector('simple'::regconfig, l.name) AS search,
       a.category_id AS primary_activity_category_id, ac.code AS primary_activity_category_code,
       lo.region_id AS physical_region_id, r.code AS physical_region_code,
       l.tax_ident, l.id AS legal_unit_id, l.enterprise_id, l.primary_for_enterprise,
       COALESCE(e.establishment_count, 0) AS establishment_count, e.employees, e.turnover
FROM timesegments AS t
JOIN legal_unit AS l
  ON l.id = t.unit_id AND l.valid_after < t.valid_to AND t.valid_after < l.valid_to
LEFT JOIN activity AS a
  ON a.legal_unit_id = l.id AND a.type = 'primary'
     AND daterange(a.valid_after, a.valid_to, '(]') && daterange(t.valid_after, t.valid_to, '(]')
LEFT JOIN activity_category AS ac ON ac.id = a.category_id
LEFT JOIN location AS lo
  ON lo.legal_unit_id = l.id AND lo.type = 'physical'
     AND daterange(lo.valid_after, lo.valid_to, '(]') && daterange(t.valid_after, t.valid_to, '(]')
LEFT JOIN region AS r ON r.id = lo.region_id
LEFT JOIN aggregated AS e
  ON e.unit_id = t.unit_id AND e.valid_after = t.valid_after
WHERE t.unit_type = 'legal_unit';

CREATE VIEW timeline_enterprise AS
WITH legal_units AS MATERIALIZED (
    SELECT * FROM timeline_legal_unit
), aggregated AS MATERIALIZED (
    SELECT s.unit_id, s.valid_after, count(DISTINCT l.legal_unit_id) AS legal_unit_count,
           sum(l.establishment_count) AS establishment_count,
           sum(l.employees)::bigint AS employees, sum(l.turnover)::bigint AS turnover
    FROM timesegments AS s
    JOIN legal_units AS l
      ON l.enterprise_id = s.unit_id AND l.valid_after < s.valid_to AND s.valid_after < l.valid_to
    WHERE s.unit_type = 'enterprise'
    GROUP BY s.unit_id, s.valid_after
)
SELECT t.unit_type, t.unit_id, t.valid_after, (t.valid_after + 1) AS valid_from, t.valid_to,
       COALESCE(p.name, en.short_name) AS name, p.birth_date, p.death_date,
       to_tsvector('simple'::regconfig, COALESCE(p.name, en.short_name)) AS search,
       p.primary_activity_category_id, p.primary_activity_category_code, p.physical_region_id, p.physical_region_code,
       en.id AS enterprise_id, p.legal_unit_id AS primary_legal_unit_id,
       COALESCE(l.legal_unit_count, 0) AS legal_unit_count, COALESCE(l.establishment_count, 0)::bigint AS establishment_count,
       l.employees, l.turnover
FROM timesegments AS t
JOIN enterprise AS en ON en.id = t.unit_id
LEFT JOIN aggregated AS l
  ON l.unit_id = t.unit_id AND l.valid_after = t.valid_after
LEFT JOIN legal_units AS p
  ON p.enterprise_id = en.id AND p.primary_for_enterprise
     AND daterange(p.valid_after, p.valid_to, '(]') && daterange(t.valid_after, t.valid_to, '(]')
WHERE t.unit_type = 'enterprise';
