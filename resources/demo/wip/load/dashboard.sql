-- application: wip-dashboard
-- every: 1 s
SELECT lot_number, total_wip, in_progress_count, failed_count, completion_percent, last_refreshed_at
FROM public.mv_wip_status_dashboard
WHERE lot_status <> 'CLOSED'
ORDER BY last_activity_at DESC NULLS LAST
LIMIT 20
