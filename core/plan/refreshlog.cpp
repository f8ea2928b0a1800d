// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/refreshlog.h"

#include "core/pg/sqllibrary.h"
#include "core/plan/toolkit.h"

namespace tidemark {

namespace {

constexpr QLatin1String refreshLogPart("refresh_log");

Error refused(ErrorKind kind, const QString &message, const QString &hint)
{
    Error error;
    error.kind = kind;
    error.message = message;
    error.hint = hint;
    return error;
}

RefreshLogState::Presence presenceOf(bool hasTable, const QString &start, const QString &end)
{
    using Presence = RefreshLogState::Presence;
    if (!hasTable && start.isEmpty() && end.isEmpty())
        return Presence::Absent;
    if (!hasTable || start.isEmpty() || end.isEmpty())
        return Presence::Partial;
    // O fires in ordinary sessions, A always; D never, R in replication alone.
    const auto fires = [](const QString &state) { return state == QLatin1String("O") || state == QLatin1String("A"); };
    return fires(start) && fires(end) ? Presence::Installed : Presence::SwitchedOff;
}

} // namespace

RefreshLog::RefreshLog(Profile profile, std::shared_ptr<HistoryStore> history, const Clock &clock)
    : m_profile(std::move(profile))
    , m_history(std::move(history))
    , m_clock(clock)
{
}

QString RefreshLog::script(Change change)
{
    return toolkitScript(refreshLogPart, change == Change::Install).value();
}

Result<RefreshLogState> RefreshLog::state(pg::Session &session)
{
    const auto &library = pg::SqlLibrary::builtIn();
    TIDEMARK_TRY(
        const pg::ResultSet rows,
        session.exec(library.query(QStringLiteral("freshness/refresh_log_state"), session.serverVersion()).sql));
    const auto letter = [&rows](const char *column) {
        return rows.isNull(0, rows.column(column)) ? QString() : rows.text(0, rows.column(column));
    };
    RefreshLogState state;
    state.presence = presenceOf(rows.boolean(0, rows.column("has_table")), letter("start_trigger"),
                                letter("end_trigger"));
    state.isSuperuser = rows.boolean(0, rows.column("is_superuser"));
    state.inRecovery = rows.boolean(0, rows.column("in_recovery"));
    if (!rows.boolean(0, rows.column("may_read")))
        return state;
    TIDEMARK_TRY(
        const pg::ResultSet extent,
        session.exec(library.query(QStringLiteral("freshness/refresh_log_extent"), session.serverVersion()).sql));
    state.entries = extent.int64(0, extent.column("entries"));
    state.oldest = extent.instant(0, extent.column("oldest"));
    state.newest = extent.instant(0, extent.column("newest"));
    return state;
}

Status RefreshLog::check(Change change, const RefreshLogState &state) const
{
    using Presence = RefreshLogState::Presence;
    if (m_profile.safety == Safety::ReadOnly) {
        return fail(
            Error::safety(tr("The profile %1 is read-only: nothing is installed or removed.").arg(m_profile.name),
                          tr("Set the profile's safety to \"confirm\" or \"free\" to allow it, or run the script with "
                             "psql.")));
    }
    if (state.inRecovery) {
        return fail(refused(ErrorKind::Unsupported, tr("This server is a standby and cannot be changed."),
                            tr("Do it on the primary: the log comes here with the replication.")));
    }
    if (!state.isSuperuser) {
        return fail(refused(ErrorKind::Permission, tr("Event triggers belong to superusers, and this role is none."),
                            tr("Save the script and let a superuser of this database run it with psql.")));
    }
    if (change == Change::Install && state.presence == Presence::Partial) {
        return fail(Error::input(tr("A part of the refresh log is there already."),
                                 tr("Remove it first; what it holds goes with it.")));
    }
    if (change == Change::Install && state.presence != Presence::Absent)
        return fail(Error::input(tr("The refresh log is installed already.")));
    if (change == Change::Remove && state.presence == Presence::Absent)
        return fail(Error::input(tr("There is no refresh log in this database.")));
    return {};
}

ConfirmationNeeded RefreshLog::confirmation(Change change, const QString &database) const
{
    ConfirmationNeeded needed;
    needed.text = change == Change::Install
                      ? tr("Install the refresh log in database %1 of %2? It makes the schema tidemark with one table "
                           "and two event triggers, in one transaction; Remove takes all of it back.")
                            .arg(database, m_profile.name)
                      : tr("Remove the refresh log from database %1 of %2? The refreshes it has written down are "
                           "dropped with it and cannot be brought back.")
                            .arg(database, m_profile.name);
    if (m_profile.environment == Environment::Production)
        needed.typedWord = database;
    return needed;
}

Status RefreshLog::audit(const QString &database, Change change, const QString &outcome) const
{
    if (!m_history) {
        return fail(Error::local(tr("the local store is not open"),
                                 tr("What changes a server is written down first: mend the store, or use psql.")));
    }
    AuditEntry entry;
    entry.at = m_clock.now();
    entry.profile = m_profile.name;
    entry.database = database;
    entry.statement = script(change);
    entry.outcome = outcome;
    return m_history->addAudit(entry);
}

Result<RefreshLogState> RefreshLog::perform(pg::Session &session, Change change, const Confirmation &confirmation) const
{
    const QString database = session.database();
    TIDEMARK_TRY(const RefreshLogState before, state(session));
    TIDEMARK_CHECK(check(change, before));
    const ConfirmationNeeded needed = this->confirmation(change, database);
    if (!confirmation.given)
        return fail(Error::safety(tr("Not done: it was not confirmed."), needed.text));
    if (!needed.typedWord.isEmpty() && confirmation.typed.trimmed() != needed.typedWord)
        return fail(Error::safety(tr("Not done: the typed word is not \"%1\".").arg(needed.typedWord), needed.text));
    if (const Status begun = audit(database, change, QStringLiteral("begun")); !begun)
        return fail(begun.error().within(tr("not done, because the audit cannot be written")));
    const auto after = run(session, change);
    const Status ended = audit(database, change, after ? QStringLiteral("done") : after.error().summary());
    if (!ended && after)
        return fail(ended.error().within(tr("done, but the audit could not be written")));
    return after;
}

Result<RefreshLogState> RefreshLog::run(pg::Session &session, Change change) const
{
    TIDEMARK_CHECK(applyToolkit(session, refreshLogPart, change == Change::Install));
    TIDEMARK_TRY(const RefreshLogState after, state(session));
    const auto wanted = change == Change::Install ? RefreshLogState::Presence::Installed
                                                  : RefreshLogState::Presence::Absent;
    if (after.presence != wanted)
        return fail(Error::internal(tr("the script ran, but the catalogue does not show what it should have done")));
    return after;
}

} // namespace tidemark
