-- what: functions in the definitions of views whose result or data no change counter tells of
-- columns: oid oid, time_functions text[], volatile_functions text[], reading_functions text[],
--   is_sampled bool, reads_enum bool
-- params: oid[]
-- cost: heavy
-- pg_depend knows no built-in functions, so the stored rule itself is read. Ops 0 to 8 of SQLValueFunction are
-- CURRENT_DATE to LOCALTIMESTAMP. Functions in SQL or a procedural language that are not immutable may read tables. reads_enum: what it shows may change with the labels of a type.
SELECT r.ev_class AS oid,
       pg_catalog.array_agg(DISTINCT p.oid::pg_catalog.regprocedure::text)
           FILTER (WHERE p.oid IN ('pg_catalog.now()'::pg_catalog.regprocedure,
                                   'pg_catalog.transaction_timestamp()'::pg_catalog.regprocedure,
                                   'pg_catalog.statement_timestamp()'::pg_catalog.regprocedure,
                                   'pg_catalog.clock_timestamp()'::pg_catalog.regprocedure,
                                   'pg_catalog.timeofday()'::pg_catalog.regprocedure))
           || CASE WHEN r.ev_action::text ~ '\{SQLVALUEFUNCTION :op [0-8] ' THEN '{CURRENT_TIMESTAMP}'::text[] END
           AS time_functions,
       pg_catalog.array_agg(DISTINCT p.oid::pg_catalog.regprocedure::text)
           FILTER (WHERE p.provolatile = 'v' AND l.lanname IN ('internal', 'c')
                     AND p.proname NOT IN ('clock_timestamp', 'timeofday')) AS volatile_functions,
       pg_catalog.array_agg(DISTINCT p.oid::pg_catalog.regprocedure::text)
           FILTER (WHERE p.provolatile <> 'i' AND l.lanname NOT IN ('internal', 'c')) AS reading_functions,
       r.ev_action::text ~ '\{TABLESAMPLECLAUSE' AS is_sampled,
       coalesce(pg_catalog.bool_or(x.is_read), false) AS reads_enum
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
WHERE r.ev_class = ANY ($1::oid[]) AND r.ev_type = '1'
GROUP BY r.ev_class, r.ev_action::text
