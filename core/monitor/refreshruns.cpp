// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/refreshruns.h"

#include <algorithm>

namespace tidemark {

namespace {

// Reading pg_locks may take this share of the time.
constexpr double locksShare = 0.005;
constexpr Millis locksAtMostEvery{4'000};
constexpr Millis locksAgainAfterFailure{60'000};
// A backend that writes for less than this is more likely to be an ordinary transaction.
constexpr Millis longEnoughToAsk{1'000};

} // namespace

std::vector<int> RefreshRuns::followed() const
{
    std::vector<int> pids;
    for (const SampledRun &run : m_running)
        pids.push_back(run.pid);
    return pids;
}

void RefreshRuns::setActivity(const pg::ResultSet &rows, const Resolve &resolve, Instant now)
{
    const auto pidColumn = rows.column("pid");
    const auto xid = rows.column("xid");
    const auto xactStart = rows.column("xact_start");
    const auto queryStart = rows.column("query_start");
    const auto username = rows.column("username");
    const auto application = rows.column("application_name");
    const auto isActive = rows.column("is_active");
    const auto isRefresh = rows.column("is_refresh");
    const auto statement = rows.column("statement");

    m_candidates.clear();
    m_unclear = false;
    QHash<int, Backend> seen;
    for (int row = 0; row < rows.rowCount(); ++row) {
        const int pid = rows.int32(row, pidColumn);
        const Backend backend{rows.oid(row, xid), rows.instant(row, xactStart), rows.instant(row, queryStart),
                              rows.text(row, username), rows.text(row, application)};
        seen.insert(pid, backend);
        const auto statements = rows.boolean(row, isRefresh) ? refreshStatementsIn(rows.text(row, statement))
                                                             : std::vector<RefreshStatement>();
        // A statement that only speaks of a REFRESH (a cron.schedule, a search in pg_stat_activity) is none.
        if (statements.size() == 1 && RefreshCommands::isSingleRefresh(rows.text(row, statement))) {
            if (const quint32 oid = resolve(statements.front().name)) {
                add(oid, pid, backend, statements.front().concurrently, true, now);
                continue;
            }
        }
        if (!rows.boolean(row, isActive) || (backend.xid == 0 && statements.empty()))
            continue;
        m_candidates.insert(pid, backend);
        const bool known = std::any_of(m_running.begin(), m_running.end(),
                                       [&](const SampledRun &run) { return run.pid == pid; });
        const bool takesLong = !backend.queryStart || millisBetween(*backend.queryStart, now) >= longEnoughToAsk;
        m_unclear = m_unclear || (!known && takesLong);
    }

    // A refresh ends with its transaction: until then it may still be undone.
    const auto over = [&](SampledRun &run) {
        const auto backend = seen.constFind(run.pid);
        const bool sameXid = backend != seen.cend() && (run.xid == 0 || run.xid == backend->xid);
        if (sameXid && backend->xactStart == run.xactStart) {
            run.xid = backend->xid;
            run.lastSeenAt = now;
            return false;
        }
        m_ended.push_back(run);
        return true;
    };
    m_running.erase(std::remove_if(m_running.begin(), m_running.end(), over), m_running.end());
}

void RefreshRuns::setLocks(const pg::ResultSet &rows, Instant now)
{
    const auto oid = rows.column("oid");
    const auto pid = rows.column("pid");
    const auto exclusive = rows.column("is_exclusive");
    const auto elapsed = rows.column("elapsed_ms");
    Millis pause = locksAtMostEvery;
    for (int row = 0; row < rows.rowCount(); ++row) {
        pause = std::max(pause, Millis(static_cast<qint64>(rows.real(row, elapsed) / locksShare)));
        const int holder = rows.int32(row, pid);
        const auto candidate = m_candidates.constFind(holder);
        if (candidate != m_candidates.cend() && rows.oid(row, oid) != 0)
            add(rows.oid(row, oid), holder, *candidate, rows.boolean(row, exclusive), false, now);
    }
    m_locksNotBefore = now + pause;
}

void RefreshRuns::locksFailed(Instant now)
{
    m_locksNotBefore = now + locksAgainAfterFailure;
}

void RefreshRuns::clear()
{
    *this = {};
}

void RefreshRuns::add(quint32 oid, int pid, const Backend &backend, bool concurrently, bool fromText, Instant now)
{
    const auto known = std::find_if(m_running.begin(), m_running.end(), [&](const SampledRun &run) {
        return run.oid == oid && run.pid == pid && run.xactStart == backend.xactStart
               && (run.xid == 0 || run.xid == backend.xid);
    });
    if (known != m_running.end()) {
        known->lastSeenAt = now;
        return;
    }
    SampledRun run;
    run.oid = oid;
    run.pid = pid;
    run.xid = backend.xid;
    run.xactStart = backend.xactStart;
    run.startedAt = backend.queryStart.value_or(now);
    run.lastSeenAt = now;
    run.concurrently = concurrently;
    run.fromText = fromText;
    run.user = backend.user;
    run.applicationName = backend.applicationName;
    m_running.push_back(run);
    m_started.push_back(run);
}

} // namespace tidemark
