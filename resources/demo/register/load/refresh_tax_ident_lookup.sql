-- application: statbus-worker
-- every: 45 s
-- fails: on purpose
REFRESH MATERIALIZED VIEW public.tax_ident_lookup
