// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/managed/deltasql.h"

#include <algorithm>

namespace tidemark::managed {

namespace {

using pg::quoteIdentifier;
using Mode = DeltaScope::Mode;

const QLatin1String comma(", ");
const QLatin1String conjunction(" AND ");

QString of(const char *alias, const QString &column)
{
    return QLatin1String(alias) + QLatin1Char('.') + quoteIdentifier(column);
}

/// `make(column)` for each, joined.
template<typename Make>
QString listed(const std::vector<RowColumn> &columns, Make make)
{
    QStringList parts;
    for (const RowColumn &column : columns)
        parts << make(column);
    return parts.join(comma);
}

QString columnsOf(const DeltaTarget &target, const char *alias)
{
    return listed(target.columns, [&](const RowColumn &column) { return of(alias, column.name); });
}

/// c1, c2 … in the table of differences, whatever the columns are called.
QString numbered(std::size_t index)
{
    return QStringLiteral("c%1").arg(index + 1);
}

/// The operator beside an equality, in its schema: "pg_catalog.=" and "<" make "pg_catalog.<".
QString beside(const QString &equality, const char *sign)
{
    return equality.section(QLatin1Char('.'), 0, -2) + QLatin1Char('.') + QLatin1String(sign);
}

/// Where equality tells apart whatever differs in a byte it is asked; to form rows and compare their images takes far longer.
QString differences(const std::vector<RowColumn> &columns)
{
    QStringList parts;
    std::vector<RowColumn> others;
    for (const RowColumn &column : columns) {
        if (column.hashIsExact)
            parts << QStringLiteral("%1 IS DISTINCT FROM %2").arg(of("n", column.name), of("t", column.name));
        else
            others.push_back(column);
    }
    if (!others.empty()) {
        const auto rowOf = [&](const char *alias) {
            return listed(others, [&](const RowColumn &column) { return of(alias, column.name); });
        };
        parts << QStringLiteral("pg_catalog.record_image_ne(ROW(%1), ROW(%2))").arg(rowOf("n"), rowOf("t"));
    }
    return parts.join(QLatin1String(" OR "));
}

/// What is unique beside the key differs.
QString moves(const DeltaTarget &target)
{
    std::vector<RowColumn> columns;
    for (const QString &name : target.unique)
        columns.push_back(*target.column(name));
    return QStringLiteral(", (%1) AS moves").arg(differences(columns));
}

QString keyMatches(const DeltaTarget &target, const char *left, const char *right)
{
    QStringList parts;
    for (const QString &name : target.key) {
        const RowColumn *column = target.column(name);
        // Of two arrays NULLs are alike, and arrays can be hashed and sorted where IS NOT DISTINCT FROM cannot.
        parts
            << (column->notNull
                    ? QStringLiteral("%1 OPERATOR(%2) %3").arg(of(left, name), column->asKey.equality, of(right, name))
                    : QStringLiteral("ARRAY[%1] OPERATOR(pg_catalog.=) ARRAY[%2]")
                          .arg(of(left, name), of(right, name)));
    }
    return parts.join(conjunction);
}

QString rangePredicate(const RowColumn &column, const char *alias)
{
    const QString name = of(alias, column.name);
    return QStringLiteral("($1::%3 IS NULL OR %1 OPERATOR(%2) $1::%3) AND ($2::%3 IS NULL OR %1 OPERATOR(%4) $2::%3)")
        .arg(name, beside(column.asKey.equality, ">="), column.asKey.type, beside(column.asKey.equality, "<"));
}

QString keysPredicate(const DeltaTarget &target, const DeltaScope &scope, const char *alias)
{
    QStringList parts;
    QStringList arrays;
    QStringList names;
    QStringList matches;
    for (qsizetype index = 0; index < scope.columns.size(); ++index) {
        const RowColumn *column = target.column(scope.columns.at(index));
        const QString name = of(alias, column->name);
        const QString array = QStringLiteral("$%1::%2[]").arg(index + 1).arg(column->asKey.type);
        const QString value = QStringLiteral("v%1").arg(index + 1);
        arrays << QStringLiteral("pg_catalog.unnest(%1)").arg(array);
        names << value;
        const auto hasNull = std::any_of(scope.values.begin(), scope.values.end(),
                                         [&](const auto &tuple) { return !tuple.at(static_cast<size_t>(index)); });
        const QString among = QStringLiteral("%1 OPERATOR(%2) ANY (%3)").arg(name, column->asKey.equality, array);
        // Constants reach into views, grouped and windowed ones too, where a join would not.
        parts << (hasNull ? QStringLiteral("(%1 OR %2 IS NULL)").arg(among, name) : among);
        matches << (hasNull ? QStringLiteral("ARRAY[wanted.%1] OPERATOR(pg_catalog.=) ARRAY[%2]").arg(value, name)
                            : QStringLiteral("wanted.%1 OPERATOR(%2) %3").arg(value, column->asKey.equality, name));
    }
    if (scope.columns.size() > 1) {
        parts << QStringLiteral("EXISTS (SELECT FROM ROWS FROM (%1) AS wanted (%2) WHERE %3)")
                     .arg(arrays.join(comma), names.join(comma), matches.join(conjunction));
    }
    return parts.join(conjunction);
}

QString predicate(const DeltaTarget &target, const DeltaScope &scope, const char *alias)
{
    switch (scope.mode) {
    case Mode::Full:
        break;
    case Mode::Range:
        return rangePredicate(*target.column(scope.column), alias);
    case Mode::Keys:
        return keysPredicate(target, scope, alias);
    }
    return QStringLiteral("true");
}

QString select(const DeltaTarget &target, const DeltaScope &scope)
{
    QString sql = QStringLiteral("SELECT %1\nFROM %2 AS d").arg(columnsOf(target, "d"), target.definition.quoted());
    if (scope.mode != Mode::Full)
        sql += QStringLiteral("\nWHERE ") + predicate(target, scope, "d");
    return sql;
}

QString keyList(const DeltaTarget &target, const char *alias)
{
    QStringList names;
    for (const QString &name : target.key)
        names << (*alias == '\0' ? quoteIdentifier(name) : of(alias, name));
    return names.join(comma);
}

/// As an element of an array in PostgreSQL's text form.
QString element(const std::optional<QString> &value)
{
    if (!value)
        return QStringLiteral("NULL");
    QString text = *value;
    text.replace(QLatin1Char('\\'), QLatin1String("\\\\")).replace(QLatin1Char('"'), QLatin1String("\\\""));
    return QLatin1Char('"') + text + QLatin1Char('"');
}

} // namespace

const RowColumn *DeltaTarget::column(const QString &name) const
{
    const auto found = std::find_if(columns.begin(), columns.end(),
                                    [&](const RowColumn &column) { return column.name == name; });
    return found == columns.end() ? nullptr : &*found;
}

bool DeltaTarget::isKeyGuarded() const
{
    return std::all_of(key.begin(), key.end(), [&](const QString &name) { return column(name)->notNull; });
}

bool DeltaTarget::isOfKey(const DeltaScope &scope) const
{
    const QStringList decisive = scope.decisive();
    return std::all_of(decisive.begin(), decisive.end(), [&](const QString &name) { return key.contains(name); });
}

namespace deltasql {

pg::Params paramsOf(const DeltaScope &scope, std::size_t first, std::size_t count)
{
    pg::Params params;
    switch (scope.mode) {
    case Mode::Full:
        break;
    case Mode::Range:
        for (const auto &bound : {scope.from, scope.to})
            params.push_back(bound ? pg::Param(*bound) : pg::Param(nullptr));
        break;
    case Mode::Keys: {
        const std::size_t end = count < scope.values.size() - first ? first + count : scope.values.size();
        for (std::size_t column = 0; column < static_cast<std::size_t>(scope.columns.size()); ++column) {
            QStringList elements;
            for (std::size_t index = first; index < end; ++index)
                elements << element(scope.values.at(index).at(column));
            params.emplace_back(QString(QLatin1Char('{') + elements.join(QLatin1Char(',')) + QLatin1Char('}')));
        }
        break;
    }
    }
    return params;
}

QString fetch(const DeltaTarget &target, const DeltaScope &scope)
{
    return QStringLiteral("CREATE TEMPORARY TABLE tidemark_new ON COMMIT DROP AS\n") + select(target, scope);
}

QString fetchMore(const DeltaTarget &target, const DeltaScope &scope)
{
    return QStringLiteral("INSERT INTO pg_temp.tidemark_new\n") + select(target, scope);
}

QString analyze(const DeltaTarget &target)
{
    return QStringLiteral("ANALYZE pg_temp.tidemark_new (%1)").arg(keyList(target, ""));
}

QString missing(const DeltaTarget &target, const DeltaScope &scope)
{
    return QStringLiteral("SELECT %1\nFROM %2 AS t\nWHERE %3\n"
                          "  AND NOT EXISTS (SELECT FROM pg_temp.tidemark_new AS n WHERE %4)")
        .arg(keyList(target, "t"), target.table.quoted(), predicate(target, scope, "t"), keyMatches(target, "n", "t"));
}

QString duplicate(const DeltaTarget &target)
{
    return QStringLiteral("SELECT %1, pg_catalog.count(*)\nFROM pg_temp.tidemark_new AS n\nGROUP BY %1\n"
                          "HAVING pg_catalog.count(*) > 1\nLIMIT 1")
        .arg(keyList(target, "n"));
}

QString countStanding(const DeltaTarget &target)
{
    return QStringLiteral("SELECT pg_catalog.count(*) FROM %1").arg(target.table.quoted());
}

QString compare(const DeltaTarget &target, const DeltaScope &scope)
{
    QStringList values;
    for (std::size_t index = 0; index < target.columns.size(); ++index)
        values << QStringLiteral("%1 AS %2").arg(of("n", target.columns[index].name), numbered(index));
    const QString differs = QLatin1Char('(') + differences(target.columns) + QLatin1Char(')');
    QString sql = QStringLiteral("CREATE TEMPORARY TABLE tidemark_diff ON COMMIT DROP AS\n"
                                 "SELECT t.ctid AS place, n.ctid IS NULL AS gone%1, %2\n"
                                 "FROM pg_temp.tidemark_new AS n\n")
                      .arg(target.unique.isEmpty() ? QString() : moves(target), values.join(comma));
    // One pass over both where all is compared; else the standing rows are looked up.
    if (scope.mode == Mode::Full) {
        return sql
               + QStringLiteral("FULL JOIN %1 AS t ON %2\nWHERE t.ctid IS NULL OR n.ctid IS NULL OR %3")
                     .arg(target.table.quoted(), keyMatches(target, "n", "t"), differs);
    }
    return sql
           + QStringLiteral("LEFT JOIN %1 AS t ON %2\nWHERE t.ctid IS NULL OR %3")
                 .arg(target.table.quoted(), keyMatches(target, "n", "t"), differs);
}

QString removeGone(const DeltaTarget &target, const DeltaScope &scope)
{
    if (scope.mode == Mode::Full) {
        return QStringLiteral("DELETE FROM %1 AS t\nUSING pg_temp.tidemark_diff AS x\n"
                              "WHERE t.ctid = x.place AND x.gone")
            .arg(target.table.quoted());
    }
    return QStringLiteral("DELETE FROM %1 AS t\nWHERE %2\n"
                          "  AND NOT EXISTS (SELECT FROM pg_temp.tidemark_new AS n WHERE %3)")
        .arg(target.table.quoted(), predicate(target, scope, "t"), keyMatches(target, "n", "t"));
}

QString removeMoved(const DeltaTarget &target)
{
    return QStringLiteral("DELETE FROM %1 AS t\nUSING pg_temp.tidemark_diff AS x\n"
                          "WHERE t.ctid = x.place AND NOT x.gone AND x.moves")
        .arg(target.table.quoted());
}

QString update(const DeltaTarget &target)
{
    QStringList settings;
    for (std::size_t index = 0; index < target.columns.size(); ++index)
        settings << QStringLiteral("%1 = x.%2").arg(quoteIdentifier(target.columns[index].name), numbered(index));
    return QStringLiteral("UPDATE %1 AS t\nSET %2\nFROM pg_temp.tidemark_diff AS x\n"
                          "WHERE t.ctid = x.place AND NOT x.gone%3")
        .arg(target.table.quoted(), settings.join(comma),
             target.unique.isEmpty() ? QString() : QStringLiteral(" AND NOT x.moves"));
}

QString insert(const DeltaTarget &target)
{
    QStringList values;
    for (std::size_t index = 0; index < target.columns.size(); ++index)
        values << QStringLiteral("x.") + numbered(index);
    return QStringLiteral("INSERT INTO %1 (%2)\nSELECT %3\nFROM pg_temp.tidemark_diff AS x\nWHERE x.place IS NULL%4")
        .arg(target.table.quoted(),
             listed(target.columns, [](const RowColumn &column) { return quoteIdentifier(column.name); }),
             values.join(comma), target.unique.isEmpty() ? QString() : QStringLiteral(" OR NOT x.gone AND x.moves"));
}

QString drop()
{
    return QStringLiteral("DROP TABLE IF EXISTS pg_temp.tidemark_diff, pg_temp.tidemark_new");
}

QString wholeText(const DeltaTarget &target)
{
    const DeltaScope all;
    QStringList statements{fetch(target, all), countStanding(target), compare(target, all), removeGone(target, all)};
    if (!target.unique.isEmpty())
        statements << removeMoved(target);
    statements << update(target) << insert(target);
    return QStringLiteral(
               "-- Left out: BEGIN ISOLATION LEVEL REPEATABLE READ, settings and COMMIT; ANALYZE of what was fetched; the\n"
               "-- search for keys that come twice; DROP of the temporary tables; the line in tidemark.managed_refresh.\n")
           + statements.join(QStringLiteral(";\n"));
}

QString divergence(const DeltaTarget &target)
{
    return QStringLiteral(
               "SELECT coalesce(pg_catalog.sum(balance) FILTER (WHERE balance > 0), 0)::int8,\n"
               "       coalesce(-pg_catalog.sum(balance) FILTER (WHERE balance < 0), 0)::int8\n"
               "FROM (SELECT pg_catalog.sum(sign) AS balance\n"
               "      FROM (SELECT ROW(%1)::text COLLATE pg_catalog.\"C\" AS content, 1 AS sign FROM %2 AS t\n"
               "            UNION ALL\n"
               "            SELECT ROW(%3)::text COLLATE pg_catalog.\"C\", -1 FROM %4 AS d) AS b\n"
               "      GROUP BY content HAVING pg_catalog.sum(sign) <> 0) AS c")
        .arg(columnsOf(target, "t"), target.table.quoted(), columnsOf(target, "d"), target.definition.quoted());
}

} // namespace deltasql

} // namespace tidemark::managed
