// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/managed/deltarefresh.h"

#include "core/base/pause.h"
#include "core/managed/refreshlock.h"

#include <QJsonDocument>

#include <map>

namespace tidemark::managed {

namespace {

using Mode = DeltaScope::Mode;
using Steady = std::chrono::steady_clock;

constexpr Millis betweenAttempts{200};

/// One refresh in its transaction.
class Delta
{
public:
    Delta(pg::Transaction &transaction, const DeltaTarget &target, const DeltaOptions &options,
          const pg::CallOptions &call)
        : m_transaction(transaction)
        , m_target(target)
        , m_options(options)
        , m_call(call)
    {
    }

    [[nodiscard]] Result<DeltaOutcome> run(const DeltaScope &scope)
    {
        m_outcome.mode = scope.mode;
        if (scope.mode != Mode::Keys) {
            TIDEMARK_CHECK(apply(scope, 0, SIZE_MAX));
            return m_outcome;
        }
        for (std::size_t first = 0; first < scope.values.size(); first += m_options.batch)
            TIDEMARK_CHECK(apply(scope, first, m_options.batch));
        return m_outcome;
    }

private:
    [[nodiscard]] Status apply(const DeltaScope &scope, std::size_t first, std::size_t count);
    [[nodiscard]] Status fetchWhatLeft(const DeltaScope &scope, const pg::Params &params, qint64 &fetched);
    [[nodiscard]] Status checkKey();
    [[nodiscard]] Result<qint64> affected(const QString &sql, const pg::Params &params = {})
    {
        TIDEMARK_TRY(const auto done, m_transaction.exec(sql.toUtf8(), params, m_call));
        return done.affectedRows();
    }

