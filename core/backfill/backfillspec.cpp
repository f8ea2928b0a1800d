// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backfill/backfillspec.h"

#include <QJsonArray>

#include <set>

namespace tidemark::backfill {

namespace {

/// `[{"column": …, "expression": …}, …]`: in an object the order would be lost.
template<typename Item>
QJsonArray pairs(const std::vector<Item> &items, const char *second)
{
    QJsonArray array;
    for (const auto &[column, text] : items)
        array.append(QJsonObject{{QStringLiteral("column"), column}, {QLatin1String(second), text}});
    return array;
}

template<typename Item>
Result<std::vector<Item>> readPairs(const QJsonValue &value, const char *second)
{
    std::vector<Item> items;
    std::set<QString> seen;
    for (const QJsonValue &entry : value.toArray()) {
        Item item{entry[QStringLiteral("column")].toString().trimmed(),
                  entry[QLatin1String(second)].toString().trimmed()};
        const auto &[column, text] = item;
        if (column.isEmpty() || text.isEmpty()) {
            return fail(
                Error::input(QStringLiteral("a column to set needs a name and its %1").arg(QLatin1String(second)),
                             QStringLiteral("Write column=%1.").arg(QLatin1String(second))));
        }
        if (!seen.insert(column).second)
            return fail(Error::input(QStringLiteral("the column “%1” stands there twice").arg(column)));
        items.push_back(std::move(item));
    }
    return items;
}

} // namespace

QJsonObject BackfillSpec::toJson() const
{
    QJsonObject json{{QStringLiteral("schema"), table.schema},
                     {QStringLiteral("table"), table.name},
                     {QStringLiteral("set"), pairs(set, "expression")}};
    if (adds()) {
        json.insert(QStringLiteral("from_schema"), from.schema);
        json.insert(QStringLiteral("from_table"), from.name);
    }
    if (!add.empty())
        json.insert(QStringLiteral("add"), pairs(add, "type"));
    if (!where.isEmpty())
        json.insert(QStringLiteral("where"), where);
    if (notNull)
        json.insert(QStringLiteral("not_null"), true);
    if (keepUp)
        json.insert(QStringLiteral("keep_up"), true);
    if (!keepOld)
        json.insert(QStringLiteral("keep_old"), false);
    return json;
}

Result<BackfillSpec> BackfillSpec::fromJson(const QJsonObject &json)
{
    static const QStringList known{
        QStringLiteral("schema"),     QStringLiteral("table"),   QStringLiteral("set"),   QStringLiteral("from_schema"),
        QStringLiteral("from_table"), QStringLiteral("add"),     QStringLiteral("where"), QStringLiteral("not_null"),
        QStringLiteral("keep_up"),    QStringLiteral("keep_old")};
    for (const QString &key : json.keys()) {
        if (!known.contains(key)) {
            return fail(Error::input(QStringLiteral("a backfill has no option “%1”").arg(key),
                                     QStringLiteral("It has: %1.").arg(known.join(QLatin1String(", ")))));
        }
    }
    const auto nameOf = [&json](const char *schema, const char *name) {
        return pg::QualifiedName{json.value(QLatin1String(schema)).toString(QStringLiteral("public")),
                                 json.value(QLatin1String(name)).toString()};
    };
    BackfillSpec spec;
    spec.table = nameOf("schema", "table");
    if (spec.table.name.isEmpty())
        return fail(Error::input(QStringLiteral("the spec names no table")));
    if (json.contains(QStringLiteral("from_table")))
        spec.from = nameOf("from_schema", "from_table");
    TIDEMARK_TRY(spec.set, readPairs<Assignment>(json.value(QStringLiteral("set")), "expression"));
    if (spec.set.empty())
        return fail(Error::input(QStringLiteral("the spec sets no column of %1").arg(spec.table.display()),
                                 QStringLiteral("Say what is filled with what: column=expression.")));
    TIDEMARK_TRY(spec.add, readPairs<NewColumn>(json.value(QStringLiteral("add")), "type"));
    spec.where = json.value(QStringLiteral("where")).toString().trimmed();
    spec.notNull = json.value(QStringLiteral("not_null")).toBool();
    spec.keepUp = json.value(QStringLiteral("keep_up")).toBool();
    spec.keepOld = json.value(QStringLiteral("keep_old")).toBool(true);
    if (spec.adds() && (spec.keepUp || spec.notNull || !spec.add.empty())) {
        return fail(Error::input(QStringLiteral("add, not_null and keep_up belong to a backfill of a table's own rows, "
                                                "not to one from %1")
                                     .arg(spec.from.display())));
    }
    return spec;
}

} // namespace tidemark::backfill
