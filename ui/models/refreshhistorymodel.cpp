// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/refreshhistorymodel.h"

#include "core/base/units.h"
#include "ui/models/severity.h"
#include "ui/models/snapshotparts.h"
#include "ui/models/texts.h"

#include <QLocale>

#include <map>

namespace tidemark::ui {

namespace {

/// The event's time in the form whose words the badges know.
LastRefresh timeOf(const RefreshEvent &event)
{
    LastRefresh time;
    time.confidence = event.confidence;
    time.source = event.source;
    time.at = momentOf(event);
    time.bracket = event.finishedBracket;
    time.probable = event.probable;
    return time;
}

QVariant millisOrNothing(const std::optional<Millis> &length)
{
    return length ? QVariant(qint64(length->count())) : QVariant();
}

QString secondsOrNothing(const std::optional<Millis> &length)
{
    return length ? texts::seconds(*length) : QString();
}

/// Nearest rank over sorted values.
Millis rank(const std::vector<Millis> &sorted, int percent)
{
    const std::size_t position = (sorted.size() * static_cast<std::size_t>(percent) + 99) / 100;
    return sorted[std::max<std::size_t>(position, 1) - 1];
}

} // namespace

std::optional<Instant> momentOf(const RefreshEvent &event)
{
    if (event.finishedAt)
        return event.finishedAt;
    if (event.finishedBracket)
        return event.finishedBracket->to;
    return event.startedAt;
}

RefreshHistoryModel::RefreshHistoryModel(QObject *parent)
    : SnapshotModel([](const RefreshRow &row) { return row.key(); }, parent)
{
    describeColumns();
    setObjectOf([](const RefreshRow &row) {
        return ObjectRef{ObjectKind::Refreshable, row.server, row.database, 0, row.event.name, 0};
    });
    setKeyText([](const RefreshRow &row) -> QString {
        return row.server + QLatin1Char('/') + row.database + QLatin1Char('/') + QString::number(row.event.id);
    });
}

void RefreshHistoryModel::describeColumns()
{
    using Row = RefreshRow;
    std::vector<Column<Row>> columns;
    columns.push_back(
        {.id = "when",
         .title = tr("When"),
         .text =
             [this](const Row &row) {
                 const auto at = momentOf(row.event);
                 const bool ranged = row.event.confidence == Confidence::Bracketed && row.event.finishedBracket;
                 if (ranged)
                     return texts::badge(timeOf(row.event), moments().of(row.server));
                 const QString time = at ? texts::clockTime(*at, moments().of(row.server), true) : tr("unknown");
                 return row.event.probable ? tr("%1?", "probably then").arg(time) : time;
             },
         .sort =
             [](const Row &row) {
                 const auto at = momentOf(row.event);
                 return at ? QVariant(toEpochMicros(*at)) : QVariant();
             },
         .toolTip = [](const Row &row) { return texts::explained(timeOf(row.event)); },
         .exported =
             [](const Row &row) {
                 const auto at = momentOf(row.event);
                 return at ? QVariant(toIso8601(*at)) : QVariant();
             },
         .chars = 19});
    columns.push_back(
        {.id = "result",
         .title = tr("Result"),
         .text = [](const Row &row) { return row.event.succeeded ? tr("Done") : tr("Failed"); },
         .severity = [](const Row &row) { return row.event.succeeded ? Severity::Ok : Severity::Critical; },
         .toolTip = [](const Row &row) { return row.event.error; },
         .chars = 9});
    columns.push_back({.id = "object",
                       .title = tr("Object"),
                       .text = [](const Row &row) { return row.event.name.display(); },
                       .chars = 28,
                       .stretch = true});
    columns.push_back({.id = "database",
                       .title = tr("Server / database"),
                       .text = [](const Row &row) { return placeText(row.server, row.database); },
                       .chars = 18});
    columns.push_back({.id = "duration",
                       .title = tr("Took, s"),
                       .text = [](const Row &row) { return secondsOrNothing(row.event.duration); },
                       .sort = [](const Row &row) { return millisOrNothing(row.event.duration); },
                       .numeric = true,
                       .chars = 9});
    columns.push_back(
        {.id = "rows",
         .title = tr("Rows"),
         .text = [](const Row &row) { return row.event.rows ? QLocale().toString(*row.event.rows) : QString(); },
         .sort = [](const Row &row) { return row.event.rows ? QVariant(*row.event.rows) : QVariant(); },
         .numeric = true,
         .chars = 10,
         .spare = 7});
    columns.push_back({.id = "concurrently",
                       .title = tr("How"),
                       .text =
                           [](const Row &row) {
                               return row.event.concurrently ? tr("concurrently")
                                                             : tr("plain", "REFRESH without CONCURRENTLY");
                           },
                       .chars = 12,
                       .spare = 8});
    columns.push_back({.id = "source",
                       .title = tr("Told by"),
                       .text =
                           [](const Row &row) {
                               return row.event.sourceDetail.isEmpty() ? sourceText(row.event.source)
                                                                       : row.event.sourceDetail;
                           },
                       .toolTip = [](const Row &row) { return sourceText(row.event.source); },
                       .exported = [](const Row &row) { return toWord(row.event.source); },
                       .chars = 20,
                       .spare = 4});
    columns.push_back({.id = "user",
                       .title = tr("User"),
                       .text = [](const Row &row) { return row.event.user; },
                       .chars = 12,
                       .spare = 9});
    setColumns(std::move(columns));
}

std::vector<RefreshSummary> summarize(const std::vector<RefreshRow> &rows)
{
    std::map<std::tuple<QString, QString, pg::QualifiedName>, std::vector<const RefreshRow *>> byName;
    for (const RefreshRow &row : rows)
        byName[{row.server, row.database, row.event.name}].push_back(&row);

    std::vector<RefreshSummary> summaries;
    summaries.reserve(byName.size());
    for (auto &[key, group] : byName) {
        std::sort(group.begin(), group.end(), [](const RefreshRow *left, const RefreshRow *right) {
            return momentOf(left->event) < momentOf(right->event);
        });
        RefreshSummary summary;
        std::tie(summary.server, summary.database, summary.name) = key;
        std::vector<Millis> durations;
        for (const RefreshRow *row : group) {
            ++summary.runs;
            summary.failures += row->event.succeeded ? 0 : 1;
            if (row->event.succeeded && row->event.duration) {
                durations.push_back(*row->event.duration);
                summary.durations.push_back(static_cast<double>(row->event.duration->count()));
            }
        }
        summary.timed = static_cast<int>(durations.size());
        std::sort(durations.begin(), durations.end());
        if (!durations.empty()) {
            summary.median = rank(durations, 50);
            summary.p95 = rank(durations, 95);
            summary.longest = durations.back();
        }
        summaries.push_back(std::move(summary));
    }
    return summaries;
}

RefreshSummaryModel::RefreshSummaryModel(QObject *parent)
    : SnapshotModel([](const RefreshSummary &row) { return row.key(); }, parent)
{
    using Row = RefreshSummary;
    setObjectOf(
        [](const Row &row) { return ObjectRef{ObjectKind::Refreshable, row.server, row.database, 0, row.name, 0}; });
    setKeyText([](const Row &row) -> QString {
        return row.server + QLatin1Char('/') + row.database + QLatin1Char('/') + row.name.display();
    });
    const auto duration = [](const char *id, const QString &title, std::optional<Millis> Row::*field) {
        return Column<Row>{.id = id,
                           .title = title,
                           .text = [field](const Row &row) { return secondsOrNothing(row.*field); },
                           .sort = [field](const Row &row) { return millisOrNothing(row.*field); },
                           .toolTip = [](const Row &row) { return tr("Over %n timed run(s)", nullptr, row.timed); },
                           .numeric = true,
                           .chars = 10};
    };
    std::vector<Column<Row>> columns;
    columns.push_back({.id = "object",
                       .title = tr("Object"),
                       .text = [](const Row &row) { return row.name.display(); },
                       .chars = 28,
                       .stretch = true});
    columns.push_back({.id = "database",
                       .title = tr("Server / database"),
                       .text = [](const Row &row) { return placeText(row.server, row.database); },
                       .chars = 18});
    columns.push_back({.id = "runs",
                       .title = tr("Refreshes"),
                       .text = [](const Row &row) { return QLocale().toString(row.runs); },
                       .sort = [](const Row &row) { return row.runs; },
                       .numeric = true,
                       .chars = 10});
    columns.push_back({.id = "failures",
                       .title = tr("Failed"),
                       .text = [](const Row &row) { return QLocale().toString(row.failures); },
                       .sort = [](const Row &row) { return row.failures; },
                       .severity = [](const Row &row) { return row.failures > 0 ? Severity::Critical : Severity::Ok; },
                       .numeric = true,
                       .chars = 9});
    columns.push_back(duration("p50", tr("Median, s"), &Row::median));
    columns.push_back(duration("p95", tr("95th percentile, s"), &Row::p95));
    columns.push_back(duration("max", tr("Longest, s"), &Row::longest));
    columns.push_back(
        {.id = "trend",
         .title = tr("Trend"),
         .sort = [](const Row &) { return QVariant(); },
         .series = [](const Row &row) { return row.durations.mid(std::max<qsizetype>(0, row.durations.size() - 40)); },
         .chars = 14});
    setColumns(std::move(columns));
}

} // namespace tidemark::ui
