// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/run.h"

#include "core/base/words.h"
#include "core/pg/sqllibrary.h"

#include <QJsonDocument>

#include <array>

namespace tidemark {

namespace {

constexpr std::array runStates{Word{RunState::Confirmed, "confirmed"}, Word{RunState::Running, "running"},
                               Word{RunState::Paused, "paused"},       Word{RunState::Succeeded, "succeeded"},
                               Word{RunState::Failed, "failed"},       Word{RunState::Cancelled, "cancelled"},
                               Word{RunState::Undoing, "undoing"},     Word{RunState::Undone, "undone"}};
constexpr std::array stepStates{Word{StepState::Pending, "pending"}, Word{StepState::Waiting, "waiting"},
                                Word{StepState::Running, "running"}, Word{StepState::Done, "done"},
                                Word{StepState::Failed, "failed"},   Word{StepState::Undone, "undone"}};
constexpr int mostRuns = 500;
constexpr QLatin1String holdingBack("holding back: ");

template<typename Words>
auto stateOf(const Words &words, const QString &text) -> Result<decltype(words.front().value)>
{
    if (const auto value = valueOf(words, text))
        return *value;
    return fail(
        Error::input(QStringLiteral("the toolkit holds a state “%1” that this Tidemark does not know").arg(text),
                     QStringLiteral("It was written by a later Tidemark: update this one.")));
}

Result<pg::ResultSet> ask(pg::Session &session, const char *id, const pg::Params &params, std::stop_token stop)
{
    const auto &query = pg::SqlLibrary::builtIn().query(QLatin1String(id), session.serverVersion());
    return session.exec(query.sql, params, {.stop = stop});
}

bool isNoToolkit(const Error &error)
{
    return error.sqlState == "42P01" || error.sqlState == "3F000";
}

Result<RunRecord> recordOf(const pg::ResultSet &rows, int row)
{
    RunRecord record;
    record.id = rows.int64(row, rows.column("id"));
    record.kind = rows.text(row, rows.column("kind"));
    record.title = rows.text(row, rows.column("title"));
    TIDEMARK_TRY(record.state, stateOf(runStates, rows.text(row, rows.column("state"))));
    record.driven = rows.boolean(row, rows.column("driven"));
    record.driver = rows.text(row, rows.column("driver"));
    record.confirmedBy = rows.text(row, rows.column("confirmed_by"));
    record.createdAt = rows.instant(row, rows.column("created_at"));
    record.startedAt = rows.instant(row, rows.column("started_at"));
    record.finishedAt = rows.instant(row, rows.column("finished_at"));
    record.error = rows.text(row, rows.column("error"));
    record.stepsDone = rows.int32(row, rows.column("steps_done"));
    record.steps = rows.int32(row, rows.column("steps"));
    record.currentStep = rows.text(row, rows.column("current_step"));
    if (const auto current = rows.column("current_state"); !rows.isNull(row, current)) {
        TIDEMARK_TRY(record.currentState, stateOf(stepStates, rows.text(row, current)));
    }
    record.rowsDone = rows.optionalInt64(row, rows.column("rows_done"));
    record.rowsTotal = rows.optionalInt64(row, rows.column("rows_total"));
    if (record.driven)
        record.heldBack = reasonsOfThrottle(rows.text(row, rows.column("throttle")));
    return record;
}

Error noSuchRun(qint64 id, const pg::Session &session)
{
    return Error::missing(QStringLiteral("there is no run %1 in database %2").arg(id).arg(session.database()),
                          QStringLiteral("“tidemarkctl runs” lists those there are."));
}

} // namespace

Result<std::vector<StepRecord>> stepRecordsOf(const pg::ResultSet &rows)
{
    std::vector<StepRecord> steps;
    for (int row = 0; row < rows.rowCount(); ++row) {
        StepRecord step;
        step.ordinal = rows.int32(row, rows.column("ordinal"));
        step.name = rows.text(row, rows.column("name"));
        step.title = rows.text(row, rows.column("title"));
        TIDEMARK_TRY(step.state, stateOf(stepStates, rows.text(row, rows.column("state"))));
        step.attempts = rows.int32(row, rows.column("attempts"));
        step.startedAt = rows.instant(row, rows.column("started_at"));
        step.finishedAt = rows.instant(row, rows.column("finished_at"));
        step.rowsDone = rows.optionalInt64(row, rows.column("rows_done"));
        step.rowsTotal = rows.optionalInt64(row, rows.column("rows_total"));
        step.outcome = QJsonDocument::fromJson(rows.bytes(row, rows.column("outcome"))).object();
        step.error = rows.text(row, rows.column("error"));
        steps.push_back(std::move(step));
    }
    return steps;
}

std::vector<RunEvent> runEventsOf(const pg::ResultSet &rows)
{
    std::vector<RunEvent> events;
    for (int row = 0; row < rows.rowCount(); ++row) {
        RunEvent event;
        event.id = rows.int64(row, rows.column("id"));
        if (const auto step = rows.optionalInt64(row, rows.column("step")))
            event.step = static_cast<int>(*step);
        event.at = rows.instant(row, rows.column("at")).value_or(Instant());
        event.kind = rows.text(row, rows.column("kind"));
        event.text = rows.text(row, rows.column("text"));
        event.detail = QJsonDocument::fromJson(rows.bytes(row, rows.column("detail"))).object();
        events.push_back(std::move(event));
    }
    return events;
}

Result<std::vector<RunRecord>> runRecordsOf(const pg::ResultSet &rows)
{
    std::vector<RunRecord> records;
    for (int row = 0; row < rows.rowCount(); ++row) {
        TIDEMARK_TRY(RunRecord record, recordOf(rows, row));
        records.push_back(std::move(record));
    }
    return records;
}

QString runStateName(RunState state)
{
    return wordOf(runStates, state);
}

QString stepStateName(StepState state)
{
    return wordOf(stepStates, state);
}

QString throttleText(const QStringList &reasons)
{
    return reasons.isEmpty() ? QStringLiteral("going on") : holdingBack + reasons.join(QLatin1String("; "));
}

QString reasonsOfThrottle(const QString &text)
{
    return text.startsWith(holdingBack) ? text.mid(holdingBack.size()) : QString();
}

Result<std::vector<RunRecord>> readRuns(pg::Session &session, std::stop_token stop)
{
    const auto rows = ask(session, "runs/list", {nullptr, mostRuns}, stop);
    if (!rows) {
        if (isNoToolkit(rows.error()))
            return std::vector<RunRecord>();
        return fail(rows.error().within(QStringLiteral("reading the runs")));
    }
    return runRecordsOf(*rows);
}

Result<RunRecord> readRunRecord(pg::Session &session, qint64 id, std::stop_token stop)
{
    const auto rows = ask(session, "runs/list", {id, mostRuns}, stop);
    if (!rows)
        return fail(isNoToolkit(rows.error()) ? noSuchRun(id, session) : rows.error());
    if (rows->isEmpty())
        return fail(noSuchRun(id, session));
    return recordOf(*rows, 0);
}

Result<RunDetail> readRun(pg::Session &session, qint64 id, std::stop_token stop)
{
    RunDetail detail;
    TIDEMARK_TRY(detail.record, readRunRecord(session, id, stop));
    TIDEMARK_TRY(const auto stored, session.exec("SELECT plan, settings, fingerprint FROM tidemark.run WHERE id = $1",
                                                 {id}, {.stop = stop}));
    TIDEMARK_TRY(detail.plan, Plan::parse(stored.bytes(0, 0)));
    if (stored.text(0, 2) != detail.plan.fingerprint()) {
        return fail(Error::input(
            QStringLiteral("the plan of run %1 is not the one that was confirmed: its fingerprint differs").arg(id),
            QStringLiteral("Somebody changed tidemark.run by hand; make the plan anew.")));
    }
    TIDEMARK_TRY(detail.settings,
                 RunSettings::fromJson(QJsonDocument::fromJson(stored.bytes(0, 1)).object(), RunSettings()));
    TIDEMARK_TRY(const auto steps, ask(session, "runs/steps", {id}, stop));
    TIDEMARK_TRY(detail.steps, stepRecordsOf(steps));
    TIDEMARK_TRY(const auto events, ask(session, "runs/events", {id}, stop));
    detail.events = runEventsOf(events);
    return detail;
}

Status requestOfRun(pg::Session &session, qint64 id, const QString &verb, const QJsonObject &detail)
{
    TIDEMARK_TRY(const RunRecord record, readRunRecord(session, id));
    if (!record.driven) {
        return fail(Error::input(
            QStringLiteral("nobody drives run %1: it is %2").arg(id).arg(runStateName(record.state)),
            QStringLiteral("“tidemarkctl resume %1” goes on with it, “tidemarkctl undo %1” takes it back.").arg(id)));
    }
    if (verb == QLatin1String("retune"))
        TIDEMARK_CHECK(RunSettings::fromJson(detail, RunSettings()).map([](const RunSettings &) {}));
    QJsonObject told = detail;
    if (verb == QLatin1String("proceed")) {
        TIDEMARK_TRY(const auto waiting,
                     session.exec("SELECT ordinal FROM tidemark.run_step WHERE run = $1 AND state = 'waiting'", {id}));
        if (waiting.isEmpty())
            return fail(Error::input(QStringLiteral("run %1 waits for no word now").arg(id)));
        told.insert(QStringLiteral("step"), waiting.int32(0, 0));
    }
    TIDEMARK_TRY([[maybe_unused]] const auto inserted,
                 session.exec("INSERT INTO tidemark.run_request (run, verb, detail) VALUES ($1, $2, $3)",
                              {id, verb, QJsonDocument(told).toJson(QJsonDocument::Compact)}));
    return {};
}

} // namespace tidemark
