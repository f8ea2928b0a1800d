// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/lockepisodemodel.h"

#include "core/base/units.h"
#include "ui/models/serveroverview.h"
#include "ui/models/severity.h"
#include "ui/models/texts.h"

#include <QCoreApplication>

namespace tidemark::ui {

namespace {

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(tidemark::ui::LockEpisodeModel)
};

Millis waited(const EpisodeRow &row)
{
    return millisBetween(row.episode.waiter.waitingSince.value_or(row.episode.firstSeenAt), row.episode.lastSeenAt);
}

} // namespace

LockEpisodeModel::LockEpisodeModel(QObject *parent)
    : SnapshotModel([](const EpisodeRow &row) { return EpisodeKey(row.server, row.episode.id); }, parent)
{
    using Row = EpisodeRow;
    std::vector<Column<Row>> columns;
    columns.push_back({.id = "from",
                       .title = Words::tr("Since"),
                       .text =
                           [this](const Row &row) {
                               return texts::clockTime(row.episode.firstSeenAt, moments().of(row.server), true);
                           },
                       .sort = [](const Row &row) { return QVariant(toEpochMicros(row.episode.firstSeenAt)); },
                       .toolTip = [](const Row &row) { return texts::absolute(row.episode.firstSeenAt); },
                       .exported = [](const Row &row) { return QVariant(toIso8601(row.episode.firstSeenAt)); },
                       .chars = 14});
    columns.push_back({.id = "waited",
                       .title = Words::tr("Waited"),
                       .text = [](const Row &row) { return units::duration(waited(row)); },
                       .sort = [](const Row &row) { return QVariant(static_cast<qint64>(waited(row).count())); },
                       .severity = [](const Row &row) { return severityOfWait(waited(row)); },
                       .numeric = true,
                       .chars = 12});
    columns.push_back({.id = "waiter",
                       .title = Words::tr("Waiter"),
                       .text = [](const Row &row) { return partyName(row.episode.waiter); },
                       .chars = 22});
    columns.push_back({.id = "lock",
                       .title = Words::tr("Wanted"),
                       .text = [](const Row &row) { return row.episode.waiter.wantedMode; },
                       .chars = 22,
                       .spare = 5});
    columns.push_back({.id = "object",
                       .title = Words::tr("On"),
                       .text = [](const Row &row) { return row.episode.waiter.object; },
                       .chars = 22});
    columns.push_back(
        {.id = "blocker",
         .title = Words::tr("Behind"),
         .text = [](const Row &row) { return partyName(row.episode.blocker); },
         .detail =
             [](const Row &row) { return row.episode.soft ? Words::tr("in the queue") : row.episode.blocker.state; },
         .chars = 28});
    columns.push_back({.id = "query",
                       .title = Words::tr("Blocker's query"),
                       .text = [](const Row &row) { return row.episode.blocker.query.simplified(); },
                       .toolTip = [](const Row &row) { return row.episode.blocker.query; },
                       .chars = 24,
                       .stretch = true,
                       .spare = 9});
    columns.push_back({.id = "server",
                       .title = Words::tr("Server"),
                       .text = [](const Row &row) { return row.server; },
                       .chars = 12,
                       .spare = 8});
    setColumns(std::move(columns));
    setKeyText([](const Row &row) { return QStringLiteral("%1/%2").arg(row.server).arg(row.episode.id); });
}

} // namespace tidemark::ui
