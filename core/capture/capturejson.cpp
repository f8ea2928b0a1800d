// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/capture/capturejson.h"

#include <QJsonArray>

namespace tidemark {

namespace {

QJsonArray nameToJson(const pg::QualifiedName &name)
{
    return {name.schema, name.name};
}

pg::QualifiedName nameFromJson(const QJsonValue &json)
{
    const QJsonArray pair = json.toArray();
    return {pair.at(0).toString(), pair.at(1).toString()};
}

} // namespace

QJsonObject toJson(const CaptureSpec &spec)
{
    QJsonArray key;
    for (const KeyColumn &column : spec.key)
        key.append(QJsonArray{column.name, column.type, column.collation, column.equality});
    QJsonArray partitions;
    for (const pg::QualifiedName &partition : spec.partitions)
        partitions.append(nameToJson(partition));
    return {{QStringLiteral("source"), nameToJson(spec.source)},
            {QStringLiteral("name"), spec.name},
            {QStringLiteral("key"), key},
            {QStringLiteral("row_triggers"), spec.flavour == CaptureFlavour::Row},
            {QStringLiteral("always"), spec.always},
            {QStringLiteral("partitions"), partitions}};
}

Result<CaptureSpec> captureSpecFromJson(const QJsonObject &json)
{
    CaptureSpec spec;
    spec.source = nameFromJson(json.value(QStringLiteral("source")));
    spec.name = json.value(QStringLiteral("name")).toString();
    for (const QJsonValue &value : json.value(QStringLiteral("key")).toArray()) {
        const QJsonArray column = value.toArray();
        spec.key.push_back(
            {column.at(0).toString(), column.at(1).toString(), column.at(2).toString(), column.at(3).toString()});
    }
    spec.flavour = json.value(QStringLiteral("row_triggers")).toBool() ? CaptureFlavour::Row
                                                                       : CaptureFlavour::Statement;
    spec.always = json.value(QStringLiteral("always")).toBool(true);
    for (const QJsonValue &partition : json.value(QStringLiteral("partitions")).toArray())
        spec.partitions.push_back(nameFromJson(partition));
    if (spec.source.name.isEmpty() || spec.name.isEmpty() || spec.key.empty())
        return fail(Error::input(QStringLiteral("a capture needs a source, a name and a key")));
    return spec;
}

QJsonObject toJson(const ReconcileSpec &spec)
{
    return {{QStringLiteral("capture"), toJson(spec.capture)},
            {QStringLiteral("target"), nameToJson(spec.target)},
            {QStringLiteral("columns"), QJsonArray::fromStringList(spec.columns)},
            {QStringLiteral("skip_equal"), spec.skipEqual},
            {QStringLiteral("truncate_target"), spec.truncateTarget},
            {QStringLiteral("as_replica"), spec.asReplica}};
}

Result<ReconcileSpec> reconcileSpecFromJson(const QJsonObject &json)
{
    ReconcileSpec spec;
    TIDEMARK_TRY(spec.capture, captureSpecFromJson(json.value(QStringLiteral("capture")).toObject()));
    spec.target = nameFromJson(json.value(QStringLiteral("target")));
    for (const QJsonValue &column : json.value(QStringLiteral("columns")).toArray())
        spec.columns << column.toString();
    spec.skipEqual = json.value(QStringLiteral("skip_equal")).toBool();
    spec.truncateTarget = json.value(QStringLiteral("truncate_target")).toBool(true);
    spec.asReplica = json.value(QStringLiteral("as_replica")).toBool();
    if (spec.target.name.isEmpty() || spec.columns.isEmpty())
        return fail(Error::input(QStringLiteral("a reconcile needs a target and columns")));
    return spec;
}

} // namespace tidemark
