// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/managed/refreshlock.h"

#include "core/base/pause.h"

namespace tidemark::managed {

namespace {

constexpr int lockClass = 1414087757; // "TIDM"; told in the comment of tidemark.managed_table
constexpr Millis lookInterval{100};

/// An oid as the lock's second number, which is signed.
int numberOf(quint32 oid)
{
    return static_cast<int>(oid);
}

QString holder(pg::Session &session, quint32 table)
{
    const auto rows = session.exec(
        "SELECT a.pid::text, a.usename::text, a.application_name FROM pg_catalog.pg_locks AS l "
        "JOIN pg_catalog.pg_stat_activity AS a ON a.pid = l.pid WHERE l.locktype = 'advisory' AND l.granted "
        "AND l.database = (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = pg_catalog.current_database()) "
        "AND l.classid = $1::int::oid AND l.objid = $2::int::oid AND l.objsubid = 2",
        {lockClass, numberOf(table)});
    if (!rows || rows->isEmpty())
        return QStringLiteral("another session");
    return QStringLiteral("pid %1 (%2, %3)").arg(rows->text(0, 0), rows->text(0, 2), rows->text(0, 1));
}

} // namespace

RefreshLock::RefreshLock(pg::Session &session, quint32 table)
    : m_session(&session)
    , m_table(table)
{
}

RefreshLock::RefreshLock(RefreshLock &&other) noexcept
    : m_session(std::exchange(other.m_session, nullptr))
    , m_table(other.m_table)
{
}

RefreshLock::~RefreshLock()
{
    if (m_session && m_session->isAlive())
        static_cast<void>(
            m_session->exec("SELECT pg_catalog.pg_advisory_unlock($1, $2)", {lockClass, numberOf(m_table)}));
}

Result<RefreshLock> RefreshLock::take(pg::Session &session, quint32 table, const QString &shownName, Millis patience,
                                      std::stop_token stop)
{
    const auto until = std::chrono::steady_clock::now() + patience;
    for (;;) {
        TIDEMARK_TRY(const auto taken, session.exec("SELECT pg_catalog.pg_try_advisory_lock($1, $2)",
                                                    {lockClass, numberOf(table)}, {.stop = stop}));
        if (taken.boolean(0, 0))
            return RefreshLock(session, table);
        if (std::chrono::steady_clock::now() >= until) {
            Error error = Error::input(
                QStringLiteral("%1 is being refreshed by %2").arg(shownName, holder(session, table)),
                QStringLiteral("Wait until that refresh has ended."));
            error.kind = ErrorKind::Conflict;
            return fail(error);
        }
        if (!pauseFor(lookInterval, stop))
            return fail(Error::cancelled());
    }
}

} // namespace tidemark::managed
