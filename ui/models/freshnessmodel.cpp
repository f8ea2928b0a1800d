// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/freshnessmodel.h"

#include "core/base/units.h"
#include "ui/models/severity.h"
#include "ui/models/texts.h"

#include <QLocale>

#include <cmath>

namespace tidemark::ui {

namespace {

/// Worst first in ascending order: the status, and within it the one that has used most of its target.
double urgency(const Refreshable &refreshable, Instant now)
{
    const double used = texts::targetUsed(refreshable, now).value_or(0);
    return static_cast<double>(freshnessStatus(refreshable, now)) - used / (used + 1);
}

QVariant microsOrNothing(const std::optional<Instant> &at)
{
    return at ? QVariant(toEpochMicros(*at)) : QVariant();
}

QVariant millisOrNothing(const std::optional<Millis> &length)
{
    return length ? QVariant(qint64(length->count())) : QVariant();
}

QVariant isoOrNothing(const std::optional<Instant> &at)
{
    return at ? QVariant(toIso8601(*at)) : QVariant();
}

QString usedText(const Refreshable &refreshable, Instant now)
{
    const auto used = texts::targetUsed(refreshable, now);
    if (!used)
        return {};
    const QString percent = QLocale().toString(std::min<qint64>(std::llround(*used * 100), 9999));
    const LastRefresh &last = refreshable.lastRefresh;
    return last.confidence == Confidence::AtLeast || last.probable ? FreshnessModel::tr("≥%1 %").arg(percent)
                                                                   : FreshnessModel::tr("%1 %").arg(percent);
}

} // namespace

FreshnessModel::FreshnessModel(QObject *parent)
    : SnapshotModel([](const FreshnessRow &row) { return row.key(); }, parent)
{
    describeColumns();
    setObjectOf([](const FreshnessRow &row) {
        return ObjectRef{ObjectKind::Refreshable, row.server, row.database, row.refreshable->oid,
                         row.refreshable->name,   0};
    });
    setKeyText([](const FreshnessRow &row) -> QString {
        return row.server + QLatin1Char('/') + row.database + QLatin1Char('/') + row.refreshable->name.display();
    });
}

void FreshnessModel::setSnapshots(const Snapshots &snapshots, const Scope &scope, const Moments &moments)
{
    auto parts = partsOf(snapshots, scope, &DatabaseSnapshot::freshness);
    if (parts != m_parts) {
        std::vector<FreshnessRow> rows;
        for (const auto &own : parts) {
            const QString place = placeAmong(parts, own);
            for (const Refreshable &refreshable : own.part->refreshables)
                rows.push_back(
                    {own.server, own.database, std::shared_ptr<const Refreshable>(own.part, &refreshable), place});
        }
        setRows(std::move(rows));
        m_parts = std::move(parts);
    }
    setMoments(moments);
}

void FreshnessModel::describeColumns()
{
    using Row = FreshnessRow;
    const auto status = [this](const Row &row) { return freshnessStatus(*row.refreshable, nowOf(row)); };

    std::vector<Column<Row>> columns;
    columns.push_back({.id = "status",
                       .title = tr("Status"),
                       .text = [status](const Row &row) { return statusText(status(row)); },
                       .sort = [this](const Row &row) { return urgency(*row.refreshable, nowOf(row)); },
                       .severity = [status](const Row &row) { return severityOf(status(row)); },
                       .toolTip = [this](const Row &row) { return texts::statusReason(*row.refreshable, nowOf(row)); },
                       .exported = [status](const Row &row) { return toWord(status(row)); },
                       .ages = true,
                       .chars = 18});
    columns.push_back({.id = "name",
                       .title = tr("Name"),
                       .text = [](const Row &row) { return row.refreshable->name.display(); },
                       .toolTip =
                           [](const Row &row) {
                               return QStringLiteral("%1\n%2, %3")
                                   .arg(row.refreshable->name.display(), kindText(row.refreshable->kind),
                                        placeText(row.server, row.database));
                           },
                       .detail = [](const Row &row) { return row.place; },
                       .chars = 40,
                       .stretch = true});
    columns.push_back({.id = "last_refresh",
                       .title = tr("Last refresh"),
                       .text =
                           [this](const Row &row) {
                               return row.refreshable->running ? texts::progress(*row.refreshable->running, nowOf(row))
                                                               : texts::age(row.refreshable->lastRefresh, nowOf(row));
                           },
                       // Ascending is youngest first: by when, latest on top.
                       .sort =
                           [](const Row &row) {
                               const auto &at = row.refreshable->lastRefresh.at;
                               return at ? QVariant(-toEpochMicros(*at)) : QVariant();
                           },
                       .toolTip = [](const Row &row) { return texts::explained(row.refreshable->lastRefresh); },
                       .detail =
                           [this](const Row &row) {
                               // Where the age is a bound or nothing it says so itself.
                               const LastRefresh &last = row.refreshable->lastRefresh;
                               const bool said = last.confidence == Confidence::AtLeast
                                                 || last.confidence == Confidence::Unknown;
                               return row.refreshable->running || said ? QString() : texts::badge(last, nowOf(row));
                           },
                       .exported = [](const Row &row) { return isoOrNothing(row.refreshable->lastRefresh.at); },
                       .ages = true,
                       .chars = 24});
    columns.push_back({.id = "source_changes",
                       .title = tr("Changed rows"),
                       .text = [](const Row &row) { return texts::changes(*row.refreshable); },
                       .sort =
                           [](const Row &row) {
                               const Refreshable &refreshable = *row.refreshable;
                               return refreshable.sourceChanges
                                              && (refreshable.notJudgedBecause.isEmpty()
                                                  || *refreshable.sourceChanges > 0)
                                          ? QVariant(*refreshable.sourceChanges)
                                          : QVariant();
                           },
                       .toolTip = [](const Row &row) { return texts::changesReason(*row.refreshable); },
                       .numeric = true,
                       .chars = 11,
                       .spare = 2});
    columns.push_back(
        {.id = "target_used",
         .title = tr("Target used"),
         .text = [this](const Row &row) { return usedText(*row.refreshable, nowOf(row)); },
         .sort =
             [this](const Row &row) {
                 const auto used = texts::targetUsed(*row.refreshable, nowOf(row));
                 return used ? QVariant(*used) : QVariant();
             },
         .severity = [status](const Row &row) { return severityOf(status(row)); },
         .number =
             [this](const Row &row) { return texts::targetUsed(*row.refreshable, nowOf(row)).value_or(std::nan("")); },
         .ages = true,
         .chars = 15});
    columns.push_back(
        {.id = "target",
         .title = tr("Target"),
         .text =
             [](const Row &row) {
                 return row.refreshable->target ? units::duration(*row.refreshable->target) : QString();
             },
         .sort = [](const Row &row) { return millisOrNothing(row.refreshable->target); },
         .toolTip = [](const Row &row) { return row.refreshable->target ? QString() : tr("No target is set."); },
         .numeric = true,
         .chars = 8,
         .spare = 3});
    columns.push_back({.id = "last_duration",
                       .title = tr("Took, s"),
                       .text =
                           [](const Row &row) {
                               return row.refreshable->lastDuration ? texts::seconds(*row.refreshable->lastDuration)
                                                                    : QString();
                           },
                       .sort = [](const Row &row) { return millisOrNothing(row.refreshable->lastDuration); },
                       .toolTip =
                           [](const Row &row) {
                               return row.refreshable->lastDuration
                                          ? units::duration(*row.refreshable->lastDuration)
                                          : tr("No source tells how long its refreshes take.");
                           },
                       .numeric = true,
                       .chars = 8,
                       .spare = 4});
    columns.push_back({.id = "trend",
                       .title = tr("Trend"),
                       .sort = [](const Row &) { return QVariant(); },
                       .toolTip =
                           [](const Row &row) {
                               return tr("The last %n duration(s), oldest first", nullptr,
                                         static_cast<int>(row.refreshable->recentDurations.size()));
                           },
                       .series =
                           [](const Row &row) {
                               QList<double> series;
                               for (const Millis duration : row.refreshable->recentDurations)
                                   series.push_back(static_cast<double>(duration.count()));
                               return series;
                           },
                       .exported = [](const Row &) { return QVariant(); },
                       .chars = 9,
                       .spare = 6});
    columns.push_back({.id = "size",
                       .title = tr("Size, MB"),
                       .text = [](const Row &row) { return texts::megabytes(row.refreshable->bytesEstimate); },
                       .sort = [](const Row &row) { return QVariant(row.refreshable->bytesEstimate); },
                       .toolTip =
                           [](const Row &row) {
                               return tr("%1 in the table itself, as of its last VACUUM, ANALYZE or refresh")
                                   .arg(units::knownBytes(row.refreshable->bytesEstimate, QLocale()));
                           },
                       .numeric = true,
                       .chars = 9,
                       .spare = 7});
    columns.push_back({.id = "rows",
                       .title = tr("Rows"),
                       .text = [](const Row &row) { return texts::rowsShort(row.refreshable->rowsEstimate); },
                       .sort =
                           [](const Row &row) {
                               return row.refreshable->rowsEstimate < 0 ? QVariant()
                                                                        : QVariant(row.refreshable->rowsEstimate);
                           },
                       .toolTip =
                           [](const Row &row) {
                               return tr("The planner's estimate: %1").arg(texts::rows(row.refreshable->rowsEstimate));
                           },
                       .numeric = true,
                       .chars = 12,
                       .spare = 8});
    columns.push_back({.id = "next_scheduled",
                       .title = tr("Next"),
                       .text =
                           [this](const Row &row) {
                               return row.refreshable->nextScheduled
                                          ? texts::due(*row.refreshable->nextScheduled, nowOf(row))
                                          : row.refreshable->schedule;
                           },
                       .sort = [](const Row &row) { return microsOrNothing(row.refreshable->nextScheduled); },
                       .toolTip =
                           [](const Row &row) {
                               if (row.refreshable->schedule.isEmpty())
                                   return tr("Nothing is known to refresh it by itself.");
                               return row.refreshable->nextScheduled
                                          ? row.refreshable->schedule + QLatin1Char('\n')
                                                + texts::absolute(*row.refreshable->nextScheduled)
                                          : row.refreshable->schedule;
                           },
                       .exported = [](const Row &row) { return isoOrNothing(row.refreshable->nextScheduled); },
                       .ages = true,
                       .chars = 14,
                       .spare = 5});
    columns.push_back({.id = "kind",
                       .title = tr("Kind"),
                       .text = [](const Row &row) { return kindText(row.refreshable->kind); },
                       .exported = [](const Row &row) { return toWord(row.refreshable->kind); },
                       .chars = 20,
                       .spare = 9});
    columns.push_back({.id = "database",
                       .title = tr("Server / database"),
                       .text = [](const Row &row) { return placeText(row.server, row.database); },
                       .chars = 18});
    setColumns(std::move(columns));
}

} // namespace tidemark::ui
