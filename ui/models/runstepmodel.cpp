// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/runstepmodel.h"

#include "core/base/units.h"
#include "ui/models/runmodel.h"
#include "ui/models/texts.h"

#include <algorithm>

namespace tidemark::ui {

namespace {

using Row = StepRow;

StepRow rowOf(const Step &step, int ordinal)
{
    StepRow row;
    row.ordinal = ordinal;
    row.title = step.title;
    row.risk = step.risk;
    std::optional<LockMode> strongest;
    for (const StepLock &lock : step.locks) {
        row.locks << RunStepModel::tr("%1 on %2").arg(lockModeSql(lock.mode), lock.relation.display());
        strongest = std::max(strongest.value_or(lock.mode), lock.mode);
    }
    row.lock = strongest ? lockModeSql(*strongest) : QString();
    row.canBeUndone = !step.pointOfNoReturn;
    row.holds = step.hold;
    return row;
}

QString stateText(const StepRow &row)
{
    return stepStateText(row.record ? row.record->state : StepState::Pending);
}

Severity stateSeverity(const StepRow &row)
{
    return severityOf(row.record ? row.record->state : StepState::Pending);
}

QString riskText(Risk risk)
{
    switch (risk) {
    case Risk::None:
        return RunStepModel::tr("Reads", "risk");
    case Risk::Low:
        return RunStepModel::tr("Low", "risk");
    case Risk::Medium:
        return RunStepModel::tr("Medium", "risk");
    case Risk::High:
        break;
    }
    return RunStepModel::tr("High", "risk");
}

Severity riskSeverity(Risk risk)
{
    return risk == Risk::High ? Severity::Critical : risk == Risk::Medium ? Severity::Warning : Severity::Ok;
}

std::optional<Millis> took(const StepRow &row, Instant now)
{
    if (!row.record || !row.record->startedAt)
        return std::nullopt;
    if (row.record->finishedAt)
        return millisBetween(*row.record->startedAt, *row.record->finishedAt);
    if (row.record->state != StepState::Running)
        return std::nullopt;
    return std::max(Millis(0), millisBetween(*row.record->startedAt, now));
}

Column<Row> number()
{
    return {.id = "step",
            .title = QStringLiteral("#"),
            .text = [](const Row &row) { return QString::number(row.ordinal); },
            .sort = [](const Row &row) { return row.ordinal; },
            .numeric = true,
            .chars = 4};
}

} // namespace

QString stepStateText(StepState state)
{
    switch (state) {
    case StepState::Pending:
        return RunStepModel::tr("To do", "step");
    case StepState::Waiting:
        return RunStepModel::tr("Waits", "step");
    case StepState::Running:
        return RunStepModel::tr("Running", "step");
    case StepState::Done:
        return RunStepModel::tr("Done", "step");
    case StepState::Failed:
        return RunStepModel::tr("Failed", "step");
    case StepState::Undone:
        break;
    }
    return RunStepModel::tr("Undone", "step");
}

Severity severityOf(StepState state)
{
    switch (state) {
    case StepState::Waiting:
    case StepState::Running:
        return Severity::Notice;
    case StepState::Done:
        return Severity::Ok;
    case StepState::Failed:
        return Severity::Critical;
    case StepState::Pending:
    case StepState::Undone:
        break;
    }
    return Severity::Unknown;
}

std::vector<StepRow> stepRowsOf(const Plan &plan)
{
    std::vector<StepRow> rows;
    for (const Step &step : plan.steps)
        rows.push_back(rowOf(step, static_cast<int>(rows.size()) + 1));
    return rows;
}

std::vector<StepRow> stepRowsOf(const RunLook &look)
{
    std::vector<StepRow> rows = look.plan ? stepRowsOf(*look.plan) : std::vector<StepRow>();
    for (const StepRecord &record : look.steps) {
        if (record.ordinal >= 1 && static_cast<size_t>(record.ordinal) <= rows.size())
            rows[static_cast<size_t>(record.ordinal) - 1].record = record;
    }
    return rows;
}

QString stepSql(const Step &step)
{
    QStringList parts;
    for (const Check &check : step.checks)
        parts << RunStepModel::tr("-- before: otherwise “%1”").arg(check.otherwise) + QLatin1Char('\n') + check.sql
                     + QLatin1Char(';');
    for (const QString &statement : step.statements)
        parts << statement + QLatin1Char(';');
    for (const Check &check : step.verify)
        parts << RunStepModel::tr("-- after: otherwise “%1”").arg(check.otherwise) + QLatin1Char('\n') + check.sql
                     + QLatin1Char(';');
    return parts.join(QStringLiteral("\n\n"));
}

QString stepUndoSql(const Step &step)
{
    return step.undo.isEmpty() ? QString() : step.undo.join(QStringLiteral(";\n\n")) + QLatin1Char(';');
}

RunStepModel::RunStepModel(Of of, QObject *parent)
    : SnapshotModel([](const StepRow &row) { return row.ordinal; }, parent)
{
    setKeyText([](const Row &row) { return QString::number(row.ordinal); });
    setColumns(of == Of::Plan ? columnsOfPlan() : columnsOfRun());
}

QVariant RunStepModel::data(const QModelIndex &at, int role) const
{
    if (role == SeverityRole && at.isValid()) {
        const auto &record = row(at.row()).record;
        if (record && (record->state == StepState::Pending || record->state == StepState::Undone))
            return {};
    }
    return SnapshotModel::data(at, role);
}

std::vector<Column<StepRow>> RunStepModel::columnsOfPlan() const
{
    std::vector<Column<Row>> columns;
    columns.push_back(number());
    columns.push_back({.id = "title",
                       .title = tr("Step"),
                       .text = [](const Row &row) { return row.title; },
                       .detail = [](const Row &row) { return row.holds ? tr("waits for your word") : QString(); },
                       .chars = 34,
                       .stretch = true});
    columns.push_back({.id = "risk",
                       .title = tr("Risk"),
                       .text = [](const Row &row) { return riskText(row.risk); },
                       .sort = [](const Row &row) { return static_cast<int>(row.risk); },
                       .severity = [](const Row &row) { return riskSeverity(row.risk); },
                       .chars = 10});
    columns.push_back({.id = "lock",
                       .title = tr("Locks"),
                       .text = [](const Row &row) { return row.lock; },
                       .toolTip = [](const Row &row) { return row.locks.join(QLatin1Char('\n')); },
                       .exported = [](const Row &row) { return QVariant(row.locks.join(QLatin1String("; "))); },
                       .chars = 22,
                       .spare = 3});
    columns.push_back({.id = "undo",
                       .title = tr("Undo"),
                       .text = [](const Row &row) { return row.canBeUndone ? tr("yes") : tr("no way back"); },
                       .severity = [](const Row &row) { return row.canBeUndone ? Severity::Ok : Severity::Critical; },
                       .chars = 12});
    return columns;
}

std::vector<Column<StepRow>> RunStepModel::columnsOfRun() const
{
    std::vector<Column<Row>> columns;
    columns.push_back(number());
    columns.push_back({.id = "state",
                       .title = tr("State"),
                       .text = [](const Row &row) { return stateText(row); },
                       .sort = [](const Row &row) { return row.record ? static_cast<int>(row.record->state) : 0; },
                       .severity = [](const Row &row) { return stateSeverity(row); },
                       .toolTip = [](const Row &row) { return row.record ? row.record->error : QString(); },
                       .chars = 11});
    columns.push_back({.id = "title",
                       .title = tr("Step"),
                       .text = [](const Row &row) { return row.title; },
                       .toolTip = [](const Row &row) { return row.locks.join(QLatin1Char('\n')); },
                       .detail =
                           [](const Row &row) {
                               return row.record && row.record->attempts > 1
                                          ? tr("attempt %1").arg(row.record->attempts)
                                          : QString();
                           },
                       .chars = 34,
                       .stretch = true});
    columns.push_back({.id = "rows",
                       .title = tr("Rows"),
                       .text =
                           [](const Row &row) {
                               if (!row.record || row.record->rowsDone.value_or(0) == 0)
                                   return QString();
                               const bool runs = row.record->state == StepState::Running;
                               return rowsOfText(row.record->rowsDone, runs ? row.record->rowsTotal : std::nullopt);
                           },
                       .sort =
                           [](const Row &row) {
                               return row.record && row.record->rowsDone ? QVariant(*row.record->rowsDone) : QVariant();
                           },
                       .numeric = true,
                       .chars = 16});
    columns.push_back({.id = "took",
                       .title = tr("Took"),
                       .text =
                           [this](const Row &row) {
                               const auto length = took(row, moments().local);
                               return length ? units::duration(*length) : QString();
                           },
                       .sort =
                           [this](const Row &row) {
                               const auto length = took(row, moments().local);
                               return length ? QVariant(qint64(length->count())) : QVariant();
                           },
                       .numeric = true,
                       .ages = true,
                       .chars = 12});
    return columns;
}

RunEventModel::RunEventModel(QObject *parent)
    : SnapshotModel([](const RunEvent &event) { return -event.id; }, parent)
{
    using Event = RunEvent;
    setKeyText([](const Event &event) { return QString::number(event.id); });
    std::vector<Column<Event>> columns;
    columns.push_back({.id = "at",
                       .title = tr("At"),
                       .text = [this](const Event &event) { return texts::clockTime(event.at, moments().local, true); },
                       .sort = [](const Event &event) { return QVariant(event.id); },
                       .toolTip = [](const Event &event) { return texts::absolute(event.at); },
                       .exported = [](const Event &event) { return QVariant(toIso8601(event.at)); },
                       .chars = 10});
    columns.push_back({.id = "kind",
                       .title = tr("Kind"),
                       .text = [](const Event &event) { return event.kind; },
                       .severity =
                           [](const Event &event) {
                               return event.kind == QLatin1String("error") ? Severity::Critical
                                      : event.kind == QLatin1String("lock") || event.kind == QLatin1String("throttle")
                                          ? Severity::Warning
                                          : Severity::Notice;
                           },
                       .chars = 10});
    columns.push_back({.id = "step",
                       .title = QStringLiteral("#"),
                       .text = [](const Event &event) { return event.step ? QString::number(*event.step) : QString(); },
                       .sort = [](const Event &event) { return event.step ? QVariant(*event.step) : QVariant(); },
                       .numeric = true,
                       .chars = 4});
    columns.push_back({.id = "text",
                       .title = tr("What happened"),
                       .text = [](const Event &event) { return event.text.simplified(); },
                       .toolTip = [](const Event &event) { return event.text; },
                       .chars = 50,
                       .stretch = true});
    setColumns(std::move(columns));
}

} // namespace tidemark::ui
