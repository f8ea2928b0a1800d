// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/managed/waitwatch.h"

#include "core/base/pause.h"

#include <QJsonArray>

#include <algorithm>

namespace tidemark::managed {

namespace {

constexpr Millis lookInterval{50};
constexpr qsizetype mostNamed = 10;

} // namespace

WaitWatch::WaitWatch(pg::Session session, int backend)
    : m_session(std::move(session))
    , m_backend(backend)
    , m_thread([this](std::stop_token stop) { watch(std::move(stop)); })
{
}

WaitWatch::~WaitWatch() = default;

void WaitWatch::watch(std::stop_token stop)
{
    do {
        const auto rows = m_session.exec(
            "SELECT pg_catalog.format('pid %s (%s)', a.pid, a.application_name), "
            "extract(epoch FROM pg_catalog.clock_timestamp() - a.query_start)::numeric * 1000 "
            "FROM pg_catalog.pg_stat_activity AS a WHERE a.wait_event_type = 'Lock' "
            "AND $1 = ANY (pg_catalog.pg_blocking_pids(a.pid))",
            {m_backend}, {.stop = stop});
        if (!rows)
            return;
        const std::scoped_lock lock(m_mutex);
        ++m_looks;
        m_most = std::max(m_most, rows->rowCount());
        for (int row = 0; row < rows->rowCount(); ++row) {
            m_longest = std::max(m_longest, static_cast<qint64>(rows->real(row, 1)));
            if (m_who.size() < mostNamed && !m_who.contains(rows->text(row, 0)))
                m_who << rows->text(row, 0);
        }
    } while (pauseFor(lookInterval, stop));
}

QJsonObject WaitWatch::finish()
{
    m_thread.request_stop();
    if (m_thread.joinable())
        m_thread.join();
    return {{QStringLiteral("looks"), m_looks},
            {QStringLiteral("waiters"), m_most},
            {QStringLiteral("longest_ms"), m_longest},
            {QStringLiteral("who"), QJsonArray::fromStringList(m_who)}};
}

} // namespace tidemark::managed
