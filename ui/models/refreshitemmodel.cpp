// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/refreshitemmodel.h"

#include "core/base/units.h"

#include <QLocale>

namespace tidemark::ui {

using refresh::ItemState;
using Row = RefreshItemRow;

namespace {

QString methodText(refresh::Method method)
{
    switch (method) {
    case refresh::Method::Concurrently:
        return RefreshItemModel::tr("concurrently");
    case refresh::Method::Plain:
        return RefreshItemModel::tr("plain");
    case refresh::Method::NoData:
        return RefreshItemModel::tr("emptied");
    case refresh::Method::Range:
        return RefreshItemModel::tr("by range");
    case refresh::Method::Delta:
        return RefreshItemModel::tr("what differs");
    case refresh::Method::Ivm:
        break;
    }
    return RefreshItemModel::tr("by pg_ivm");
}

QString rowsText(const Row &row)
{
    if (!row.written)
        return {};
    const QLocale locale;
    if (!row.removed)
        return units::count(*row.written, locale);
    if (*row.written == 0 && *row.removed == 0)
        return RefreshItemModel::tr("nothing had changed");
    return RefreshItemModel::tr("%1 in, %2 out")
        .arg(units::count(*row.written, locale), units::count(*row.removed, locale));
}

QString progressText(const Row &row)
{
    if (!row.text.isEmpty())
        return row.state == ItemState::Waiting || row.state == ItemState::Running
                   ? RefreshItemModel::tr("waits for %1").arg(row.text)
                   : row.text;
    if (row.state == ItemState::Running && row.filled)
        return RefreshItemModel::tr("%1 % of its rows, about").arg(qRound(*row.filled * 100));
    return {};
}

Column<Row> number()
{
    return {.id = "number",
            .title = QStringLiteral("#"),
            .text = [](const Row &row) { return QString::number(row.number); },
            .sort = [](const Row &row) { return row.number; },
            .numeric = true,
            .chars = 4};
}

Column<Row> name(bool stretches)
{
    return {.id = "name",
            .title = RefreshItemModel::tr("Name"),
            .text = [](const Row &row) { return row.name; },
            .chars = 26,
            .stretch = stretches};
}

Column<Row> expected(const QString &title)
{
    return {.id = "expected",
            .title = title,
            .text = [](const Row &row) { return row.expected ? units::duration(*row.expected) : QString(); },
            .sort = [](const Row &row) { return row.expected ? QVariant(qint64(row.expected->count())) : QVariant(); },
            .toolTip = [](const Row &) { return RefreshItemModel::tr("The middle of its latest refreshes"); },
            .numeric = true,
            .chars = 12,
            .spare = 1};
}

RefreshItemRow rowOf(const refresh::RefreshItem &item, int number)
{
    RefreshItemRow row;
    row.number = number;
    row.name = item.name.display();
    row.how = methodText(item.choice.method);
    row.because = item.choice.because;
    QStringList after;
    for (const int before : item.after)
        after << QString::number(before + 1);
    row.after = after.join(QLatin1String(", "));
    row.lock = item.choice.lock ? lockModeSql(*item.choice.lock) : QString();
    row.locksReadersOut = item.choice.locksReadersOut;
    row.obstacle = item.choice.obstacle;
    row.expected = item.expected;
    return row;
}

} // namespace

std::vector<RefreshItemRow> refreshRowsOf(const refresh::RefreshPlan &plan)
{
    std::vector<RefreshItemRow> rows;
    for (const refresh::RefreshItem &item : plan.items)
        rows.push_back(rowOf(item, static_cast<int>(rows.size()) + 1));
    return rows;
}

std::vector<RefreshItemRow> refreshRowsOf(const refresh::RefreshPlan &plan, const refresh::RefreshLook &look)
{
    std::vector<RefreshItemRow> rows = refreshRowsOf(plan);
    for (size_t place = 0; place < std::min(rows.size(), look.items.size()); ++place) {
        const refresh::RefreshStanding &standing = look.items[place];
        Row &row = rows[place];
        row.state = standing.state;
        row.text = standing.text;
        row.took = standing.outcome.took ? standing.outcome.took : standing.runningFor;
        row.waited = standing.outcome.waited;
        row.written = standing.outcome.written;
        row.removed = standing.outcome.removed;
        row.filled = standing.filled;
    }
    return rows;
}

std::vector<CheckRow> checkRowsOf(const refresh::RefreshPlan &plan, const std::vector<StepWait> &waits)
{
    std::vector<CheckRow> rows;
    const auto add = [&rows](Severity severity, const QString &verdict, const QString &what, const QString &why) {
        CheckRow row;
        row.number = static_cast<int>(rows.size());
        row.severity = severity;
        row.verdict = verdict;
        row.what = what;
        row.why = why;
        rows.push_back(row);
    };
    for (const refresh::RefreshItem &item : plan.items) {
        if (item.choice.needsAcceptance)
            add(Severity::Warning, RefreshItemModel::tr("To accept"), item.name.display(),
                RefreshItemModel::tr("whoever reads it waits while it is refreshed: %1").arg(item.choice.because));
        else if (!item.choice.obstacle.isEmpty())
            add(Severity::Critical, RefreshItemModel::tr("Refused"), item.name.display(), item.choice.obstacle);
    }
    for (const StepWait &wait : waits) {
        if (wait.holders.empty())
            continue;
        QStringList who;
        for (const LockHolder &holder : wait.holders)
            who << holder.text();
        QString why = who.join(QLatin1String("; "));
        if (const QString behind = wait.behind(); !behind.isEmpty())
            why += RefreshItemModel::tr(
                       ". It waits in no queue until the way is free; then %1 waits at most %2 at a time")
                       .arg(behind, units::duration(LockPatience().attempt));
        add(Severity::Warning, RefreshItemModel::tr("Would wait"), wait.lock.relation.display(), why);
    }
    for (const refresh::RefreshItem &item : plan.items) {
        if (item.choice.locksReadersOut && item.choice.obstacle.isEmpty())
            add(Severity::Notice, RefreshItemModel::tr("Accepted"), item.name.display(),
                RefreshItemModel::tr("whoever reads it waits while it is refreshed: %1").arg(item.choice.because));
    }
    if (rows.empty())
        add(Severity::Ok, RefreshItemModel::tr("Free"), RefreshItemModel::tr("All locks"),
            RefreshItemModel::tr("nobody is in the way now, and readers go on"));
    return rows;
}

QString itemStateText(ItemState state)
{
    switch (state) {
    case ItemState::Open:
        return RefreshItemModel::tr("To do", "refresh");
    case ItemState::Waiting:
        return RefreshItemModel::tr("Waits", "refresh");
    case ItemState::Running:
        return RefreshItemModel::tr("Running", "refresh");
    case ItemState::Succeeded:
        return RefreshItemModel::tr("Refreshed", "refresh");
    case ItemState::Failed:
        return RefreshItemModel::tr("Failed", "refresh");
    case ItemState::Skipped:
        return RefreshItemModel::tr("Skipped", "refresh");
    case ItemState::Stopped:
        break;
    }
    return RefreshItemModel::tr("Stopped", "refresh");
}

Severity severityOf(ItemState state)
{
    switch (state) {
    case ItemState::Waiting:
    case ItemState::Skipped:
    case ItemState::Stopped:
        return Severity::Warning;
    case ItemState::Running:
        return Severity::Notice;
    case ItemState::Succeeded:
        return Severity::Ok;
    case ItemState::Failed:
        return Severity::Critical;
    case ItemState::Open:
        break;
    }
    return Severity::Unknown;
}

RefreshItemModel::RefreshItemModel(Of of, QObject *parent)
    : SnapshotModel([](const Row &row) { return row.number; }, parent)
{
    setKeyText([](const Row &row) { return row.name; });
    setColumns(of == Of::Plan ? columnsOfPlan() : columnsOfRun());
}

QVariant RefreshItemModel::data(const QModelIndex &at, int role) const
{
    if (role == SeverityRole && at.isValid()
        && headerData(at.column(), Qt::Horizontal, ColumnIdRole).toByteArray() == "state"
        && row(at.row()).state == ItemState::Open)
        return {};
    return SnapshotModel::data(at, role);
}

std::vector<Column<RefreshItemRow>> RefreshItemModel::columnsOfPlan() const
{
    std::vector<Column<Row>> columns{number(), name(true)};
    columns.push_back({.id = "how",
                       .title = tr("How"),
                       .text = [](const Row &row) { return row.obstacle.isEmpty() ? row.how : tr("not refreshed"); },
                       .severity =
                           [](const Row &row) {
                               return !row.obstacle.isEmpty() ? Severity::Critical
                                      : row.locksReadersOut   ? Severity::Warning
                                                              : Severity::Ok;
                           },
                       .toolTip = [](const Row &row) { return row.obstacle; },
                       .chars = 14});
    columns.push_back({.id = "because",
                       .title = tr("Why so"),
                       .text = [](const Row &row) { return row.obstacle.isEmpty() ? row.because : row.obstacle; },
                       .toolTip = [](const Row &row) { return row.obstacle.isEmpty() ? row.because : row.obstacle; },
                       .chars = 26,
                       .spare = 3});
    columns.push_back({.id = "after",
                       .title = tr("After"),
                       .text = [](const Row &row) { return row.after; },
                       .toolTip = [](const Row &) { return tr("The refreshes that must be done before it"); },
                       .chars = 8});
    columns.push_back(
        {.id = "lock", .title = tr("Lock"), .text = [](const Row &row) { return row.lock; }, .chars = 19, .spare = 2});
    columns.push_back(expected(tr("Took before")));
    return columns;
}

std::vector<Column<RefreshItemRow>> RefreshItemModel::columnsOfRun() const
{
    std::vector<Column<Row>> columns{number()};
    columns.push_back({.id = "state",
                       .title = tr("State"),
                       .text = [](const Row &row) { return itemStateText(row.state); },
                       .sort = [](const Row &row) { return static_cast<int>(row.state); },
                       .severity = [](const Row &row) { return severityOf(row.state); },
                       .toolTip = [](const Row &row) { return row.text; },
                       .chars = 13});
    columns.push_back(name(false));
    columns.push_back(
        {.id = "took",
         .title = tr("Took"),
         .text = [](const Row &row) { return row.took ? units::duration(*row.took) : QString(); },
         .sort = [](const Row &row) { return row.took ? QVariant(qint64(row.took->count())) : QVariant(); },
         .numeric = true,
         .chars = 12});
    columns.push_back(expected(tr("Before")));
    columns.push_back(
        {.id = "waited",
         .title = tr("Waited for locks"),
         .text = [](const Row &row) { return row.waited >= Millis(1) ? units::duration(row.waited) : QString(); },
         .sort = [](const Row &row) { return qint64(row.waited.count()); },
         .numeric = true,
         .chars = 15,
         .spare = 2});
    columns.push_back({.id = "rows",
                       .title = tr("Rows"),
                       .text = [](const Row &row) { return rowsText(row); },
                       .sort = [](const Row &row) { return row.written ? QVariant(*row.written) : QVariant(); },
                       .toolTip = [](const Row &) { return tr("Rows written and removed"); },
                       .numeric = true,
                       .chars = 18});
    columns.push_back({.id = "text",
                       .title = tr("What it tells"),
                       .text = [](const Row &row) { return progressText(row); },
                       .toolTip = [](const Row &row) { return progressText(row); },
                       .chars = 32,
                       .stretch = true});
    return columns;
}

} // namespace tidemark::ui
