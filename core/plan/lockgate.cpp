// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/lockgate.h"

#include "core/base/pause.h"
#include "core/base/units.h"
#include "core/catalog/locktag.h"
#include "core/pg/sqllibrary.h"

#include <QHash>
#include <QRegularExpression>

#include <algorithm>

namespace tidemark {

namespace {

using Steady = std::chrono::steady_clock;

constexpr Millis lookInterval{100};
constexpr Millis tellInterval{5'000};

Millis since(Steady::time_point start)
{
    return std::chrono::duration_cast<Millis>(Steady::now() - start);
}

struct Resolved
{
    QHash<quint32, StepLock> locks;
    QStringList statements; ///< that take them, in the order asked for
    pg::Param oids{nullptr};
};

/// LOCK TABLE refuses materialized views, and of a view it locks all that the view reads, ONLY or not. Their owner's name said
/// again takes ACCESS EXCLUSIVE on them alone and changes nothing.
QString statementFor(const StepLock &lock, const QString &kind, const QString &owner)
{
    if (kind == QLatin1String("m"))
        return QStringLiteral("ALTER MATERIALIZED VIEW %1 OWNER TO %2")
            .arg(lock.relation.quoted(), pg::quoteIdentifier(owner));
    if (kind == QLatin1String("v"))
        return QStringLiteral("ALTER VIEW %1 OWNER TO %2").arg(lock.relation.quoted(), pg::quoteIdentifier(owner));
    return QStringLiteral("LOCK TABLE ONLY %1 IN %2 MODE").arg(lock.relation.quoted(), lockModeSql(lock.mode));
}

Result<Resolved> resolve(pg::Session &session, const std::vector<StepLock> &locks, std::stop_token stop)
{
    Resolved resolved;
    std::vector<quint32> oids;
    for (const StepLock &lock : locks) {
        TIDEMARK_TRY(
            const auto rows,
            session.exec("SELECT c.oid, c.relkind::text, "
                         "pg_catalog.pg_get_userbyid(c.relowner)::text "
                         "FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace "
                         "WHERE n.nspname = $1 AND c.relname = $2",
                         {lock.relation.schema, lock.relation.name}, {.stop = stop}));
        if (rows.isEmpty())
            return fail(Error::missing(QStringLiteral("there is no relation %1 to lock").arg(lock.relation.display())));
        const quint32 oid = rows.oid(0, 0);
        const auto known = resolved.locks.constFind(oid);
        if (known == resolved.locks.cend() || known->mode < lock.mode)
            resolved.locks.insert(oid, lock);
        resolved.statements << statementFor(lock, rows.text(0, 1), rows.text(0, 2));
        oids.push_back(oid);
    }
    resolved.oids = pg::Param::array(oids);
    return resolved;
}

Result<std::vector<LockHolder>> readHolders(pg::Session &session, const Resolved &resolved, std::stop_token stop)
{
    const auto &query = pg::SqlLibrary::builtIn().query(QStringLiteral("plan/holders"), session.serverVersion());
    TIDEMARK_TRY(const auto rows, session.exec(query.sql, {resolved.oids}, {.stop = stop}));
    const auto relid = rows.column("relid");
    const auto mode = rows.column("mode");
    const auto xactMs = rows.column("xact_ms");
    std::vector<LockHolder> holders;
    for (int row = 0; row < rows.rowCount(); ++row) {
        const auto wanted = resolved.locks.constFind(rows.oid(row, relid));
        const QString held = rows.text(row, mode);
        if (wanted == resolved.locks.cend() || !lockModesConflict(lockModeCatalogName(wanted->mode), held))
            continue;
        LockHolder holder;
        holder.relation = wanted->relation;
        holder.pid = rows.int32(row, rows.column("pid"));
        holder.backendStart = rows.instant(row, rows.column("backend_start"));
        holder.preparedGid = rows.text(row, rows.column("prepared"));
        holder.mode = static_cast<LockMode>(lockModeStrength(held));
        holder.granted = rows.boolean(row, rows.column("granted"));
        if (const auto age = rows.optionalInt64(row, xactMs))
            holder.transactionAge = Millis(*age);
        holder.state = rows.text(row, rows.column("state"));
        holder.user = rows.text(row, rows.column("username"));
        holder.applicationName = rows.text(row, rows.column("application_name"));
        holder.query = rows.text(row, rows.column("query"));
        holders.push_back(std::move(holder));
    }
    return holders;
}

bool isOld(const LockHolder &holder, Millis limit)
{
    // Without the right to see the other's transaction its age is unknown; an attempt is bounded anyhow.
    return holder.granted && holder.transactionAge && *holder.transactionAge > limit;
}

QList<int> pidsOf(const std::vector<LockHolder> &holders)
{
    QList<int> pids;
    for (const LockHolder &holder : holders)
        pids << holder.pid;
    return pids;
}

QString inTheWay(const std::vector<LockHolder> &holders)
{
    QStringList texts;
    for (const LockHolder &holder : holders)
        texts << holder.text();
    return texts.isEmpty() ? QStringLiteral("short transactions kept following each other")
                           : texts.join(QLatin1String("; "));
}

Result<pg::Transaction> attempt(pg::Session &session, const QStringList &statements, Millis timeout,
                                std::stop_token stop, const LockGate::Take &take)
{
    TIDEMARK_TRY(pg::Transaction transaction, pg::Transaction::begin(session));
    // The server counts the timeout anew for each lock.
    const Millis share = std::max(Millis(1), Millis(timeout.count() / qint64(take ? 1 : statements.size())));
    TIDEMARK_TRY([[maybe_unused]] const auto set,
                 transaction.exec("SET LOCAL lock_timeout = " + QByteArray::number(qint64(share.count()))));
    if (take) {
        TIDEMARK_CHECK(take(transaction));
        return transaction;
    }
    for (const QString &sql : statements) {
        TIDEMARK_TRY([[maybe_unused]] const auto locked, transaction.exec(sql.toUtf8(), {}, {.stop = stop}));
    }
    return transaction;
}

} // namespace

QString LockHolder::text() const
{
    const QString who = pid != 0 ? QStringLiteral("pid %1 (%2)")
                                       .arg(pid)
                                       .arg(QStringList{applicationName, user}
                                                .filter(QRegularExpression(QStringLiteral(".")))
                                                .join(QLatin1String(", ")))
                                 : QStringLiteral("prepared transaction “%1”").arg(preparedGid);
    QString what = granted ? QStringLiteral("holds") : QStringLiteral("waits for");
    what += QStringLiteral(" %1 on %2").arg(lockModeSql(mode), relation.display());
    if (!transactionAge)
        return QStringLiteral("%1 %2").arg(who, what);
    return QStringLiteral("%1 %2, %3 for %4")
        .arg(who, what, state.isEmpty() ? QStringLiteral("open") : state, units::duration(*transactionAge));
}

LockGate::LockGate(LockPatience patience, Waiting waiting, Ready ready)
    : m_patience(patience)
    , m_waiting(std::move(waiting))
    , m_ready(std::move(ready))
{
}

Result<std::vector<LockHolder>> LockGate::holders(pg::Session &session, const std::vector<StepLock> &locks,
                                                  std::stop_token stop)
{
    TIDEMARK_TRY(const Resolved resolved, resolve(session, locks, stop));
    return readHolders(session, resolved, stop);
}

Status LockGate::signalOverdue(pg::Session &session, const std::vector<LockHolder> &holders, Millis waited) const
{
    const bool terminate = m_patience.terminateBlockersAfter && waited > *m_patience.terminateBlockersAfter;
    const bool cancel = m_patience.cancelBlockersAfter && waited > *m_patience.cancelBlockersAfter;
    if (!terminate && !cancel)
        return {};
    const QByteArray function = terminate ? "pg_terminate_backend" : "pg_cancel_backend";
    for (const LockHolder &holder : holders) {
        if (holder.pid == 0 || !holder.granted || !holder.backendStart)
            continue;
        // Compared in the very statement that signals: a pid given to another backend meanwhile is left alone.
        TIDEMARK_TRY([[maybe_unused]] const auto signalled,
                     session.exec("SELECT pg_catalog." + function
                                      + "(a.pid) FROM pg_catalog.pg_stat_activity AS a "
                                        "WHERE a.pid = $1 AND a.backend_start = $2",
                                  {holder.pid, *holder.backendStart}));
    }
    return {};
}

Result<LockedTransaction> LockGate::open(pg::Session &session, const std::vector<StepLock> &locks, std::stop_token stop,
                                         const Take &take) const
{
    const auto start = Steady::now();
    LockAcquisition acquisition;
    TIDEMARK_TRY(const Resolved resolved, resolve(session, locks, stop));
    QList<int> told;
    auto toldAt = start - tellInterval;
    std::vector<LockHolder> holders;
    const auto tell = [&](const std::vector<LockHolder> &who) {
        const QList<int> pids = pidsOf(who);
        if (!m_waiting || (pids == told && (pids.isEmpty() || Steady::now() - toldAt < tellInterval)))
            return;
        m_waiting(who, since(start));
        told = pids;
        toldAt = Steady::now();
    };

    while (since(start) < m_patience.giveUp) {
        TIDEMARK_TRY(holders, readHolders(session, resolved, stop));
        std::erase_if(holders, [&](const LockHolder &holder) { return !isOld(holder, m_patience.oldTransaction); });
        if (!holders.empty()) {
            tell(holders);
            TIDEMARK_CHECK(signalOverdue(session, holders, since(start)));
            if (!pauseFor(lookInterval, stop))
                return fail(Error::cancelled());
            continue;
        }
        if (m_ready)
            TIDEMARK_CHECK(m_ready());
        ++acquisition.attempts;
        const auto queued = Steady::now();
        auto transaction = attempt(session, resolved.statements, m_patience.attempt, stop, take);
        acquisition.lastQueued = since(queued);
        acquisition.longestQueued = std::max(acquisition.longestQueued, acquisition.lastQueued);
        if (transaction) {
            tell({});
            acquisition.waited = since(start);
            return LockedTransaction{std::move(*transaction), acquisition};
        }
        if (transaction.error().kind != ErrorKind::LockTimeout && transaction.error().kind != ErrorKind::Conflict)
            return fail(transaction.error());
        if (!pauseFor(m_patience.pause, stop))
            return fail(Error::cancelled());
    }
    // Whoever denied the last attempt was not waited for above, and is who to name.
    if (holders.empty()) {
        TIDEMARK_TRY(holders, readHolders(session, resolved, stop));
    }
    Error error = Error::input(
        QStringLiteral("no lock on %1 within %2: %3")
            .arg(locks.front().relation.display(), units::duration(m_patience.giveUp), inTheWay(holders)),
        QStringLiteral("Wait for them to end or end them, and resume the run."));
    error.kind = ErrorKind::LockTimeout;
    return fail(error);
}

} // namespace tidemark
