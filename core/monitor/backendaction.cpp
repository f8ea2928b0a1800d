// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/backendaction.h"

#include "core/pg/qualifiedname.h"
#include "core/pg/sqllibrary.h"

#include <thread>

namespace tidemark {

namespace {

QString describe(const LockParty &party)
{
    QStringList words{QString::number(party.pid)};
    if (!party.applicationName.isEmpty())
        words << party.applicationName;
    if (!party.user.isEmpty())
        words << BackendAction::tr("user %1").arg(party.user);
    if (!party.database.isEmpty())
        words << BackendAction::tr("database %1").arg(party.database);
    return words.join(QStringLiteral(", "));
}

/// A backend as the server shows it now, against the one that was meant.
enum class Seen { Gone, Another, Idle, Busy };

Result<Seen> look(pg::Session &session, const LockParty &party, const std::optional<Instant> &queryStart,
                  const pg::CallOptions &call)
{
    const auto &query = pg::SqlLibrary::builtIn().query(QStringLiteral("locks/backend"), session.serverVersion());
    TIDEMARK_TRY(const pg::ResultSet rows, session.exec(query.sql, {party.pid}, call));
    if (rows.isEmpty())
        return Seen::Gone;
    if (rows.instant(0, rows.column("backend_start")) != party.backendStart)
        return Seen::Another;
    const bool same = !rows.text(0, rows.column("state")).startsWith(QLatin1String("idle"))
                      && (!queryStart || rows.instant(0, rows.column("query_start")) == queryStart);
    return same ? Seen::Busy : Seen::Idle;
}

} // namespace

BackendAction::BackendAction(Profile profile, std::shared_ptr<HistoryStore> history, const Clock &clock)
    : m_profile(std::move(profile))
    , m_history(std::move(history))
    , m_clock(clock)
{
}

QString BackendAction::sql(Kind kind, const LockParty &party)
{
    // The signal stands in a CASE, which PostgreSQL evaluates only for the backend that was meant; what is not running a
    // statement cannot be cancelled, and the server would say nothing.
    const QString start = pg::quoteLiteral(toIso8601(party.backendStart.value_or(Instant{})));
    const QString signal = kind == Kind::Cancel ? QStringLiteral(
                               "AND coalesce(a.state, '') NOT LIKE 'idle%' THEN pg_catalog.pg_cancel_backend(a.pid)")
                                                : QStringLiteral("THEN pg_catalog.pg_terminate_backend(a.pid)");
    return QStringLiteral("SELECT a.backend_start = %1 AS same_backend, a.state, a.query_start,\n"
                          "       CASE WHEN a.backend_start = %1 %2 END AS signalled\n"
                          "FROM pg_catalog.pg_stat_get_activity(%3) AS a")
        .arg(start, signal, QString::number(party.pid));
}

QString BackendAction::rollbackPreparedSql(const LockParty &party)
{
    return QStringLiteral("ROLLBACK PREPARED %1;").arg(pg::quoteLiteral(party.preparedGid));
}

Status BackendAction::check(const LockParty &party) const
{
    if (m_profile.safety == Safety::ReadOnly) {
        return fail(
            Error::safety(tr("The profile %1 is read-only: it neither cancels nor terminates.").arg(m_profile.name),
                          tr("Set the profile's safety to \"confirm\" or \"free\" to allow it.")));
    }
    if (party.pid == 0) {
        return fail(Error::input(tr("A prepared transaction has no backend that could be cancelled or terminated."),
                                 tr("Ask its transaction manager, or end it by hand in database %1: %2")
                                     .arg(party.database, rollbackPreparedSql(party))));
    }
    if (!party.backendStart) {
        Error error;
        error.kind = ErrorKind::Permission;
        error.message =
            tr("This role cannot see when backend %1 started, so it cannot be told from a later one with the "
               "same pid.")
                .arg(party.pid);
        error.hint = tr("Grant pg_read_all_stats (pg_monitor has it) and pg_signal_backend to the role.");
        return fail(error);
    }
    return {};
}

Result<std::optional<ConfirmationNeeded>> BackendAction::confirmation(Kind kind, const LockParty &party) const
{
    TIDEMARK_CHECK(check(party));
    // What was done so far in a transaction cannot be brought back; a cancelled statement can be run again.
    if (m_profile.safety == Safety::Free && kind == Kind::Cancel)
        return std::optional<ConfirmationNeeded>{};
    ConfirmationNeeded needed;
    needed.text = kind == Kind::Cancel
                      ? tr("Cancel the running statement of backend %1 on %2? Its transaction fails.")
                            .arg(describe(party), m_profile.name)
                      : tr("Terminate backend %1 on %2? Its connection is closed and its transaction rolled back.")
                            .arg(describe(party), m_profile.name);
    if (m_profile.environment == Environment::Production && kind == Kind::Terminate)
        needed.typedWord = QString::number(party.pid);
    return std::optional(needed);
}

Status BackendAction::audit(const LockParty &party, const QString &statement, const QString &outcome) const
{
    if (!m_history) {
        return fail(Error::local(tr("the local store is not open"),
                                 tr("What changes a server is written down first: mend the store, or use psql.")));
    }
    AuditEntry entry;
    entry.at = m_clock.now();
    entry.profile = m_profile.name;
    entry.database = party.database;
    entry.statement = statement;
    entry.outcome = outcome;
    return m_history->addAudit(entry);
}

Result<BackendReport> BackendAction::perform(pg::Session &session, Kind kind, const LockParty &party,
                                             const Confirmation &confirmation, Millis patience,
                                             const std::stop_token &stop) const
{
    TIDEMARK_TRY(const auto needed, this->confirmation(kind, party));
    if (needed && !confirmation.given)
        return fail(Error::safety(tr("Not done: it was not confirmed."), needed->text));
    if (needed && !needed->typedWord.isEmpty() && confirmation.typed.trimmed() != needed->typedWord) {
        return fail(Error::safety(tr("Not done: the typed word is not \"%1\".").arg(needed->typedWord), needed->text));
    }

    const QString statement = sql(kind, party);
    if (const Status begun = audit(party, statement, QStringLiteral("begun")); !begun)
        return fail(begun.error().within(tr("not done, because the audit cannot be written")));
    auto report = signal(session, kind, party, statement, patience, stop);
    // The signal is out: an audit that fails now must not hide what became of it.
    if (const Status ended = audit(party, statement, report ? report->text : report.error().summary());
        !ended && report)
        report->text += QLatin1Char(' ') + tr("(The audit could not be written: %1)").arg(ended.error().summary());
    return report;
}

Result<BackendReport> BackendAction::signal(pg::Session &session, Kind kind, const LockParty &party,
                                            const QString &statement, Millis patience,
                                            const std::stop_token &stop) const
{
    pg::CallOptions call;
    call.stop = stop;
    const auto answer = session.exec(statement.toUtf8(), {}, call);
    if (!answer && answer.error().kind == ErrorKind::Permission) {
        return BackendReport{BackendOutcome::Refused,
                             tr("Refused by the server: %1. It takes the role of that backend, membership in "
                                "pg_signal_backend, or a superuser for a superuser's backend.")
                                 .arg(answer.error().message)};
    }
    if (!answer)
        return fail(answer.error().within(tr("backend %1").arg(party.pid)));
    const auto same = answer->isEmpty() ? 0 : answer->column("same_backend");
    if (answer->isEmpty() || (!answer->isNull(0, same) && !answer->boolean(0, same)))
        return BackendReport{BackendOutcome::AlreadyGone, tr("Backend %1 had already ended.").arg(party.pid)};
    if (answer->isNull(0, same)) {
        return BackendReport{BackendOutcome::Refused,
                             tr("This role may not see backend %1: it needs pg_read_all_stats.").arg(party.pid)};
    }
    const auto signalled = answer->column("signalled");
    if (answer->isNull(0, signalled)) {
        return BackendReport{
            BackendOutcome::Refused,
            tr("Backend %1 is %2: there is no statement to cancel. Terminating it ends its transaction.")
                .arg(QString::number(party.pid), answer->text(0, answer->column("state")))};
    }
    if (!answer->boolean(0, signalled))
        return BackendReport{BackendOutcome::AlreadyGone, tr("Backend %1 had already ended.").arg(party.pid)};

    const auto queryStart = answer->instant(0, answer->column("query_start"));
    const auto until = std::chrono::steady_clock::now() + patience;
    while (true) {
        TIDEMARK_TRY(const Seen seen, look(session, party, kind == Kind::Cancel ? queryStart : std::nullopt, call));
        if (seen == Seen::Gone || seen == Seen::Another || (seen == Seen::Idle && kind == Kind::Cancel)) {
            return BackendReport{BackendOutcome::Done, kind == Kind::Cancel
                                                           ? tr("The statement of backend %1 has ended.").arg(party.pid)
                                                           : tr("Backend %1 has ended.").arg(party.pid)};
        }
        if (std::chrono::steady_clock::now() >= until) {
            return BackendReport{
                BackendOutcome::StillThere,
                tr("The signal was sent, but backend %1 has not ended yet: it may be rolling back.").arg(party.pid)};
        }
        if (stop.stop_requested())
            return fail(Error::cancelled());
        std::this_thread::sleep_for(Millis(20));
    }
}

} // namespace tidemark