    pg::Transaction &m_transaction;
    const DeltaTarget &m_target;
    const DeltaOptions &m_options;
    const pg::CallOptions &m_call;
    DeltaOutcome m_outcome;
};

Status Delta::apply(const DeltaScope &scope, std::size_t first, std::size_t count)
{
    const pg::Params params = deltasql::paramsOf(scope, first, count);
    TIDEMARK_TRY(qint64 fetched, affected(deltasql::fetch(m_target, scope), params));
    if (!m_target.isOfKey(scope))
        TIDEMARK_CHECK(fetchWhatLeft(scope, params, fetched));
    if (fetched >= m_options.analyzeFrom) {
        TIDEMARK_TRY([[maybe_unused]] const auto analysed, affected(deltasql::analyze(m_target)));
    }
    // A key that the index guards shows in the count of rows: a scan of the table is cheaper than grouping all keys.
    const bool byCount = scope.mode == Mode::Full && m_target.isKeyGuarded();
    qint64 standing = 0;
    if (byCount) {
        TIDEMARK_TRY(const auto counted, m_transaction.exec(deltasql::countStanding(m_target).toUtf8(), {}, m_call));
        standing = counted.int64(0, 0);
    } else {
        TIDEMARK_CHECK(checkKey());
    }
    TIDEMARK_TRY(const qint64 differing, affected(deltasql::compare(m_target, scope)));
    const bool mayHaveGone = scope.mode != Mode::Full || differing > 0;
    qint64 deleted = 0;
    qint64 updated = 0;
    qint64 inserted = 0;
    if (mayHaveGone) {
        TIDEMARK_TRY(deleted,
                     affected(deltasql::removeGone(m_target, scope), scope.mode == Mode::Full ? pg::Params() : params));
    }
    if (differing > 0) {
        TIDEMARK_TRY(updated, affected(deltasql::update(m_target)));
        // A key that comes twice and is new fails here, at the index.
        auto added = affected(deltasql::insert(m_target));
        if (!added)
            return fail(
                added.error().within(QStringLiteral("adding the new rows of %1").arg(m_target.definition.display())));
        inserted = *added;
    }
    if (byCount && fetched - inserted != standing - deleted)
        TIDEMARK_CHECK(checkKey());
    TIDEMARK_TRY([[maybe_unused]] const auto dropped, affected(deltasql::drop()));
    m_outcome.compared += fetched;
    m_outcome.deleted += deleted;
    m_outcome.updated += updated;
    m_outcome.inserted += inserted;
    return {};
}

Status Delta::fetchWhatLeft(const DeltaScope &scope, const pg::Params &params, qint64 &fetched)
{
    TIDEMARK_TRY(const auto rows, m_transaction.exec(deltasql::missing(m_target, scope).toUtf8(), params, m_call));
    DeltaScope left = DeltaScope::keys(m_target.key, {});
    for (int row = 0; row < rows.rowCount(); ++row) {
        std::vector<std::optional<QString>> key;
        for (int column = 0; column < rows.columnCount(); ++column)
            key.push_back(rows.isNull(row, column) ? std::nullopt : std::optional(rows.text(row, column)));
        left.values.push_back(std::move(key));
    }
    for (std::size_t first = 0; first < left.values.size(); first += m_options.batch) {
        TIDEMARK_TRY(const qint64 more,
                     affected(deltasql::fetchMore(m_target, left), deltasql::paramsOf(left, first, m_options.batch)));
        fetched += more;
    }
    return {};
}

Status Delta::checkKey()
{
    TIDEMARK_TRY(const auto rows, m_transaction.exec(deltasql::duplicate(m_target).toUtf8(), {}, m_call));
    if (rows.isEmpty())
        return {};
    QStringList values;
    for (qsizetype index = 0; index < m_target.key.size(); ++index) {
        const int column = static_cast<int>(index);
        values << QStringLiteral("%1 = %2").arg(m_target.key.at(index),
                                                rows.isNull(0, column) ? QStringLiteral("NULL") : rows.text(0, column));
    }
    Error error = Error::input(
        QStringLiteral("%1 has the key %2 %3 times: it is no key")
            .arg(m_target.definition.display(), values.join(QStringLiteral(", ")),
                 rows.text(0, static_cast<int>(m_target.key.size()))),
        QStringLiteral("Correct the view or the rows it reads, or keep the table by more columns."));
    error.kind = ErrorKind::Constraint;
    return fail(error);
}

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

Result<qint64> writeHistory(pg::Transaction &transaction, const ManagedTable &table, const DeltaScope &scope,
                            const DeltaOutcome &outcome, const QString &startedAt)
{
    const QByteArray json = QJsonDocument(scope.toJson()).toJson(QJsonDocument::Compact);
    TIDEMARK_TRY(
        const auto line,
        transaction.exec("INSERT INTO tidemark.managed_refresh (relation, schema_name, relation_name, mode, "
                         "scope, started_at, rows_compared, rows_deleted, rows_updated, rows_inserted, rebuilt) "
                         "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING id",
                         {table.oid, table.name.schema, table.name.name, modeWord(scope.mode), json, startedAt,
                          outcome.compared, outcome.deleted, outcome.updated, outcome.inserted, outcome.rebuilt}));
    TIDEMARK_TRY(
        [[maybe_unused]] const auto written,
        transaction.exec(
            "UPDATE tidemark.managed_table SET last_refresh_at = clock.now, last_mode = $2, "
            "last_full_at = CASE WHEN $2 = 'full' THEN clock.now ELSE last_full_at END, "
            "last_changed_at = CASE WHEN $4::int8 + $5::int8 + $6::int8 > 0 THEN clock.now ELSE last_changed_at END, "
            "last_duration_ms = pg_catalog.date_part('epoch', clock.now - $3::timestamptz) * 1000, "
            "rows_deleted = $4, rows_updated = $5, rows_inserted = $6 "
            "FROM (SELECT pg_catalog.clock_timestamp()) AS clock (now) WHERE relation = $1::oid",
            {table.oid, modeWord(scope.mode), startedAt, outcome.deleted, outcome.updated, outcome.inserted}));
    TIDEMARK_TRY([[maybe_unused]] const auto pruned,
                 transaction.exec("DELETE FROM tidemark.managed_refresh WHERE id IN (SELECT l.id "
                                  "FROM tidemark.managed_refresh AS l "
                                  "WHERE l.finished_at < pg_catalog.now() - interval '90 days' "
                                  "ORDER BY l.finished_at LIMIT 1000 FOR UPDATE SKIP LOCKED)"));
    return line.int64(0, 0);
}

void writeFailure(pg::Session &session, const ManagedTable &table, const DeltaScope &scope, const QString &startedAt,
                  const Error &error)
{
    if (!session.isAlive())
        return;
    const QByteArray json = QJsonDocument(scope.toJson()).toJson(QJsonDocument::Compact);
    // What cannot be written down is no second failure.
    static_cast<void>(session.exec(
        "WITH line AS (INSERT INTO tidemark.managed_refresh (relation, schema_name, relation_name, mode, scope, "
        "started_at, error) VALUES ($1, $2, $3, $4, $5, $6, $7)) "
        "UPDATE tidemark.managed_table SET last_error_at = pg_catalog.clock_timestamp(), last_error = $7 "
        "WHERE relation = $1::oid",
        {table.oid, table.name.schema, table.name.name, modeWord(scope.mode), json, startedAt, error.summary()}));
}

/// What every refresh sets for itself, before its snapshot.
Status prepare(pg::Transaction &transaction)
{
    // Row security would hide rows and look like their deletion. Sorting and hashing all of a table is what
    // maintenance_work_mem is for.
    TIDEMARK_TRY([[maybe_unused]] const auto set, transaction.exec("SET LOCAL row_security = off"));
    TIDEMARK_TRY([[maybe_unused]] const auto memory,
                 transaction.exec("SELECT pg_catalog.set_config('work_mem', greatest(pg_catalog.pg_size_bytes("
                                  "pg_catalog.current_setting('work_mem')), pg_catalog.pg_size_bytes("
                                  "pg_catalog.current_setting('maintenance_work_mem'))) / 1024 || 'kB', true)"));
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
            TIDEMARK_TRY(const auto clock, transaction.exec("SELECT pg_catalog.clock_timestamp()"));
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
