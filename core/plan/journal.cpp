// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/journal.h"

#include "core/base/units.h"

#include <QJsonDocument>

namespace tidemark {

namespace {

constexpr int lockClass = 1414087749; // "TIDE"; told in the comment of tidemark.run
constexpr Millis earlierDriver{60'000};

QByteArray compact(const QJsonObject &json)
{
    return QJsonDocument(json).toJson(QJsonDocument::Compact);
}

QJsonObject errorToJson(const Error &error)
{
    return {{QStringLiteral("kind"), errorKindName(error.kind)},
            {QStringLiteral("message"), error.summary()},
            {QStringLiteral("detail"), error.detail},
            {QStringLiteral("hint"), error.hint},
            {QStringLiteral("sqlstate"), QString::fromLatin1(error.sqlState)},
            {QStringLiteral("statement"), QString::fromUtf8(error.statement)}};
}

Error noSuchRun(qint64 run)
{
    return Error::missing(QStringLiteral("there is no run %1 in this database").arg(run),
                          QStringLiteral("“tidemarkctl runs” lists them."));
}

Result<QString> currentDriver(pg::Session &control, qint64 run)
{
    TIDEMARK_TRY(const auto rows,
                 control.exec("SELECT r.driver, a.pid::text, a.client_addr::text "
                              "FROM tidemark.run AS r "
                              "LEFT JOIN pg_catalog.pg_locks AS l ON l.locktype = 'advisory' "
                              "  AND l.classid = $1::int::oid AND l.objid = $2::int::oid AND l.objsubid = 2 "
                              "LEFT JOIN pg_catalog.pg_stat_activity AS a ON a.pid = l.pid WHERE r.id = $2",
                              {lockClass, run}));
    if (rows.isEmpty())
        return fail(noSuchRun(run));
    return QStringLiteral("%1, backend %2").arg(rows.text(0, 0), rows.text(0, 1));
}

} // namespace

Journal::Journal(qint64 run, qint64 token)
    : m_run(run)
    , m_token(token)
{
}

QByteArray Journal::fence()
{
    return "WITH fence AS MATERIALIZED (SELECT FROM tidemark.run_fence AS f WHERE f.run = $1 AND f.token = $2 FOR SHARE) ";
}

Error Journal::drivenByAnother() const
{
    Error error = Error::input(
        QStringLiteral("run %1 is driven from elsewhere now; this driver has stopped").arg(m_run));
    error.kind = ErrorKind::Conflict;
    return error;
}

template<typename Executor>
Status Journal::write(Executor &executor, const QByteArray &sql, pg::Params values) const
{
    pg::Params params{m_run, m_token};
    params.insert(params.end(), values.begin(), values.end());
    TIDEMARK_TRY(const auto written, executor.exec(fence() + sql, params));
    if (written.affectedRows() == 0)
        return fail(drivenByAnother());
    return {};
}

Result<qint64> Journal::create(pg::Session &session, const Plan &plan, const RunSettings &settings)
{
    TIDEMARK_TRY(pg::Transaction transaction, pg::Transaction::begin(session));
    TIDEMARK_TRY(const auto run, transaction.exec("INSERT INTO tidemark.run (kind, title, plan, fingerprint, settings) "
                                                  "VALUES ($1, $2, $3, $4, $5) RETURNING id",
                                                  {plan.kind, plan.title, compact(plan.toJson()), plan.fingerprint(),
                                                   compact(settings.toJson())}));
    const qint64 id = run.int64(0, 0);
    TIDEMARK_TRY([[maybe_unused]] const auto fenced,
                 transaction.exec("INSERT INTO tidemark.run_fence (run) VALUES ($1)", {id}));
    int ordinal = 0;
    for (const Step &step : plan.steps) {
        TIDEMARK_TRY(
            [[maybe_unused]] const auto inserted,
            transaction.exec("INSERT INTO tidemark.run_step (run, ordinal, name, title) VALUES ($1, $2, $3, $4)",
                             {id, ++ordinal, step.name, step.title}));
    }
    TIDEMARK_CHECK(transaction.commit());
    return id;
}

Result<Journal> Journal::attach(pg::Session &control, qint64 run, const QString &driver, std::stop_token stop)
{
    TIDEMARK_TRY(const auto locked,
                 control.exec("SELECT pg_catalog.pg_try_advisory_lock($1, $2::int)", {lockClass, run}, {.stop = stop}));
    if (!locked.boolean(0, 0)) {
        TIDEMARK_TRY(const QString other, currentDriver(control, run));
        Error error = Error::input(QStringLiteral("run %1 is driven by %2").arg(run).arg(other),
                                   QStringLiteral("Pause it there, or wait until that driver has ended."));
        error.kind = ErrorKind::Conflict;
        return fail(error);
    }
    // Waits for what an earlier driver, cut off from us but not from the server, still has in flight.
    TIDEMARK_TRY(const auto raised,
                 control.exec("UPDATE tidemark.run_fence SET token = token + 1 WHERE run = $1 RETURNING token", {run},
                              {.deadline = earlierDriver, .stop = stop}));
    if (raised.isEmpty())
        return fail(noSuchRun(run));
    const Journal journal(run, raised.int64(0, 0));
    TIDEMARK_CHECK(journal.write(control, "UPDATE tidemark.run SET driver = $3 FROM fence WHERE id = $1", {driver}));
    return journal;
}

Status Journal::guard(pg::Transaction &transaction) const
{
    TIDEMARK_TRY(
        const auto found,
        transaction.exec("SELECT FROM tidemark.run_fence WHERE run = $1 AND token = $2 FOR SHARE", {m_run, m_token}));
    if (found.isEmpty())
        return fail(drivenByAnother());
    return {};
}

Status Journal::setState(pg::Session &session, RunState state, const std::optional<Error> &error) const
{
    const bool begins = state == RunState::Running || state == RunState::Undoing;
    const bool ends = state == RunState::Succeeded || state == RunState::Failed || state == RunState::Cancelled
                      || state == RunState::Undone;
    return write(
        session,
        "UPDATE tidemark.run SET state = $3, error = $4::jsonb, "
        "started_at = CASE WHEN $5::bool THEN coalesce(started_at, clock_timestamp()) ELSE started_at END, "
        "finished_at = CASE WHEN $6::bool THEN clock_timestamp() END FROM fence WHERE id = $1",
        {runStateName(state), error ? pg::Param(compact(errorToJson(*error))) : pg::Param(nullptr), begins, ends});
}

Status Journal::setSettings(pg::Session &session, const RunSettings &settings) const
{
    return write(session, "UPDATE tidemark.run SET settings = $3::jsonb FROM fence WHERE id = $1",
                 {compact(settings.toJson())});
}

Status Journal::stepStarted(pg::Session &session, int ordinal) const
{
    return write(
        session,
        "UPDATE tidemark.run_step SET state = 'running', attempts = attempts + 1, error = NULL, finished_at = NULL, "
        "started_at = coalesce(started_at, clock_timestamp()) FROM fence WHERE run = $1 AND ordinal = $3",
        {ordinal});
}

Status Journal::stepWaits(pg::Session &session, int ordinal) const
{
    return write(session, "UPDATE tidemark.run_step SET state = 'waiting' FROM fence WHERE run = $1 AND ordinal = $3",
                 {ordinal});
}

Status Journal::stepFailed(pg::Session &session, int ordinal, const Error &error) const
{
    return write(session,
                 "UPDATE tidemark.run_step SET state = 'failed', error = $4::jsonb, finished_at = clock_timestamp() "
                 "FROM fence WHERE run = $1 AND ordinal = $3",
                 {ordinal, compact(errorToJson(error))});
}

Status Journal::setRowsTotal(pg::Session &session, int ordinal, qint64 rows) const
{
    return write(session, "UPDATE tidemark.run_step SET rows_total = $4 FROM fence WHERE run = $1 AND ordinal = $3",
                 {ordinal, rows});
}

namespace {

const QByteArray doneSql = "UPDATE tidemark.run_step SET state = 'done', outcome = $4::jsonb, error = NULL, "
                           "finished_at = clock_timestamp() FROM fence WHERE run = $1 AND ordinal = $3";
const QByteArray undoneSql = "UPDATE tidemark.run_step SET state = 'undone', finished_at = clock_timestamp() "
                             "FROM fence WHERE run = $1 AND ordinal = $3";

QByteArray outcomeToJson(const StepOutcome &outcome)
{
    QJsonObject json = outcome.detail;
    if (outcome.rows)
        json.insert(QStringLiteral("rows"), *outcome.rows);
    return compact(json);
}

} // namespace

Status Journal::stepDone(pg::Transaction &transaction, int ordinal, const StepOutcome &outcome) const
{
    return write(transaction, doneSql, {ordinal, outcomeToJson(outcome)});
}

Status Journal::stepDone(pg::Session &session, int ordinal, const StepOutcome &outcome) const
{
    return write(session, doneSql, {ordinal, outcomeToJson(outcome)});
}

Result<bool> Journal::hasWord(pg::Session &session, int ordinal) const
{
    // A word that a failed attempt used up lies before its end.
    return session
        .exec("SELECT EXISTS (SELECT FROM tidemark.run_request AS r JOIN tidemark.run_step AS s USING (run) "
              "WHERE r.run = $1 AND s.ordinal = $2 AND r.verb = 'proceed' AND (r.detail ->> 'step')::int = $2 "
              "AND r.taken_at > coalesce(s.finished_at, '-infinity'))",
              {m_run, ordinal})
        .map([](const pg::ResultSet &rows) { return rows.boolean(0, 0); });
}

Status Journal::recordLocks(pg::Transaction &transaction, int ordinal) const
{
    return write(
        transaction,
        "INSERT INTO tidemark.run_event (run, step, kind, text, detail) "
        "SELECT $1, $3, 'locks', l.held || ' locks held at the end', pg_catalog.jsonb_build_object('locks', l.list) "
        "FROM fence CROSS JOIN LATERAL (SELECT count(*) AS held, coalesce(pg_catalog.jsonb_agg("
        "pg_catalog.jsonb_build_object('schema', n.nspname, 'relation', c.relname, 'mode', l.mode)), '[]') AS list "
        "FROM pg_catalog.pg_locks AS l JOIN pg_catalog.pg_class AS c ON c.oid = l.relation "
        "JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace "
        "WHERE l.pid = pg_catalog.pg_backend_pid() AND l.locktype = 'relation' AND l.granted "
        "AND n.nspname NOT IN ('pg_catalog', 'pg_toast', 'information_schema', 'tidemark')) AS l",
        {ordinal});
}

Status Journal::stepUndone(pg::Transaction &transaction, int ordinal) const
{
    return write(transaction, undoneSql, {ordinal});
}

Status Journal::stepUndone(pg::Session &session, int ordinal) const
{
    return write(session, undoneSql, {ordinal});
}

Status Journal::event(pg::Session &session, std::optional<int> step, const QString &kind, const QString &text,
                      const QJsonObject &detail) const
{
    return write(session,
                 "INSERT INTO tidemark.run_event (run, step, kind, text, detail) "
                 "SELECT $1, $3::int, $4, $5, $6::jsonb FROM fence",
                 {step ? pg::Param(*step) : pg::Param(nullptr), kind, text, compact(detail)});
}

Result<bool> Journal::hasRequests(pg::Session &session, std::stop_token stop) const
{
    return session
        .exec("SELECT EXISTS (SELECT FROM tidemark.run_request WHERE run = $1 AND taken_at IS NULL)", {m_run},
              {.stop = std::move(stop)})
        .map([](const pg::ResultSet &rows) { return rows.boolean(0, 0); });
}

Result<std::vector<RunRequest>> Journal::takeRequests(pg::Transaction &transaction, std::stop_token stop) const
{
    TIDEMARK_TRY(const auto rows,
                 transaction.exec("WITH taken AS (UPDATE tidemark.run_request SET taken_at = clock_timestamp() "
                                  "WHERE run = $1 AND taken_at IS NULL RETURNING id, verb, detail, requested_by) "
                                  "SELECT id, verb, detail, requested_by FROM taken ORDER BY id",
                                  {m_run}, {.stop = std::move(stop)}));
    std::vector<RunRequest> requests;
    for (int row = 0; row < rows.rowCount(); ++row) {
        requests.push_back({rows.int64(row, 0), rows.text(row, 1), QJsonDocument::fromJson(rows.bytes(row, 2)).object(),
                            rows.text(row, 3)});
    }
    return requests;
}

} // namespace tidemark
