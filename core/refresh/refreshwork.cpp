// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/refresh/refreshwork.h"

#include "core/base/pause.h"
#include "core/ddl/rolesettings.h"
#include "core/managed/deltarefresh.h"
#include "core/plan/action.h"

#include <chrono>

namespace tidemark::refresh {

namespace {

using Steady = std::chrono::steady_clock;

constexpr Millis doubtInterval{100};

Millis since(Steady::time_point start)
{
    return std::chrono::duration_cast<Millis>(Steady::now() - start);
}

/// In a form that no date style changes.
Result<Instant> serverNow(pg::Session &session)
{
    TIDEMARK_TRY(const auto row,
                 session.exec("SELECT (extract(epoch FROM pg_catalog.clock_timestamp()) * 1000000)::pg_catalog.int8"));
    return fromEpochMicros(row.int64(0, 0));
}

/// The view is known by its oid: another that has its name by now is not what was confirmed.
Status checkIsSame(pg::Session &session, const RefreshItem &item)
{
    TIDEMARK_TRY(const auto rows, session.exec("SELECT c.oid FROM pg_catalog.pg_class AS c "
                                               "JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace "
                                               "WHERE n.nspname = $1 AND c.relname = $2",
                                               {item.name.schema, item.name.name}));
    if (rows.isEmpty())
        return fail(Error::missing(QStringLiteral("%1 is gone").arg(item.name.display())));
    if (rows.oid(0, 0) != item.oid) {
        return fail(Error::missing(QStringLiteral("%1 was replaced by another of that name").arg(item.name.display()),
                                   QStringLiteral("Refresh it by a plan of what is there now.")));
    }
    return {};
}

/// Where the toolkit's refresh log is installed its trigger has written down that the view was refreshed; what only we know is
/// added. A log that cannot be written is no reason to fail.
void noteInLog(pg::Session &session, const RefreshItem &item, const RefreshOutcome &outcome, const Error *error)
{
    if (item.kind != RefreshableKind::MaterializedView || item.choice.method == Method::NoData)
        return;
    const auto log = session.exec("SELECT FROM pg_catalog.pg_proc AS p "
                                  "JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace "
                                  "WHERE n.nspname = 'tidemark' AND p.proname = 'note_refresh' "
                                  "AND pg_catalog.has_schema_privilege(n.oid, 'USAGE') "
                                  "AND pg_catalog.has_function_privilege(p.oid, 'EXECUTE')");
    if (!log || log->isEmpty())
        return;
    const auto number = [](const std::optional<qint64> &value) {
        return value ? pg::Param(*value) : pg::Param(nullptr);
    };
    // What never began failed at the end of its waiting.
    const auto started = outcome.startedAt    ? outcome.startedAt
                         : outcome.finishedAt ? std::optional(*outcome.finishedAt - outcome.waited)
                                              : std::nullopt;
    if (!started)
        return;
    static_cast<void>(session.exec("SELECT tidemark.note_refresh($1, $2, $3, $4, $5, $6, $7)",
                                   {item.oid, *started, item.choice.method == Method::Concurrently,
                                    number(outcome.written), number(outcome.removed), qint64(outcome.waited.count()),
                                    error != nullptr ? pg::Param(error->summary()) : pg::Param(nullptr)}));
}

/// `set`: for a transaction or for the session.
QByteArray settingsOfTheRole(const QByteArray &set, const std::optional<Millis> &statementTimeout)
{
    QByteArray sql;
    for (const char *setting : ddl::ownSettings)
        sql += set + setting + " TO DEFAULT;";
    return sql + set
           + "statement_timeout = " + QByteArray::number(qint64(statementTimeout.value_or(Millis(0)).count()));
}

/// What puts them back as they are now, with the limits.
Result<QByteArray> settingsNow(pg::Session &session)
{
    QByteArray names = "lock_timeout,statement_timeout";
    for (const char *setting : ddl::ownSettings)
        names += QByteArray(",") + setting;
    TIDEMARK_TRY(
        const auto rows,
        session.exec("SELECT pg_catalog.string_agg(pg_catalog.format('SELECT pg_catalog.set_config(%L, %L, false)', "
                     "s.name, pg_catalog.current_setting(s.name)), ';') "
                     "FROM pg_catalog.unnest($1::pg_catalog.text[]) AS s(name)",
                     {"{" + names + "}"}));
    return rows.text(0, 0).toUtf8();
}

} // namespace

RefreshWork::RefreshWork(Limits limits, Waiting waiting, Beginning beginning)
    : m_limits(std::move(limits))
    , m_waiting(std::move(waiting))
    , m_beginning(std::move(beginning))
{
}

Status RefreshWork::prepare(pg::Session &session)
{
    TIDEMARK_TRY([[maybe_unused]] const auto set,
                 session.exec("SELECT pg_catalog.set_config(s.name, '2000', false) FROM pg_catalog.pg_settings AS s "
                              "WHERE s.name = 'client_connection_check_interval'"));
    return {};
}

RefreshOutcome RefreshWork::perform(pg::Session &session, const RefreshItem &item, std::stop_token stop) const
{
    RefreshOutcome outcome;
    outcome.user = session.user();
    const Status done = item.choice.method == Method::Range   ? byItself(session, item, outcome, stop)
                        : item.choice.method == Method::Delta ? byDelta(session, item, outcome, stop)
                                                              : inTransaction(session, item, outcome, stop);
    if (!done)
        outcome.error = done.error();
    if (!session.isAlive())
        return outcome;
    if (const auto now = serverNow(session)) {
        outcome.finishedAt = *now;
        if (outcome.startedAt)
            outcome.took = millisBetween(*outcome.startedAt, *now);
    }
    const bool neverBegan = !outcome.startedAt && outcome.error && outcome.error->kind == ErrorKind::Cancelled;
    if (outcome.error && !neverBegan)
        noteInLog(session, item, outcome, &*outcome.error);
    return outcome;
}

Status RefreshWork::inTransaction(pg::Session &session, const RefreshItem &item, RefreshOutcome &outcome,
                                  const std::stop_token &stop) const
{
    const auto waiting = [this](const std::vector<LockHolder> &holders, Millis) {
        QStringList texts;
        for (const LockHolder &holder : holders)
            texts << holder.text();
        if (m_waiting)
            m_waiting(texts.join(QLatin1String("; ")));
    };
    const auto arrived = Steady::now();
    auto waited = Millis(0);
    const auto take = [&](pg::Transaction &) -> Status {
        waited = since(arrived);
        outcome.waited = waited;
        outcome.startedAt.reset();
        return carryOut(session, item, outcome, stop);
    };
    auto locked = LockGate(m_limits.patience, waiting).open(session, locksOf(item), stop, take);
    const bool neverBegan = !locked && locked.error().kind == ErrorKind::LockTimeout;
    outcome.waited = neverBegan ? since(arrived) : waited;
    if (neverBegan) {
        Error error = locked.error();
        error.hint = QStringLiteral("Wait for them to end or end them, and refresh again.");
        outcome.startedAt.reset();
        return fail(error);
    }
    if (!locked)
        return fail(locked.error());
    return locked->transaction.commit();
}

Status RefreshWork::carryOut(pg::Session &session, const RefreshItem &item, RefreshOutcome &outcome,
                             const std::stop_token &stop) const
{
    TIDEMARK_CHECK(checkIsSame(session, item));
    TIDEMARK_TRY(const Instant start, serverNow(session));
    TIDEMARK_TRY([[maybe_unused]] const auto set,
                 session.execScript(settingsOfTheRole("SET LOCAL ", m_limits.statementTimeout), {.stop = stop}));
    if (m_beginning)
        m_beginning();
    outcome.startedAt = start;
    TIDEMARK_TRY([[maybe_unused]] const auto refreshed,
                 session.exec(item.statement.toUtf8(), {}, StepContext::patientCall(stop)));
    TIDEMARK_TRY(const auto told,
                 session.exec("SELECT pg_catalog.pg_stat_get_xact_tuples_inserted($1::pg_catalog.oid), "
                              "pg_catalog.pg_stat_get_xact_tuples_deleted($1::pg_catalog.oid), "
                              "pg_catalog.txid_current(), "
                              "pg_catalog.current_setting('track_counts')::pg_catalog.bool",
                              {item.oid}));
    outcome.xid = told.int64(0, 2);
    if (told.boolean(0, 3) && item.choice.method != Method::NoData) {
        outcome.written = told.int64(0, 0);
        if (item.choice.method == Method::Concurrently)
            outcome.removed = told.int64(0, 1);
    }
    noteInLog(session, item, outcome, nullptr);
    return {};
}

Status RefreshWork::byItself(pg::Session &session, const RefreshItem &item, RefreshOutcome &outcome,
                             const std::stop_token &stop) const
{
    const auto ms = [](Millis value) { return QByteArray::number(qint64(value.count())); };
    TIDEMARK_CHECK(checkIsSame(session, item));
    TIDEMARK_TRY(const QByteArray before, settingsNow(session));
    TIDEMARK_TRY(const Instant start, serverNow(session));
    // Nobody who reads or writes queues behind its locks, so it may stand in the queue for them.
    TIDEMARK_TRY([[maybe_unused]] const auto set,
                 session.execScript(settingsOfTheRole("SET ", m_limits.statementTimeout)
                                    + "; SET lock_timeout = " + ms(m_limits.patience.giveUp)));
    if (m_beginning)
        m_beginning();
    outcome.startedAt = start;
    auto done = session.exec(item.statement.toUtf8(), {}, StepContext::patientCall(stop));
    if (session.isAlive())
        static_cast<void>(session.execScript(before));
    if (!done)
        return fail(done.error());
    return {};
}

Status RefreshWork::byDelta(pg::Session &session, const RefreshItem &item, RefreshOutcome &outcome,
                            const std::stop_token &stop) const
{
    const auto ms = [](Millis value) { return QByteArray::number(qint64(value.count())); };
    TIDEMARK_CHECK(checkIsSame(session, item));
    TIDEMARK_TRY([[maybe_unused]] const auto set,
                 session.execScript("SET lock_timeout = " + ms(m_limits.patience.giveUp) + "; SET statement_timeout = "
                                    + ms(m_limits.statementTimeout.value_or(Millis(0)))));
    TIDEMARK_TRY(const Instant start, serverNow(session));
    if (m_beginning)
        m_beginning();
    outcome.startedAt = start;
    managed::DeltaOptions options;
    options.waitForOther = m_limits.patience.giveUp;
    const auto done = managed::refreshManaged(session, item.name, {}, options, StepContext::patientCall(stop));
    if (session.isAlive())
        static_cast<void>(session.execScript("SET lock_timeout = 0; SET statement_timeout = 0"));
    if (!done)
        return fail(done.error());
    outcome.written = done->inserted + done->updated;
    outcome.removed = done->deleted;
    return {};
}

Result<bool> RefreshWork::isCommitted(pg::Session &session, const RefreshItem &item, qint64 xid, Millis patience,
                                      const std::stop_token &stop)
{
    const auto arrived = Steady::now();
    for (;;) {
        TIDEMARK_TRY(const auto rows, session.exec("SELECT pg_catalog.txid_status($1)", {xid}));
        if (rows.isNull(0, 0))
            break;
        const QString status = rows.text(0, 0);
        if (status != QLatin1String("in progress"))
            return status == QLatin1String("committed");
        if (since(arrived) >= patience || !pauseFor(doubtInterval, stop)) {
            Error error = Error::input(QStringLiteral("transaction %1, which refreshes %2, has not ended yet")
                                           .arg(xid)
                                           .arg(item.name.display()));
            error.kind = ErrorKind::InDoubt;
            return fail(error);
        }
    }
    // The server has forgotten how it ended; what refreshed the view last is written there.
    TIDEMARK_TRY(const auto rows, session.exec("SELECT FROM pg_catalog.pg_class AS c WHERE c.oid = $1 "
                                               "AND c.xmin::pg_catalog.text::pg_catalog.int8 = $2 % 4294967296",
                                               {item.oid, xid}));
    return !rows.isEmpty();
}

} // namespace tidemark::refresh
