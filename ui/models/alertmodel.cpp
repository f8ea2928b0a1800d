// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/alertmodel.h"

#include "core/base/units.h"
#include "core/monitor/alerts.h"
#include "ui/models/snapshotparts.h"
#include "ui/models/texts.h"

#include <QRegularExpression>

namespace tidemark::ui {

namespace {

Severity severityOf(const AlertRow &row)
{
    return row.alert.clearedAt ? Severity::Ok : Severity::Warning;
}

} // namespace

ObjectRef objectOf(const AlertRow &row)
{
    ObjectRef object{ObjectKind::Database, row.server, row.alert.database, 0, {}, 0};
    const auto kind = alertKindOf(row.alert.kind);
    if (!kind)
        return object;
    switch (*kind) {
    case AlertKind::Freshness:
        object.kind = ObjectKind::Refreshable;
        break;
    case AlertKind::Runway:
        object.kind = ObjectKind::PartitionedTable;
        break;
    case AlertKind::Job:
        object.kind = ObjectKind::Job;
        return object;
    case AlertKind::Blocking: {
        static const QRegularExpression pid(QStringLiteral("^pid (\\d+)"));
        object.kind = ObjectKind::Backend;
        object.pid = pid.match(row.alert.subject).captured(1).toInt();
        return object;
    }
    }
    object.name = pg::QualifiedName::parse(row.alert.subject).value_or(pg::QualifiedName());
    return object;
}

QString alertKindText(const QString &kind)
{
    const auto known = alertKindOf(kind);
    if (!known)
        return kind;
    switch (*known) {
    case AlertKind::Freshness:
        return AlertModel::tr("Freshness", "alert");
    case AlertKind::Blocking:
        return AlertModel::tr("Blocking", "alert");
    case AlertKind::Runway:
        return AlertModel::tr("Runway", "alert");
    case AlertKind::Job:
        break;
    }
    return AlertModel::tr("Job failed", "alert");
}

QString alertStateText(const AlertRecord &alert)
{
    return alert.clearedAt ? AlertModel::tr("Over", "alert") : AlertModel::tr("Active", "alert");
}

AlertModel::AlertModel(QObject *parent)
    : SnapshotModel([](const AlertRow &row) { return row.key(); }, parent)
{
    using Row = AlertRow;
    setObjectOf([](const Row &row) { return objectOf(row); });
    setKeyText([](const Row &row) { return QStringLiteral("%1/%2").arg(row.server).arg(row.alert.id); });
    std::vector<Column<Row>> columns;
    columns.push_back({.id = "state",
                       .title = tr("State"),
                       .text = [](const Row &row) { return alertStateText(row.alert); },
                       .severity = [](const Row &row) { return severityOf(row); },
                       .chars = 10});
    columns.push_back({.id = "kind",
                       .title = tr("Kind"),
                       .text = [](const Row &row) { return alertKindText(row.alert.kind); },
                       .chars = 12});
    columns.push_back(
        {.id = "since",
         .title = tr("Since"),
         .text = [this](const Row &row) { return units::age(row.alert.raisedAt, moments().of(row.server)); },
         .sort = [](const Row &row) { return QVariant(toEpochMicros(row.alert.raisedAt)); },
         .toolTip = [](const Row &row) { return texts::absolute(row.alert.raisedAt); },
         .exported = [](const Row &row) { return QVariant(toIso8601(row.alert.raisedAt)); },
         .ages = true,
         .chars = 16});
    columns.push_back(
        {.id = "lasted",
         .title = tr("Lasted"),
         .text =
             [this](const Row &row) {
                 return texts::span(
                     millisBetween(row.alert.raisedAt, row.alert.clearedAt.value_or(moments().of(row.server))));
             },
         .sort =
             [this](const Row &row) {
                 return QVariant(static_cast<qint64>(
                     millisBetween(row.alert.raisedAt, row.alert.clearedAt.value_or(moments().of(row.server)))
                         .count()));
             },
         .toolTip =
             [](const Row &row) { return row.alert.clearedAt ? texts::absolute(*row.alert.clearedAt) : QString(); },
         .numeric = true,
         .ages = true,
         .chars = 12,
         .spare = 5});
    columns.push_back(
        {.id = "object", .title = tr("Object"), .text = [](const Row &row) { return row.alert.subject; }, .chars = 26});
    columns.push_back({.id = "database",
                       .title = tr("Server / database"),
                       .text = [](const Row &row) { return placeText(row.server, row.alert.database); },
                       .chars = 18});
    columns.push_back({.id = "message",
                       .title = tr("Message"),
                       .text = [](const Row &row) { return row.alert.message; },
                       .toolTip = [](const Row &row) { return row.alert.message; },
                       .chars = 40,
                       .stretch = true});
    setColumns(std::move(columns));
}

} // namespace tidemark::ui
