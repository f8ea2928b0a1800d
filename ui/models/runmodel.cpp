// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/runmodel.h"

#include "core/base/units.h"
#include "ui/models/texts.h"

#include <QLocale>

namespace tidemark::ui {

namespace {

/// What a person must look at first.
int urgency(const RunRecord &run)
{
    if (run.state == RunState::Failed)
        return 0;
    if (run.isForsaken())
        return 1;
    if (run.waitsForWord())
        return 2;
    if (run.driven)
        return 3;
    return run.isOver() ? 5 : 4;
}

double shareOf(const RunRecord &run)
{
    return run.steps > 0 ? static_cast<double>(run.stepsDone) / run.steps : 0;
}

} // namespace

QString runStateText(const RunRecord &run)
{
    if (run.isForsaken())
        return RunModel::tr("Not driven");
    if (run.waitsForWord() && run.state == RunState::Running)
        return RunModel::tr("Waits for you");
    if (!run.heldBack.isEmpty())
        return RunModel::tr("Held back");
    switch (run.state) {
    case RunState::Confirmed:
        return RunModel::tr("Confirmed");
    case RunState::Running:
        return RunModel::tr("Running");
    case RunState::Paused:
        return RunModel::tr("Paused");
    case RunState::Succeeded:
        return RunModel::tr("Succeeded");
    case RunState::Failed:
        return RunModel::tr("Failed");
    case RunState::Cancelled:
        return RunModel::tr("Cancelled");
    case RunState::Undoing:
        return run.driven ? RunModel::tr("Undoing") : RunModel::tr("Undo paused");
    case RunState::Undone:
        break;
    }
    return RunModel::tr("Undone");
}

Severity severityOf(const RunRecord &run)
{
    if (run.state == RunState::Failed)
        return Severity::Critical;
    if (run.isForsaken() || !run.heldBack.isEmpty())
        return Severity::Warning;
    if (run.state == RunState::Succeeded)
        return Severity::Ok;
    return run.state == RunState::Undone || run.state == RunState::Confirmed ? Severity::Unknown : Severity::Notice;
}

QString rowsOfText(const std::optional<qint64> &done, const std::optional<qint64> &total)
{
    if (!done)
        return {};
    if (!total || *total <= 0)
        return units::roughCount(*done, QLocale());
    return RunModel::tr("%1 of %2").arg(units::roughCount(*done, QLocale()), units::roughCount(*total, QLocale()));
}

RunModel::RunModel(QObject *parent)
    : SnapshotModel([](const RunRow &row) { return row.key(); }, parent)
{
    using Row = RunRow;
    setObjectOf([](const Row &row) { return ObjectRef{ObjectKind::Database, row.server, row.database, 0, {}, 0}; });
    setKeyText([](const Row &row) -> QString {
        return row.server + QLatin1Char('/') + row.database + QLatin1Char('/') + QString::number(row.run.id);
    });
    std::vector<Column<Row>> columns;
    columns.push_back(
        {.id = "state",
         .title = tr("State"),
         .text = [](const Row &row) { return runStateText(row.run); },
         .sort = [](const Row &row) { return urgency(row.run); },
         .severity = [](const Row &row) { return severityOf(row.run); },
         .toolTip = [](const Row &row) { return row.run.heldBack.isEmpty() ? row.run.error : row.run.heldBack; },
         .exported = [](const Row &row) { return QVariant(runStateName(row.run.state)); },
         .chars = 14});
    columns.push_back({.id = "run",
                       .title = tr("Run"),
                       .text = [](const Row &row) { return QString::number(row.run.id); },
                       .sort = [](const Row &row) { return QVariant(row.run.id); },
                       .numeric = true,
                       .chars = 5});
    columns.push_back({.id = "title",
                       .title = tr("What"),
                       .text = [](const Row &row) { return row.run.title; },
                       .chars = 30,
                       .stretch = true});
    columns.push_back({.id = "database",
                       .title = tr("Server / database"),
                       .text = [](const Row &row) { return placeText(row.server, row.database); },
                       .chars = 18,
                       .spare = 3});
    columns.push_back(
        {.id = "steps",
         .title = tr("Steps"),
         .text = [](const Row &row) { return QStringLiteral("%1 / %2").arg(row.run.stepsDone).arg(row.run.steps); },
         .sort = [](const Row &row) { return shareOf(row.run); },
         .severity = [](const Row &row) { return severityOf(row.run); },
         .number = [](const Row &row) { return shareOf(row.run); },
         .exported = [](const Row &row) { return QVariant(row.run.stepsDone); },
         .chars = 14});
    columns.push_back({.id = "step",
                       .title = tr("At"),
                       .text = [](const Row &row) { return row.run.isOver() ? QString() : row.run.currentStep; },
                       .detail =
                           [](const Row &row) {
                               return row.run.isOver() ? QString() : rowsOfText(row.run.rowsDone, row.run.rowsTotal);
                           },
                       .chars = 30,
                       .spare = 4});
    columns.push_back(
        {.id = "started",
         .title = tr("Started"),
         .text =
             [this](const Row &row) {
                 return row.run.startedAt ? units::age(*row.run.startedAt, moments().of(row.server)) : QString();
             },
         .sort =
             [](const Row &row) {
                 return row.run.startedAt ? QVariant(toEpochMicros(*row.run.startedAt)) : QVariant();
             },
         .toolTip = [](const Row &row) { return row.run.startedAt ? texts::absolute(*row.run.startedAt) : QString(); },
         .exported =
             [](const Row &row) { return row.run.startedAt ? QVariant(toIso8601(*row.run.startedAt)) : QVariant(); },
         .ages = true,
         .chars = 14});
    columns.push_back({.id = "driver",
                       .title = tr("Driven by"),
                       .text = [](const Row &row) { return row.run.driven ? row.run.driver : QString(); },
                       .toolTip = [](const Row &row) { return row.run.driver; },
                       .chars = 22,
                       .spare = 8});
    setColumns(std::move(columns));
}

void RunModel::setSnapshots(const Snapshots &snapshots, const Scope &scope, const Moments &moments)
{
    auto parts = partsOf(snapshots, scope, &DatabaseSnapshot::runs);
    if (parts != m_parts) {
        std::vector<RunRow> rows;
        for (const auto &[server, database, part] : parts) {
            for (const RunRecord &run : *part)
                rows.push_back({server, database, run});
        }
        setRows(std::move(rows));
        m_parts = std::move(parts);
    }
    setMoments(moments);
}

} // namespace tidemark::ui
