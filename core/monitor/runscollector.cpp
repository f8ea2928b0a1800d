// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/runscollector.h"

namespace tidemark {

namespace {

/// Besides those that may go on; what is older is history, and “tidemarkctl runs” has it.
constexpr int latest = 50;

} // namespace

TickQuery RunsCollector::askList()
{
    m_listed = true;
    return {QStringLiteral("runs/list"), {nullptr, latest}, [this](const Result<pg::ResultSet> &rows) {
                auto runs = rows ? runRecordsOf(*rows) : Result<std::vector<RunRecord>>(fail(rows.error()));
                if (runs)
                    m_runs = std::move(*runs);
                else
                    m_error = runs.error().within(QStringLiteral("reading the runs"));
            }};
}

std::vector<TickQuery> RunsCollector::plan(const TickContext &)
{
    m_listed = false;
    m_error.reset();
    std::vector<TickQuery> queries;
    if (m_isThere && m_mayRead)
        queries.push_back(askList());
    queries.push_back({QStringLiteral("runs/presence"), {}, [this](const Result<pg::ResultSet> &rows) {
                           if (!rows) {
                               m_error = rows.error().within(QStringLiteral("looking for the runs"));
                               return;
                           }
                           m_isThere = rows->boolean(0, rows->column("is_there"));
                           m_mayRead = rows->boolean(0, rows->column("may_read"));
                           if (!m_isThere) {
                               m_runs.clear();
                               m_error.reset(); // it was asked for the list, and gone by then
                           } else if (!m_mayRead) {
                               m_error = Error();
                               m_error->kind = ErrorKind::Permission;
                               m_error->message = QStringLiteral("this role may not read the runs of this database");
                               m_error->hint = QStringLiteral(
                                   "GRANT USAGE ON SCHEMA tidemark and SELECT ON its tables to it.");
                           }
                       }});
    return queries;
}

std::vector<TickQuery> RunsCollector::followUp(const TickContext &)
{
    std::vector<TickQuery> queries;
    if (m_isThere && m_mayRead && !m_listed)
        queries.push_back(askList());
    return queries;
}

void RunsCollector::publish(const TickContext &, DatabaseSnapshot &snapshot)
{
    if (m_error)
        snapshot.errors.insert(name(), *m_error);
    else if (!m_published || *m_published != m_runs)
        m_published = std::make_shared<const std::vector<RunRecord>>(m_runs);
    snapshot.runs = m_published;
}

} // namespace tidemark
