// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/rehearsalmodel.h"

#include "core/base/units.h"
#include "ui/models/runstepmodel.h"

#include <QLocale>

namespace tidemark::ui {

namespace {

using Row = RehearsedRow;

std::optional<Millis> took(const Row &row)
{
    if (!row.record.startedAt || !row.record.finishedAt)
        return std::nullopt;
    return millisBetween(*row.record.startedAt, *row.record.finishedAt);
}

QString ownText(const Row &row)
{
    return row.locksOnItsOwn > 0 ? RehearsalModel::tr("%n lock(s) on what it made", nullptr, row.locksOnItsOwn)
                                 : QString();
}

QString locksText(const Row &row)
{
    if (row.locks.isEmpty())
        return row.locksOnItsOwn > 0 ? ownText(row) : QString();
    return row.locks.size() == 1 ? row.locks.front()
                                 : RehearsalModel::tr("%1, %n more", nullptr, static_cast<int>(row.locks.size()) - 1)
                                       .arg(row.locks.front());
}

} // namespace

std::vector<RehearsedRow> rehearsedRowsOf(const Rehearsal &rehearsal)
{
    std::vector<RehearsedRow> rows;
    for (const RehearsedStep &step : rehearsal.steps) {
        RehearsedRow row{step.record, {}, step.locksOnItsOwn};
        for (const StepLock &lock : step.locks)
            row.locks << RehearsalModel::tr("%1 on %2").arg(lockModeSql(lock.mode), lock.relation.display());
        rows.push_back(std::move(row));
    }
    return rows;
}

RehearsalModel::RehearsalModel(QObject *parent)
    : SnapshotModel([](const Row &row) { return row.record.ordinal; }, parent)
{
    setKeyText([](const Row &row) { return QString::number(row.record.ordinal); });
    std::vector<Column<Row>> columns;
    columns.push_back({.id = "step",
                       .title = QStringLiteral("#"),
                       .text = [](const Row &row) { return QString::number(row.record.ordinal); },
                       .sort = [](const Row &row) { return row.record.ordinal; },
                       .numeric = true,
                       .chars = 4});
    columns.push_back({.id = "title",
                       .title = tr("Step"),
                       .text = [](const Row &row) { return row.record.title; },
                       .toolTip = [](const Row &row) { return row.record.error; },
                       .chars = 26,
                       .stretch = true});
    columns.push_back({.id = "state",
                       .title = tr("State"),
                       .text = [](const Row &row) { return stepStateText(row.record.state); },
                       .severity = [](const Row &row) { return severityOf(row.record.state); },
                       .chars = 9});
    columns.push_back({.id = "took",
                       .title = tr("Took"),
                       .text =
                           [](const Row &row) {
                               const auto time = took(row);
                               return time ? units::duration(*time) : QString();
                           },
                       .sort =
                           [](const Row &row) {
                               const auto time = took(row);
                               return time ? QVariant(qint64(time->count())) : QVariant();
                           },
                       .numeric = true,
                       .chars = 9});
    columns.push_back(
        {.id = "rows",
         .title = tr("Rows"),
         .text =
             [](const Row &row) {
                 return row.record.rowsDone ? units::count(*row.record.rowsDone, QLocale()) : QString();
             },
         .sort = [](const Row &row) { return row.record.rowsDone ? QVariant(*row.record.rowsDone) : QVariant(); },
         .numeric = true,
         .chars = 8,
         .spare = 1});
    columns.push_back({.id = "locks",
                       .title = tr("Locked"),
                       .text = locksText,
                       .toolTip =
                           [](const Row &row) {
                               QStringList all = row.locks;
                               if (row.locksOnItsOwn > 0)
                                   all << ownText(row);
                               return all.join(QLatin1Char('\n'));
                           },
                       .exported = [](const Row &row) { return QVariant(row.locks.join(QStringLiteral(", "))); },
                       .chars = 38});
    setColumns(std::move(columns));
}

} // namespace tidemark::ui
