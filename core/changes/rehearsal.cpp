// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/changes/rehearsal.h"

#include "core/changes/allactions.h"
#include "core/plan/runjson.h"
#include "core/plan/runner.h"
#include "core/plan/toolkit.h"

#include <QJsonArray>

#include <QSet>

#include <future>
#include <map>

namespace tidemark {

namespace {

constexpr std::chrono::milliseconds lookInterval{10};

/// Locks by step and relation, the strongest of each.
class Seen
{
public:
    void add(const pg::ResultSet &rows)
    {
        for (int row = 0; row < rows.rowCount(); ++row) {
            const pg::QualifiedName relation{rows.text(row, 1), rows.text(row, 2)};
            const auto mode = lockModeFromCatalogName(rows.text(row, 3));
            if (!mode)
                continue;
            LockMode &strongest =
                m_locks[rows.int32(row, 0)].try_emplace(relation.quoted(), relation, *mode).first->second.second;
            strongest = std::max(strongest, *mode);
        }
    }

    [[nodiscard]] RehearsedStep of(const StepRecord &record, const QSet<QString> &before) const
    {
        RehearsedStep step{record, {}, 0};
        if (const auto found = m_locks.find(record.ordinal); found != m_locks.end()) {
            for (const auto &[name, lock] : found->second) {
                if (before.contains(name))
                    step.locks.push_back({lock.first, lock.second});
                else
                    ++step.locksOnItsOwn;
            }
        }
        std::stable_sort(step.locks.begin(), step.locks.end(),
                         [](const StepLock &left, const StepLock &right) { return left.mode > right.mode; });
        return step;
    }

private:
    std::map<int, std::map<QString, std::pair<pg::QualifiedName, LockMode>>> m_locks;
};

/// What sessions of the run hold, as others see it: of steps that no transaction of ours holds together.
constexpr const char *heldNow =
    "SELECT s.ordinal, n.nspname, c.relname, l.mode FROM tidemark.run_step AS s, pg_catalog.pg_stat_activity AS a "
    "JOIN pg_catalog.pg_locks AS l ON l.pid = a.pid AND l.granted AND l.locktype = 'relation' "
    "JOIN pg_catalog.pg_class AS c ON c.oid = l.relation AND c.relkind IN ('r', 'p', 'm', 'v', 'i', 'I', 'f') "
    "JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace "
    "AND n.nspname NOT IN ('pg_catalog', 'pg_toast', 'information_schema', 'tidemark') "
    "WHERE s.run = $1 AND s.state = 'running' AND a.application_name = $2 AND a.datname = pg_catalog.current_database()";

/// What steps that are one transaction held at its end, as they wrote down.
constexpr const char *heldAtTheEnd =
    "SELECT e.step, l ->> 'schema', l ->> 'relation', l ->> 'mode' FROM tidemark.run_event AS e "
    "CROSS JOIN LATERAL pg_catalog.jsonb_array_elements(e.detail -> 'locks') AS l WHERE e.run = $1 AND e.kind = 'locks'";

Result<QSet<QString>> relationsOf(pg::Session &session)
{
    TIDEMARK_TRY(const auto rows, session.exec("SELECT n.nspname, c.relname FROM pg_catalog.pg_class AS c "
                                               "JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace"));
    QSet<QString> names;
    for (int row = 0; row < rows.rowCount(); ++row)
        names.insert(pg::QualifiedName{rows.text(row, 0), rows.text(row, 1)}.quoted());
    return names;
}

Status giveWord(pg::Session &session, qint64 run)
{
    TIDEMARK_TRY(const auto waiting,
                 session.exec("SELECT EXISTS (SELECT FROM tidemark.run_step WHERE run = $1 AND state = 'waiting') "
                              "AND NOT EXISTS (SELECT FROM tidemark.run_request WHERE run = $1 AND taken_at IS NULL)",
                              {run}));
    return waiting.boolean(0, 0) ? requestOfRun(session, run, QStringLiteral("proceed")) : Status();
}

} // namespace

QList<pg::QualifiedName> tablesOf(const Plan &plan)
{
    QList<pg::QualifiedName> tables;
    for (const auto &[schema, name] : {std::pair("schema", "table"), std::pair("from_schema", "from_table")}) {
        const QString table = plan.spec.value(QLatin1String(name)).toString();
        if (!table.isEmpty())
            tables << pg::QualifiedName{plan.spec.value(QLatin1String(schema)).toString(), table};
    }
    return tables;
}

QJsonObject Rehearsal::toJson() const
{
    QJsonArray array;
    for (const RehearsedStep &step : steps) {
        QJsonObject json = tidemark::toJson(step.record);
        QJsonArray held;
        for (const StepLock &lock : step.locks) {
            held.append(QJsonObject{{QStringLiteral("schema"), lock.relation.schema},
                                    {QStringLiteral("relation"), lock.relation.name},
                                    {QStringLiteral("mode"), lockModeSql(lock.mode)}});
        }
        json.insert(QStringLiteral("locks"), held);
        json.insert(QStringLiteral("locks_on_its_own"), step.locksOnItsOwn);
        array.append(json);
    }
    return {{QStringLiteral("end"), runStateName(end)},
            {QStringLiteral("steps"), array},
            {QStringLiteral("notes"), QJsonArray::fromStringList(notes)},
            {QStringLiteral("error"), error.isEmpty() ? QJsonValue() : QJsonValue(error)}};
}

Result<Rehearsal> rehearse(const Plan &plan, const ScratchCopy::Wish &wish,
                           const std::function<void(const RunEvent &)> &onEvent, std::stop_token stop)
{
    TIDEMARK_TRY(const auto copy, ScratchCopy::make(wish, stop));
    pg::SessionOptions options;
    options.applicationName = QStringLiteral("tidemark rehearsal");
    options.readOnly = false;
    TIDEMARK_TRY(pg::Session session, pg::Session::open(copy->server(), options));
    TIDEMARK_TRY(const auto capabilities, pg::Capabilities::probe(session));
    TIDEMARK_TRY(const auto before, relationsOf(session));
    Plan here = plan;
    here.target = PlanTarget::of(capabilities);
    RunSettings settings;
    settings.recordLocks = true;
    TIDEMARK_CHECK(applyToolkit(session, QStringLiteral("runs"), true));
    TIDEMARK_TRY(const qint64 run, Journal::create(session, here, settings));

    Runner runner({copy->server(), QStringLiteral("a rehearsal"), Millis(5'000), onEvent}, allActions());
    auto driving = std::async(std::launch::async, [&] { return runner.run(run, stop); });
    Seen seen;
    const QString sessionsOfRun = QStringLiteral("tidemark run %1").arg(run);
    while (driving.wait_for(lookInterval) != std::future_status::ready) {
        if (const auto held = session.exec(heldNow, {run, sessionsOfRun}))
            seen.add(*held);
        static_cast<void>(giveWord(session, run)); // refused while nobody drives yet, or any more
    }
    TIDEMARK_TRY(const RunResult ended, driving.get());
    TIDEMARK_TRY(const auto written, session.exec(heldAtTheEnd, {run}));
    seen.add(written);
    TIDEMARK_TRY(const RunDetail detail, readRun(session, run));
    Rehearsal rehearsal;
    rehearsal.end = detail.record.state;
    rehearsal.notes = copy->notes();
    rehearsal.error = ended.error ? ended.error->summary() : QString();
    if (wish.keep)
        rehearsal.database = session.database();
    for (const StepRecord &step : detail.steps)
        rehearsal.steps.push_back(seen.of(step, before));
    return rehearsal;
}

} // namespace tidemark
