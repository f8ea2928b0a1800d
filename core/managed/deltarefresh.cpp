// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/managed/deltarefresh.h"

#include "core/base/pause.h"
#include "core/ddl/rolesettings.h"
#include "core/managed/delta.h"
#include "core/managed/refreshhistory.h"
#include "core/managed/refreshlock.h"

#include <map>

namespace tidemark::managed {

namespace {

using Mode = DeltaScope::Mode;
using Steady = std::chrono::steady_clock;

constexpr Millis betweenAttempts{200};

Status checkScope(const DeltaTarget &target, const DeltaScope &scope)
{
    for (const QString &name : scope.decisive()) {
        const RowColumn *column = target.column(name);
        if (column == nullptr || column->asKey.equality.isEmpty()) {
            return fail(Error::input(
                column == nullptr
                    ? QStringLiteral("%1 has no column “%2”").arg(target.table.display(), name)
                    : QStringLiteral("the type of column “%1” of %2 has no order").arg(name, target.table.display()),
                QStringLiteral("Its columns are: %1.").arg(namesOf(target.columns).join(QStringLiteral(", ")))));
        }
    }
    if (scope.mode == Mode::Keys) {
        if (scope.columns.isEmpty())
            return fail(Error::input(QStringLiteral("a refresh by keys needs the columns that they are of")));
        for (const auto &value : scope.values) {
            if (value.size() != static_cast<std::size_t>(scope.columns.size()))
                return fail(Error::input(QStringLiteral("each key needs a value for each of: %1")
                                             .arg(scope.columns.join(QStringLiteral(", ")))));
        }
    }
    return {};
}

/// What every refresh sets for itself, before its snapshot.
Status prepare(pg::Transaction &transaction)
{
    // Row security would hide rows and look like their deletion. Sorting and hashing all of a table is what
    // maintenance_work_mem is for.
    TIDEMARK_TRY([[maybe_unused]] const auto security, transaction.exec("SET LOCAL row_security = off"));
    for (const QString &setting : ddl::settingsOfTheRole()) {
        TIDEMARK_TRY([[maybe_unused]] const auto set, transaction.exec(setting.toUtf8()));
    }
    TIDEMARK_TRY([[maybe_unused]] const auto memory,
                 transaction.exec("SELECT pg_catalog.set_config('work_mem', greatest(pg_catalog.pg_size_bytes("
                                  "pg_catalog.current_setting('work_mem')), pg_catalog.pg_size_bytes("
                                  "pg_catalog.current_setting('maintenance_work_mem'))) / 1024 || 'kB', true)"));
    return {};
}

/// Keys of rows that changed are looked up on pages that were just written: in memory, whatever the disks are like.
Status setCosts(pg::Transaction &transaction, DeltaScope::Mode mode)
{
    TIDEMARK_TRY([[maybe_unused]] const auto usual, transaction.exec("SET LOCAL random_page_cost TO DEFAULT"));
    if (mode != Mode::Keys)
        return {};
    TIDEMARK_TRY([[maybe_unused]] const auto cheap,
                 transaction.exec("SELECT pg_catalog.set_config('random_page_cost', least("
                                  "pg_catalog.current_setting('random_page_cost')::float8, "
                                  "1.1 * pg_catalog.current_setting('seq_page_cost')::float8)::text, true)"));
    return {};
}

/// The definition must mean the same whoever refreshes, and wherever.
Status setTimeZone(pg::Transaction &transaction, const ManagedTable &table)
{
    TIDEMARK_TRY([[maybe_unused]] const auto zone,
                 transaction.exec("SELECT pg_catalog.set_config('TimeZone', $1, true)", {table.timeZone}));
    return {};
}

Result<Divergence> divergenceOf(pg::Transaction &transaction, const DeltaTarget &target, const pg::CallOptions &call)
{
    TIDEMARK_TRY(const auto rows, transaction.exec(deltasql::divergence(target).toUtf8(), {}, call));
    return Divergence{rows.int64(0, 0), rows.int64(0, 1)};
}

Status prove(pg::Transaction &transaction, const DeltaTarget &target, const pg::CallOptions &call)
{
    TIDEMARK_TRY(const Divergence divergence, divergenceOf(transaction, target, call));
    if (divergence.isEqual())
        return {};
    Error error = Error::input(
        QStringLiteral("%1 has %2 rows too many and lacks %3 right after its refresh")
            .arg(target.table.display())
            .arg(divergence.surplus)
            .arg(divergence.lacking),
        QStringLiteral("The definition %1 gives another result each time it is computed: see what random or clock "
                       "functions it calls.")
            .arg(target.definition.display()));
    error.kind = ErrorKind::Constraint;
    return fail(error);
}

/// A table to be refreshed and what is asked of it.
struct Job
{
    ManagedTable table;
    DeltaScope scope;
};

Result<DeltaOutcome> refreshOne(pg::Session &session, pg::Transaction &transaction, const Job &job,
                                const DeltaOptions &options, const QString &startedAt, const pg::CallOptions &call)
{
    TIDEMARK_CHECK(setTimeZone(transaction, job.table));
    TIDEMARK_TRY(const DeltaTarget target, readDeltaTarget(session, job.table, call));
    TIDEMARK_CHECK(checkScope(target, job.scope));
    bool rebuilds = false;
    if (job.table.isUnlogged) {
        TIDEMARK_TRY(const auto mark,
                     transaction.exec("SELECT FROM tidemark.managed_mark WHERE relation = $1", {job.table.oid}));
        rebuilds = mark.isEmpty();
    }
    const DeltaScope done = rebuilds ? DeltaScope::full() : job.scope;
    TIDEMARK_CHECK(setCosts(transaction, done.mode));
    TIDEMARK_TRY(DeltaOutcome outcome, Delta(transaction, target, options, call).run(done));
    outcome.table = job.table.name;
    outcome.rebuilt = rebuilds;
    if (options.prove) {
        TIDEMARK_CHECK(prove(transaction, target, call));
        outcome.proven = true;
    }
    if (rebuilds) {
        TIDEMARK_TRY([[maybe_unused]] const auto marked,
                     transaction.exec("INSERT INTO tidemark.managed_mark VALUES ($1)", {job.table.oid}));
    }
    TIDEMARK_TRY(outcome.id, writeHistory(transaction, job.table, done, outcome, startedAt));
    return outcome;
}

/// In the order of their reading each other.
Result<std::vector<Job>> jobsOf(pg::Session &session, const std::vector<DeltaRequest> &requests,
                                const pg::CallOptions &call)
{
    TIDEMARK_TRY(const std::vector<ManagedTable> all, readManaged(session, call));
    std::vector<Job> jobs;
    for (const ManagedTable &table : all) {
        for (const DeltaRequest &request : requests) {
            if (request.table == table.name)
                jobs.push_back({table, request.scope});
        }
    }
    if (jobs.size() < requests.size()) {
        for (const DeltaRequest &request : requests)
            TIDEMARK_CHECK(readManaged(session, request.table, call));
    }
    return jobs;
}

/// In the order of the oids, so that two chains never wait for each other in a ring.
Result<std::vector<RefreshLock>> lockAll(pg::Session &session, const std::vector<Job> &jobs, Millis patience,
                                         std::stop_token stop)
{
    std::map<quint32, QString> names;
    for (const Job &job : jobs)
        names.emplace(job.table.oid, job.table.name.display());
    std::vector<RefreshLock> locks;
    for (const auto &[oid, name] : names) {
        TIDEMARK_TRY(RefreshLock lock, RefreshLock::take(session, oid, name, patience, stop));
        locks.push_back(std::move(lock));
    }
    return locks;
}

} // namespace

Result<std::vector<DeltaOutcome>>
refreshTogether(pg::Session &session, const std::vector<DeltaRequest> &requests, const DeltaOptions &options,
                const pg::CallOptions &call,
                const std::function<Status(pg::Transaction &, const std::vector<DeltaOutcome> &)> &beforeCommit)
{
    TIDEMARK_TRY(const std::vector<Job> jobs, jobsOf(session, requests, call));
    TIDEMARK_TRY([[maybe_unused]] const auto locks, lockAll(session, jobs, options.waitForOther, call.stop));
    const Job *current = nullptr;
    QString startedAt;
    const auto once = [&]() -> Result<std::vector<DeltaOutcome>> {
        TIDEMARK_TRY(pg::Transaction transaction, pg::Transaction::begin(session, "ISOLATION LEVEL REPEATABLE READ"));
        TIDEMARK_CHECK(prepare(transaction));
        std::vector<DeltaOutcome> outcomes;
        for (const Job &job : jobs) {
            const auto begun = Steady::now();
            current = &job;
            // Is read again under other settings: after a rollback those of the session.
            TIDEMARK_TRY(const auto clock,
                         transaction.exec("SELECT pg_catalog.to_char(pg_catalog.clock_timestamp() AT TIME ZONE 'UTC', "
                                          "'YYYY-MM-DD HH24:MI:SS.US+00')"));
            startedAt = clock.text(0, 0);
            TIDEMARK_TRY(DeltaOutcome outcome, refreshOne(session, transaction, job, options, startedAt, call));
            outcome.took = std::chrono::ceil<Millis>(Steady::now() - begun);
            outcomes.push_back(std::move(outcome));
        }
        if (beforeCommit)
            TIDEMARK_CHECK(beforeCommit(transaction, outcomes));
        TIDEMARK_CHECK(transaction.commit());
        return outcomes;
    };
    for (int attempt = 1;; ++attempt) {
        auto outcomes = once();
        if (outcomes) {
            for (DeltaOutcome &outcome : *outcomes)
                outcome.attempts = attempt;
            pruneHistory(session, *outcomes);
            return outcomes;
        }
        if (current == nullptr)
            return fail(outcomes.error());
        const Error error = outcomes.error().within(QStringLiteral("refreshing %1").arg(current->table.name.display()));
        if (error.kind != ErrorKind::Conflict || attempt >= options.attempts || !pauseFor(betweenAttempts, call.stop)) {
            writeFailure(session, current->table, current->scope, startedAt, error);
            return fail(error);
        }
    }
}

Result<DeltaOutcome> refreshManaged(pg::Session &session, const pg::QualifiedName &table, const DeltaScope &scope,
                                    const DeltaOptions &options, const pg::CallOptions &call)
{
    TIDEMARK_TRY(const std::vector<DeltaOutcome> outcomes, refreshTogether(session, {{table, scope}}, options, call));
    return outcomes.front();
}

Result<Divergence> compareManaged(pg::Session &session, const pg::QualifiedName &table, const pg::CallOptions &call)
{
    TIDEMARK_TRY(const ManagedTable managed, readManaged(session, table, call));
    TIDEMARK_TRY(pg::Transaction transaction,
                 pg::Transaction::begin(session, "ISOLATION LEVEL REPEATABLE READ READ ONLY"));
    TIDEMARK_CHECK(prepare(transaction));
    TIDEMARK_CHECK(setTimeZone(transaction, managed));
    TIDEMARK_TRY(const DeltaTarget target, readDeltaTarget(session, managed, call));
    return divergenceOf(transaction, target, call);
}

} // namespace tidemark::managed
