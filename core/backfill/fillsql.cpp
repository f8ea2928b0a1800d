// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backfill/fillsql.h"

#include "core/plan/pagewalk.h"

#include <algorithm>

namespace tidemark::backfill {

namespace {

/// A column of the kept rows, or of a list of its own beside the table's: "tidemark_key_1".
QString numbered(const char *what, std::size_t index)
{
    return QStringLiteral("tidemark_%1_%2").arg(QLatin1String(what)).arg(index + 1);
}

/// `make(index)` for each, joined.
template<typename Items, typename Make>
QString listed(const Items &items, const char *between, Make make)
{
    QStringList all;
    for (std::size_t index = 0; index < items.size(); ++index)
        all << make(index);
    return all.join(QLatin1String(between));
}

const auto comma = ", ";
const auto conjunction = " AND ";

} // namespace

QString conditionOf(const BackfillSpec &spec)
{
    if (!spec.where.isEmpty())
        return spec.where;
    if (spec.adds())
        return QStringLiteral("true");
    QStringList nulls;
    for (const Assignment &assignment : spec.set)
        nulls << pg::quoteIdentifier(assignment.column) + QStringLiteral(" IS NULL");
    return nulls.join(QLatin1String(" OR "));
}

QString FillSql::alias() const
{
    return pg::quoteIdentifier(from.name.isEmpty() ? table.name : from.name);
}

QString FillSql::isNotKept() const
{
    if (!once)
        return {};
    return QStringLiteral(" AND NOT EXISTS (SELECT FROM %1 AS kept WHERE %2)")
        .arg(kept.quoted(), listed(key, conjunction, [&](std::size_t i) {
                 return QStringLiteral("kept.%1 OPERATOR(%2) %3.%4")
                     .arg(numbered("key", i), key[i].equality, alias(), pg::quoteIdentifier(key[i].name));
             }));
}

QString FillSql::chunk(const pg::QualifiedName &leaf) const
{
    return from.name.isEmpty() ? chunkOfOwnRows(leaf) : chunkOfOthers(leaf);
}

QString FillSql::chunkOfOwnRows(const pg::QualifiedName &leaf) const
{
    const bool keeps = !kept.name.isEmpty();
    const QString row = alias();
    const QString onPages = onPagesSql(serverVersion, row + QLatin1Char('.'));
    QString picked = QStringLiteral("%1.ctid AS tidemark_place").arg(row);
    if (keeps) {
        picked += listed(key, "", [&](std::size_t i) {
            return QStringLiteral(", %1.%2 AS %3").arg(row, pg::quoteIdentifier(key[i].name), numbered("key", i));
        });
        picked += listed(columns, "", [&](std::size_t i) {
            return QStringLiteral(", %1.%2 AS %3").arg(row, pg::quoteIdentifier(columns[i].name), numbered("old", i));
        });
    }
    QString returned;
    if (keeps) {
        returned = listed(key, "", [&](std::size_t i) { return numbered("key", i) + QLatin1String(comma); })
                   + listed(columns, "", [&](std::size_t i) { return numbered("old", i) + QLatin1String(comma); })
                   + listed(columns, "", [&](std::size_t i) {
                         return QStringLiteral("%1.%2 AS %3, ")
                             .arg(row, pg::quoteIdentifier(columns[i].name), numbered("new", i));
                     });
    }
    returned += QStringLiteral("(%1) AS tidemark_still").arg(where);
    // Whom somebody else holds is left for the next pass: nobody waits for anybody.
    QString sql = QStringLiteral("WITH picked AS MATERIALIZED (\n"
                                 "  SELECT %1 FROM ONLY %2 AS %3\n"
                                 "  WHERE %4 AND (%5)%6\n"
                                 "  FOR NO KEY UPDATE OF %3 SKIP LOCKED\n"
                                 "), filled AS (\n"
                                 "  UPDATE ONLY %2 AS %3 SET %7\n"
                                 "  FROM picked WHERE %4 AND %3.ctid = picked.tidemark_place\n"
                                 "  RETURNING %8\n"
                                 ")")
                      .arg(picked, leaf.quoted(), row, onPages, where, isNotKept(),
                           listed(columns, comma,
                                  [&](std::size_t i) {
                                      return QStringLiteral("%1 = (%2)")
                                          .arg(pg::quoteIdentifier(columns[i].name), columns[i].expression);
                                  }),
                           returned);
    if (keeps)
        sql += QStringLiteral(", kept AS (%1)").arg(keepFilled());
    return sql + QStringLiteral("\nSELECT count(*), count(*) FILTER (WHERE tidemark_still) FROM filled");
}

QString FillSql::keepFilled() const
{
    const auto names = [](const char *what) { return [what](std::size_t i) { return numbered(what, i); }; };
    const QString keys = listed(key, comma, names("key"));
    const QString all = QStringList{keys, listed(columns, comma, names("old")), listed(columns, comma, names("new"))}
                            .join(QLatin1String(comma));
    QString sql = QStringLiteral("INSERT INTO %1 (%2) SELECT %2 FROM filled").arg(kept.quoted(), all);
    // A row may come again, emptied by somebody: it goes back to what it was before the first time.
    if (!once) {
        sql += QStringLiteral(" ON CONFLICT (%1) DO UPDATE SET %2").arg(keys, listed(columns, comma, [](std::size_t i) {
                                                                            return QStringLiteral("%1 = excluded.%1")
                                                                                .arg(numbered("new", i));
                                                                        }));
    }
    return sql;
}

QString FillSql::chunkOfOthers(const pg::QualifiedName &leaf) const
{
    const QString names = listed(columns, comma, [&](std::size_t i) { return pg::quoteIdentifier(columns[i].name); });
    const QString values = listed(columns, comma,
                                  [&](std::size_t i) { return QStringLiteral("(%1)").arg(columns[i].expression); });
    const QString keys = listed(key, comma, [&](std::size_t i) { return pg::quoteIdentifier(key[i].name); });
    const QString row = alias();
    const QString onPages = onPagesSql(serverVersion, row + QLatin1Char('.'));
    QString sql = QStringLiteral("WITH filled AS (\n"
                                 "  INSERT INTO %1 (%2)\n"
                                 "  SELECT %3 FROM ONLY %4 AS %5\n"
                                 "  WHERE %6 AND (%7)\n"
                                 "  ON CONFLICT DO NOTHING\n"
                                 "  RETURNING %8\n"
                                 ")")
                      .arg(table.quoted(), names, values, leaf.quoted(), row, onPages, where, keys);
    if (!kept.name.isEmpty())
        sql +=
            QStringLiteral(", kept AS (INSERT INTO %1 SELECT * FROM filled ON CONFLICT DO NOTHING)").arg(kept.quoted());
    return sql + QStringLiteral("\nSELECT count(*), 0::int8 FROM filled");
}

QString FillSql::isLeft(const pg::QualifiedName &leaf) const
{
    QString rest = isNotKept();
    if (!from.name.isEmpty()) {
        rest = QStringLiteral(" AND NOT EXISTS (SELECT FROM %1 AS tidemark_target WHERE %2)")
                   .arg(table.quoted(), listed(key, conjunction, [&](std::size_t i) {
                            const auto filled = std::find_if(
                                columns.begin(), columns.end(),
                                [&](const FilledColumn &column) { return column.name == key[i].name; });
                            return QStringLiteral("tidemark_target.%1 OPERATOR(%2) (%3)")
                                .arg(pg::quoteIdentifier(key[i].name), key[i].equality, filled->expression);
                        }));
    }
    return QStringLiteral("SELECT EXISTS (SELECT FROM ONLY %1 AS %2 WHERE (%3)%4)")
        .arg(leaf.quoted(), alias(), where, rest);
}

QString FillSql::trial(bool columnsAreThere) const
{
    const auto value = [&](std::size_t i) { return QStringLiteral("(%1)").arg(columns[i].expression); };
    const auto name = [&](std::size_t i) { return pg::quoteIdentifier(columns[i].name); };
    const QString source = from.name.isEmpty() ? table.quoted() : from.quoted();
    if (!from.name.isEmpty()) {
        return QStringLiteral("EXPLAIN INSERT INTO %1 (%2) SELECT %3 FROM %4 AS %5 WHERE (%6)")
            .arg(table.quoted(), listed(columns, comma, name), listed(columns, comma, value), source, alias(), where);
    }
    if (columnsAreThere) {
        return QStringLiteral("EXPLAIN UPDATE %1 AS %2 SET %3 WHERE (%4)")
            .arg(source, alias(),
                 listed(columns, comma, [&](std::size_t i) { return name(i) + QLatin1String(" = ") + value(i); }),
                 where);
    }
    return QStringLiteral("EXPLAIN SELECT %1 FROM %2 AS %3")
        .arg(listed(columns, comma, [&](std::size_t i) { return value(i) + QLatin1String("::") + columns[i].type; }),
             source, alias());
}

QString FillSql::sample(const std::vector<NewColumn> &added, int most, Sampling sampling) const
{
    const bool own = from.name.isEmpty();
    QStringList picked;
    if (key.empty() && own) {
        picked << alias() + QStringLiteral(".ctid::text");
    } else if (own) {
        picked << QStringLiteral("pg_catalog.concat_ws(', ', %1)").arg(listed(key, comma, [&](std::size_t i) {
            return QStringLiteral("%1.%2").arg(alias(), pg::quoteIdentifier(key[i].name));
        }));
    } else {
        picked << QStringLiteral("pg_catalog.concat_ws(', ', NULL%1)").arg(listed(columns, "", [&](std::size_t i) {
            const bool ofKey = std::any_of(key.begin(), key.end(),
                                           [&](const KeyColumn &column) { return column.name == columns[i].name; });
            return ofKey ? QStringLiteral(", (%1)").arg(columns[i].expression) : QString();
        }));
    }
    for (const FilledColumn &column : columns) {
        if (own)
            picked << QStringLiteral("%1.%2::text").arg(alias(), pg::quoteIdentifier(column.name));
        picked << QStringLiteral("((%1)::%2)::text").arg(column.expression, column.type);
    }
    // Columns that are yet to be made are there, and empty, as they will be.
    QString source = own ? table.quoted() : from.quoted();
    if (!added.empty()) {
        QString made;
        for (const NewColumn &column : added)
            made += QStringLiteral(", NULL::%1 AS %2").arg(column.type, pg::quoteIdentifier(column.name));
        source = QStringLiteral("(SELECT *%1, ctid, tableoid FROM %2)").arg(made, source);
    }
    return QStringLiteral("%1SELECT %2 FROM %3 AS %4 WHERE (%5) LIMIT %6")
        .arg(sampling == Explained ? QStringLiteral("EXPLAIN ") : QString(), picked.join(QLatin1String(comma)), source,
             alias(), where, QString::number(most));
}

QStringList FillSql::createKept() const
{
    QStringList parts;
    for (std::size_t i = 0; i < key.size(); ++i) {
        const QString collation = key[i].collation.isEmpty() ? QString()
                                                             : QStringLiteral(" COLLATE ") + key[i].collation;
        parts << QStringLiteral("%1 %2%3").arg(numbered("key", i), key[i].type, collation);
    }
    if (from.name.isEmpty()) {
        for (const char *what : {"old", "new"}) {
            for (std::size_t i = 0; i < columns.size(); ++i)
                parts << QStringLiteral("%1 %2").arg(numbered(what, i), columns[i].type);
        }
    }
    parts << QStringLiteral("PRIMARY KEY (%1)").arg(listed(key, comma, [](std::size_t i) {
        return numbered("key", i);
    }));
    return {QStringLiteral("CREATE TABLE %1 (%2)").arg(kept.quoted(), parts.join(QLatin1String(comma))),
            QStringLiteral("COMMENT ON TABLE %1 IS %2")
                .arg(kept.quoted(),
                     pg::quoteLiteral(QStringLiteral("What a backfill of %1 can be undone by; goes when it is let go.")
                                          .arg(table.display())))};
}

QString FillSql::takeBack() const
{
    const QString matches = listed(key, conjunction, [&](std::size_t i) {
        return QStringLiteral("target.%1 OPERATOR(%2) back.%3")
            .arg(pg::quoteIdentifier(key[i].name), key[i].equality, numbered("key", i));
    });
    QString change;
    if (from.name.isEmpty()) {
        // As text, for not every type can be compared.
        change = QStringLiteral("UPDATE %1 AS target SET %2 FROM back WHERE %3 AND %4")
                     .arg(table.quoted(),
                          listed(columns, comma,
                                 [&](std::size_t i) {
                                     return QStringLiteral("%1 = back.%2")
                                         .arg(pg::quoteIdentifier(columns[i].name), numbered("old", i));
                                 }),
                          matches, listed(columns, conjunction, [&](std::size_t i) {
                              return QStringLiteral("target.%1::text IS NOT DISTINCT FROM back.%2::text")
                                  .arg(pg::quoteIdentifier(columns[i].name), numbered("new", i));
                          }));
    } else {
        change = QStringLiteral("DELETE FROM %1 AS target USING back WHERE %2").arg(table.quoted(), matches);
    }
    return QStringLiteral("WITH back AS (DELETE FROM ONLY %1 AS kept WHERE %2 RETURNING kept.*), "
                          "undone AS (%3 RETURNING 1)\n"
                          "SELECT (SELECT count(*) FROM undone), "
                          "(SELECT count(*) FROM back) - (SELECT count(*) FROM undone)")
        .arg(kept.quoted(), onPagesSql(serverVersion), change);
}

QStringList FillSql::createTrigger() const
{
    const QString row = alias();
    const QString values = listed(columns, comma,
                                  [&](std::size_t i) { return QStringLiteral("(%1)").arg(columns[i].expression); });
    const QString targets = listed(
        columns, comma, [&](std::size_t i) { return QStringLiteral("NEW.") + pg::quoteIdentifier(columns[i].name); });
    const QString body = QStringLiteral("BEGIN\n"
                                        "    IF (SELECT (%1) FROM (SELECT NEW.*) AS %2) THEN\n"
                                        "        SELECT %3 INTO %4 FROM (SELECT NEW.*) AS %2;\n"
                                        "    END IF;\n"
                                        "    RETURN NEW;\n"
                                        "END")
                             .arg(where, row, values, targets);
    return {QStringLiteral(
                "CREATE FUNCTION %1() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS %2")
                .arg(trigger.quoted(), pg::quoteLiteral(body)),
            QStringLiteral("CREATE TRIGGER %1 BEFORE INSERT OR UPDATE ON %2 FOR EACH ROW EXECUTE FUNCTION %3()")
                .arg(pg::quoteIdentifier(QStringLiteral("zz_tidemark_backfill")), table.quoted(), trigger.quoted())};
}

QStringList FillSql::dropTrigger() const
{
    return {QStringLiteral("DROP TRIGGER IF EXISTS %1 ON %2")
                .arg(pg::quoteIdentifier(QStringLiteral("zz_tidemark_backfill")), table.quoted()),
            QStringLiteral("DROP FUNCTION IF EXISTS %1()").arg(trigger.quoted())};
}

} // namespace tidemark::backfill
