// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/managed/materializespec.h"

#include <QJsonArray>

#include <algorithm>

namespace tidemark::managed {

namespace {

Status checkKeys(const QJsonObject &json, const QStringList &known, const QString &what)
{
    for (const QString &key : json.keys()) {
        if (!known.contains(key)) {
            return fail(Error::input(QStringLiteral("%1 has no option “%2”").arg(what, key),
                                     QStringLiteral("It has: %1.").arg(known.join(QStringLiteral(", ")))));
        }
    }
    return {};
}

QStringList textsOf(const QJsonValue &value)
{
    QStringList texts;
    for (const QJsonValue &entry : value.toArray())
        texts << entry.toString();
    return texts;
}

Result<IndexWish> indexFrom(const QJsonObject &json)
{
    TIDEMARK_CHECK(checkKeys(json, {QStringLiteral("name"), QStringLiteral("body"), QStringLiteral("unique")},
                             QStringLiteral("an index")));
    IndexWish index{json.value(QStringLiteral("name")).toString(),
                    json.value(QStringLiteral("body")).toString().trimmed(),
                    json.value(QStringLiteral("unique")).toBool()};
    if (index.body.isEmpty()) {
        return fail(Error::input(QStringLiteral("an index needs what follows ON table in CREATE INDEX"),
                                 QStringLiteral("For example: USING btree (customer_id).")));
    }
    return index;
}

Result<ViewWish> viewFrom(const QJsonObject &json)
{
    TIDEMARK_CHECK(checkKeys(json,
                             {QStringLiteral("schema"), QStringLiteral("name"), QStringLiteral("definition"),
                              QStringLiteral("key"), QStringLiteral("indexes"), QStringLiteral("range_column"),
                              QStringLiteral("unlogged")},
                             QStringLiteral("a view to be materialized")));
    ViewWish view;
    view.view = {json.value(QStringLiteral("schema")).toString(QStringLiteral("public")),
                 json.value(QStringLiteral("name")).toString()};
    if (view.view.name.isEmpty())
        return fail(Error::input(QStringLiteral("a view to be materialized needs its name")));
    view.definition = json.value(QStringLiteral("definition")).toString();
    view.key = textsOf(json.value(QStringLiteral("key")));
    view.rangeColumn = json.value(QStringLiteral("range_column")).toString();
    if (json.contains(QStringLiteral("unlogged")))
        view.unlogged = json.value(QStringLiteral("unlogged")).toBool();
    if (json.contains(QStringLiteral("indexes"))) {
        view.indexes.emplace();
        for (const QJsonValue &value : json.value(QStringLiteral("indexes")).toArray()) {
            TIDEMARK_TRY(IndexWish index, indexFrom(value.toObject()));
            view.indexes->push_back(std::move(index));
        }
    }
    return view;
}

QJsonObject toJson(const ViewWish &view)
{
    QJsonObject json{{QStringLiteral("schema"), view.view.schema}, {QStringLiteral("name"), view.view.name}};
    if (!view.definition.isEmpty())
        json.insert(QStringLiteral("definition"), view.definition);
    if (!view.key.isEmpty())
        json.insert(QStringLiteral("key"), QJsonArray::fromStringList(view.key));
    if (!view.rangeColumn.isEmpty())
        json.insert(QStringLiteral("range_column"), view.rangeColumn);
    if (view.unlogged)
        json.insert(QStringLiteral("unlogged"), *view.unlogged);
    if (view.indexes) {
        QJsonArray indexes;
        for (const IndexWish &index : *view.indexes) {
            QJsonObject entry{{QStringLiteral("body"), index.body}};
            if (!index.name.isEmpty())
                entry.insert(QStringLiteral("name"), index.name);
            if (index.unique)
                entry.insert(QStringLiteral("unique"), true);
            indexes.append(entry);
        }
        json.insert(QStringLiteral("indexes"), indexes);
    }
    return json;
}

} // namespace

QJsonObject MaterializeSpec::toJson() const
{
    QJsonArray array;
    for (const ViewWish &view : views)
        array.append(managed::toJson(view));
    QJsonObject json{{QStringLiteral("views"), array}, {QStringLiteral("time_zone"), timeZone}};
    if (unlogged)
        json.insert(QStringLiteral("unlogged"), true);
    if (!rebuildViews)
        json.insert(QStringLiteral("rebuild_views"), false);
    if (!queries.isEmpty())
        json.insert(QStringLiteral("queries"), QJsonArray::fromStringList(queries));
    return json;
}

Result<MaterializeSpec> MaterializeSpec::fromJson(const QJsonObject &json)
{
    TIDEMARK_CHECK(checkKeys(json,
                             {QStringLiteral("views"), QStringLiteral("time_zone"), QStringLiteral("unlogged"),
                              QStringLiteral("rebuild_views"), QStringLiteral("queries"), QStringLiteral("version")},
                             QStringLiteral("a materialization")));
    MaterializeSpec spec;
    for (const QJsonValue &value : json.value(QStringLiteral("views")).toArray()) {
        TIDEMARK_TRY(ViewWish view, viewFrom(value.toObject()));
        const bool isDouble = std::any_of(spec.views.begin(), spec.views.end(),
                                          [&](const ViewWish &other) { return other.view == view.view; });
        if (isDouble)
            return fail(Error::input(QStringLiteral("%1 stands there twice").arg(view.view.display())));
        spec.views.push_back(std::move(view));
    }
    if (spec.views.empty())
        return fail(Error::input(QStringLiteral("the spec names no view"),
                                 QStringLiteral("Name the views that shall become tables.")));
    spec.unlogged = json.value(QStringLiteral("unlogged")).toBool();
    spec.rebuildViews = json.value(QStringLiteral("rebuild_views")).toBool(true);
    spec.timeZone = json.value(QStringLiteral("time_zone")).toString(QStringLiteral("UTC"));
    spec.queries = textsOf(json.value(QStringLiteral("queries")));
    return spec;
}

} // namespace tidemark::managed
