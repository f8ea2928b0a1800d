// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/managed/keepactions.h"

#include "core/base/pause.h"
#include "core/base/units.h"
#include "core/catalog/fidelity.h"
#include "core/managed/deltarefresh.h"
#include "core/managed/waitwatch.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QSet>

namespace tidemark::managed {

namespace {

using Steady = std::chrono::steady_clock;

constexpr Millis lookInterval{100};
constexpr Millis tellInterval{10'000};
constexpr Millis waitForOther{10 * 60 * 1000};
constexpr int timedRuns = 5;

/// A transaction of this database that holds a snapshot.
struct SnapshotHolder
{
    QString identity; ///< no other transaction's, though its pid comes again
    QString text;
};

/// Neither how old a snapshot is nor its horizon tells what it sees: any transaction of the cluster with an xid, a prepared one
/// too, holds the horizon of new snapshots back.
Result<std::vector<SnapshotHolder>> snapshotHolders(pg::Session &session, const pg::CallOptions &call)
{
    TIDEMARK_TRY(
        const auto rows,
        session.exec("SELECT pg_catalog.concat_ws(' ', a.pid, a.backend_start, a.xact_start), "
                     "pg_catalog.format('pid %s (%s, %s), %s for %s s', a.pid, a.application_name, a.usename, "
                     "a.state, extract(epoch FROM pg_catalog.clock_timestamp() - a.xact_start)::int) "
                     "FROM pg_catalog.pg_stat_activity AS a "
                     "WHERE a.datname = pg_catalog.current_database() AND a.pid <> pg_catalog.pg_backend_pid() "
                     "AND a.backend_type = 'client backend' AND a.backend_xmin IS NOT NULL",
                     {}, call));
    std::vector<SnapshotHolder> holders;
    for (int row = 0; row < rows.rowCount(); ++row)
        holders.push_back({rows.text(row, 0), rows.text(row, 1)});
    return holders;
}

QJsonObject toJson(const DeltaOutcome &outcome)
{
    return {{QStringLiteral("table"), outcome.table.display()}, {QStringLiteral("rows"), outcome.compared},
            {QStringLiteral("deleted"), outcome.deleted},       {QStringLiteral("updated"), outcome.updated},
            {QStringLiteral("inserted"), outcome.inserted},     {QStringLiteral("rebuilt"), outcome.rebuilt},
            {QStringLiteral("proven_equal"), outcome.proven},   {QStringLiteral("ms"), qint64(outcome.took.count())}};
}

double millisecondsSince(Steady::time_point start)
{
    return std::chrono::duration<double, std::milli>(Steady::now() - start).count();
}

Result<QJsonObject> timed(pg::Session &session, const QString &query, const pg::CallOptions &call)
{
    QJsonArray runs;
    double best = 0;
    int rows = 0;
    for (int run = 0; run < timedRuns; ++run) {
        TIDEMARK_TRY(pg::Transaction transaction, pg::Transaction::begin(session, "READ ONLY"));
        const auto start = Steady::now();
        auto answer = transaction.exec(query.toUtf8(), {}, call);
        if (!answer)
            return fail(answer.error().within(QStringLiteral("timing “%1”").arg(query)));
        const double took = millisecondsSince(start);
        rows = answer->rowCount();
        best = run == 0 ? took : std::min(best, took);
        runs.append(took);
    }
    return QJsonObject{{QStringLiteral("query"), query},
                       {QStringLiteral("best_ms"), best},
                       {QStringLiteral("runs_ms"), runs},
                       {QStringLiteral("rows"), rows}};
}

/// What an earlier step of the run has measured, by query.
Result<QHash<QString, double>> bestBefore(StepContext &context)
{
    QHash<QString, double> best;
    const QString step = context.step().parameters.value(QStringLiteral("before")).toString();
    if (step.isEmpty())
        return best;
    TIDEMARK_TRY(const auto rows,
                 context.session().exec("SELECT outcome FROM tidemark.run_step WHERE run = $1 AND name = $2",
                                        {context.journal().run(), step}));
    if (rows.isEmpty())
        return best;
    const QJsonObject outcome = QJsonDocument::fromJson(rows.bytes(0, 0)).object();
    for (const QJsonValue &timing : outcome.value(QStringLiteral("queries")).toArray())
        best.insert(timing[QStringLiteral("query")].toString(), timing[QStringLiteral("best_ms")].toDouble());
    return best;
}

} // namespace

Result<StepOutcome> GateAction::execute(StepContext &context) const
{
    for (const QJsonValue &value : context.step().parameters.value(QStringLiteral("inventories")).toArray()) {
        TIDEMARK_TRY(const TableInventory planned, TableInventory::fromJson(value.toObject()));
        TIDEMARK_TRY(const TableInventory now,
                     readTableInventory(context.session(), planned.facts.name, context.call()));
        const std::vector<Difference> differences = unwaived(diff(planned, now), {});
        if (differences.empty())
            continue;
        QStringList keys;
        for (const Difference &difference : differences)
            keys << difference.key();
        return fail(Error::input(QStringLiteral("%1 was changed since the plan was made: %2")
                                     .arg(planned.facts.name.display(), keys.join(QStringLiteral("; "))),
                                 QStringLiteral("Undo this run and make the plan anew.")));
    }
    return StepOutcome{};
}

Result<StepOutcome> SettleAction::execute(StepContext &context) const
{
    pg::Session &session = context.session();
    TIDEMARK_TRY(std::vector<SnapshotHolder> holders, snapshotHolders(session, context.call()));
    QSet<QString> remembered;
    for (const SnapshotHolder &holder : holders)
        remembered.insert(holder.identity);
    const auto start = Steady::now();
    auto told = start - tellInterval;
    for (;;) {
        QSet<QString> still;
        QStringList older;
        for (const SnapshotHolder &holder : holders) {
            if (!remembered.contains(holder.identity))
                continue;
            still.insert(holder.identity);
            older << holder.text;
        }
        remembered = std::move(still);
        const Millis waited = std::chrono::duration_cast<Millis>(Steady::now() - start);
        if (older.isEmpty())
            return StepOutcome{{}, {{QStringLiteral("waited_ms"), qint64(waited.count())}}};
        if (waited > context.control().settings().patience.giveUp) {
            Error error = Error::input(
                QStringLiteral("older transactions have not ended within %1: %2")
                    .arg(units::duration(waited), older.join(QStringLiteral("; "))),
                QStringLiteral("They would find the new tables empty. Wait for them to end or end them, and resume."));
            error.kind = ErrorKind::Timeout;
            return fail(error);
        }
        if (Steady::now() - told >= tellInterval) {
            context.tell(QStringLiteral("lock"),
                         QStringLiteral("waiting for transactions that would not see the filled "
                                        "tables: %1")
                             .arg(older.join(QStringLiteral("; "))));
            told = Steady::now();
        }
        TIDEMARK_CHECK(context.control().checkpoint());
        if (!pauseFor(lookInterval, context.stop()))
            return fail(Error::cancelled());
        TIDEMARK_TRY(holders, snapshotHolders(session, context.call()));
    }
}

Result<StepOutcome> BringUpAction::execute(StepContext &context) const
{
    std::vector<DeltaRequest> requests;
    for (const QJsonValue &value : context.step().parameters.value(QStringLiteral("tables")).toArray()) {
        requests.push_back({{value[QStringLiteral("schema")].toString(), value[QStringLiteral("name")].toString()},
                            DeltaScope::full()});
    }
    DeltaOptions options;
    options.prove = true;
    options.waitForOther = waitForOther;
    TIDEMARK_TRY(pg::Session second, context.openSession());
    WaitWatch watch(std::move(second), context.session().backendPid());
    QJsonObject detail;
    const auto record = [&](pg::Transaction &transaction, const std::vector<DeltaOutcome> &outcomes) -> Status {
        TIDEMARK_CHECK(context.journal().guard(transaction));
        qint64 rows = 0;
        QJsonArray tables;
        for (const DeltaOutcome &outcome : outcomes) {
            rows += outcome.compared;
            tables.append(toJson(outcome));
        }
        detail = QJsonObject{{QStringLiteral("tables"), tables}, {QStringLiteral("waiting"), watch.finish()}};
        return context.done(transaction, {rows, detail});
    };
    TIDEMARK_TRY(const auto outcomes, refreshTogether(context.session(), requests, options, context.call(), record));
    qint64 rows = 0;
    for (const DeltaOutcome &outcome : outcomes) {
        rows += outcome.compared;
        context.tell(
            QStringLiteral("note"),
            QStringLiteral("%1: %2 rows, proven equal to its definition; %3 deleted, %4 updated, %5 inserted%6")
                .arg(outcome.table.display(), units::count(outcome.compared), units::count(outcome.deleted),
                     units::count(outcome.updated), units::count(outcome.inserted),
                     outcome.rebuilt ? QStringLiteral(", after a crash had emptied it") : QString()));
    }
    return StepOutcome{rows, detail};
}

Result<StepOutcome> TimingsAction::execute(StepContext &context) const
{
    TIDEMARK_TRY(const auto before, bestBefore(context));
    QJsonArray timings;
    for (const QJsonValue &query : context.step().parameters.value(QStringLiteral("queries")).toArray()) {
        TIDEMARK_CHECK(context.control().checkpoint());
        TIDEMARK_TRY(QJsonObject timing, timed(context.session(), query.toString(), context.call()));
        const double now = timing.value(QStringLiteral("best_ms")).toDouble();
        QString text = QStringLiteral("%1 ms, %2 rows: %3")
                           .arg(now, 0, 'f', 2)
                           .arg(timing.value(QStringLiteral("rows")).toInt())
                           .arg(query.toString());
        if (const auto then = before.constFind(query.toString()); then != before.cend()) {
            timing.insert(QStringLiteral("before_ms"), *then);
            text.prepend(QStringLiteral("%1 ms before, now ").arg(*then, 0, 'f', 2));
        }
        context.tell(QStringLiteral("note"), text);
        timings.append(timing);
    }
    return StepOutcome{{}, {{QStringLiteral("queries"), timings}}};
}

Status GateAction::undo(StepContext &) const
{
    return {};
}

Status SettleAction::undo(StepContext &) const
{
    return {};
}

Status BringUpAction::undo(StepContext &) const
{
    return {};
}

Status TimingsAction::undo(StepContext &) const
{
    return {};
}

} // namespace tidemark::managed
