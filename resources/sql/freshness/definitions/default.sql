-- what: functions in the definitions of views whose result or data no change counter tells of
-- columns: oid oid, time_functions text[], volatile_functions text[], reading_functions text[],
--   uncounted_relations text[], is_sampled bool, reads_enum bool, calls_functions bool
-- params: oid[]
-- cost: heavy
-- pg_depend knows no built-in functions, so the stored rule itself is read. Ops 0 to 8 of SQLValueFunction are
-- CURRENT_DATE to LOCALTIMESTAMP. Functions in SQL or a procedural language that are not immutable may read tables,
-- and so may stable ones of extensions in C (crosstab). uncounted_relations: catalogues and sequences. reads_enum: what it shows may
-- change with the labels of a type; calls_functions: or with another definition of a function.
SELECT r.ev_class AS oid,
       pg_catalog.array_agg(DISTINCT p.oid::pg_catalog.regprocedure::text)
           FILTER (WHERE p.oid IN ('pg_catalog.now()'::pg_catalog.regprocedure,
                                   'pg_catalog.transaction_timestamp()'::pg_catalog.regprocedure,
                                   'pg_catalog.statement_timestamp()'::pg_catalog.regprocedure,
                                   'pg_catalog.clock_timestamp()'::pg_catalog.regprocedure,
                                   'pg_catalog.timeofday()'::pg_catalog.regprocedure,
                                   'pg_catalog.age(timestamptz)'::pg_catalog.regprocedure,
                                   'pg_catalog.age(timestamp)'::pg_catalog.regprocedure))
           || CASE WHEN r.ev_action::text ~ '\{SQLVALUEFUNCTION :op [0-8] ' THEN '{CURRENT_TIMESTAMP}'::text[] END
           AS time_functions,
       pg_catalog.array_agg(DISTINCT p.oid::pg_catalog.regprocedure::text)
           FILTER (WHERE p.provolatile = 'v' AND l.lanname IN ('internal', 'c')
                     AND p.proname NOT IN ('clock_timestamp', 'timeofday')) AS volatile_functions,
       pg_catalog.array_agg(DISTINCT p.oid::pg_catalog.regprocedure::text)
           FILTER (WHERE (p.provolatile <> 'i' AND l.lanname NOT IN ('internal', 'c')
                          OR p.provolatile = 's' AND l.lanname = 'c'
                             AND p.pronamespace <> 'pg_catalog'::pg_catalog.regnamespace)
                     AND p.oid NOT IN ('pg_catalog.age(timestamptz)'::pg_catalog.regprocedure,
                                       'pg_catalog.age(timestamp)'::pg_catalog.regprocedure)) AS reading_functions,
       u.names AS uncounted_relations,
       r.ev_action::text ~ '\{TABLESAMPLECLAUSE' AS is_sampled,
       coalesce(pg_catalog.bool_or(x.is_read), false) AS reads_enum,
       coalesce(pg_catalog.bool_or(p.pronamespace <> 'pg_catalog'::pg_catalog.regnamespace), false) AS calls_functions
FROM pg_catalog.pg_rewrite AS r
LEFT JOIN LATERAL (
    SELECT DISTINCT m.found[1]::oid AS oid
    FROM pg_catalog.regexp_matches(r.ev_action::text, ':(?:func|opfunc|aggfno|winfno)(?:id|) (\d+)', 'g') AS m(found)
) AS f ON true
LEFT JOIN pg_catalog.pg_proc AS p ON p.oid = f.oid
LEFT JOIN pg_catalog.pg_language AS l ON l.oid = p.prolang
LEFT JOIN LATERAL (
    SELECT true AS is_read
    FROM pg_catalog.regexp_matches(r.ev_action::text, ':(?:var|const|result|funcresult)type (\d+)', 'g') AS m(found)
    JOIN pg_catalog.pg_type AS t ON t.oid = m.found[1]::oid
    LEFT JOIN pg_catalog.pg_type AS e ON e.oid = t.typelem
    LEFT JOIN pg_catalog.pg_type AS b ON b.oid = t.typbasetype
    WHERE 'e' IN (t.typtype, e.typtype, b.typtype)
    LIMIT 1
) AS x ON true
LEFT JOIN LATERAL (
    SELECT pg_catalog.array_agg(DISTINCT c.oid::pg_catalog.regclass::text) AS names
    FROM pg_catalog.regexp_matches(r.ev_action::text, ':relid (\d+)', 'g') AS m(found)
    JOIN pg_catalog.pg_class AS c ON c.oid = m.found[1]::oid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname IN ('pg_catalog', 'information_schema') OR c.relkind = 'S'
) AS u ON true
WHERE r.ev_class = ANY ($1::oid[]) AND r.ev_type = '1'
GROUP BY r.ev_class, r.ev_action::text, u.names
