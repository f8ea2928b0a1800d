// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/registerscene.h"

#include "resources/resources.h"

#include <QFile>

namespace tidemark::test {

namespace {

QByteArray script(const char *name)
{
    initResources();
    QFile file(QStringLiteral(":/demo/register/%1.sql").arg(QLatin1String(name)));
    if (!file.open(QIODevice::ReadOnly))
        qFatal("%s is not compiled in", qPrintable(file.fileName()));
    return file.readAll();
}

QByteArray id(int number)
{
    return QByteArray::number(number);
}

} // namespace

RegisterScene::RegisterScene(TestDatabase &database, int rows)
    : m_database(database)
    , m_rows(rows)
{
    m_database.exec("SET demo.rows = '" + id(rows) + "'");
    for (const char *part : {"10_schema", "20_data", "30_views", "40_facets"})
        m_database.exec(script(part));
    m_database.exec("CREATE SCHEMA orig");
    m_database.exec(script("30_views").replace("SET search_path = public", "SET search_path = orig, public"));
    m_database.exec("SET search_path = public");
}

QStringList RegisterScene::chain()
{
    return {QStringLiteral("timepoints"), QStringLiteral("timesegments"), QStringLiteral("timeline_establishment"),
            QStringLiteral("timeline_legal_unit"), QStringLiteral("timeline_enterprise")};
}

pg::QualifiedName RegisterScene::name(const QString &relation)
{
    return {QStringLiteral("public"), relation};
}

RegisterScene::Units RegisterScene::write(QRandomGenerator &random)
{
    const int unit = random.bounded(1, m_rows + 1);
    const int legal = 1 + (unit - 1) % (m_rows / 3);
    const QByteArray establishment = id(unit);
    const QByteArray legalUnit = id(legal);
    Units units = unitsAround(unit, legal);
    // A day within a period, where the period has one.
    const QByteArray day = "valid_after + 1 + " + id(random.bounded(0, 200));
    const auto split = [&](const QByteArray &table, const QByteArray &columns, const QByteArray &which) {
        m_database.exec("WITH cut AS (SELECT " + columns + ", valid_to, " + day + " AS at, valid_after FROM " + table
                        + " WHERE id = " + which + " AND " + day
                        + " < valid_to AND valid_to <= 'infinity' ORDER BY valid_after "
                          "LIMIT 1), shorter AS (UPDATE "
                        + table + " AS t SET valid_to = cut.at FROM cut WHERE t.id = " + which
                        + " AND t.valid_after = cut.valid_after) INSERT INTO " + table + " (" + columns
                        + ", valid_after, valid_to) SELECT " + columns + ", at, valid_to FROM cut");
    };
    switch (random.bounded(10)) {
    case 0:
        m_database.exec("UPDATE establishment SET name = name || '*' WHERE id = " + establishment);
        break;
    case 1:
        m_database.exec("UPDATE legal_unit SET name = 'Renamed ' || id || '-" + id(random.bounded(1000))
                        + "' WHERE id = " + legalUnit);
        break;
    case 2:
        m_database.exec("UPDATE stat_for_unit SET value = value + 1 WHERE establishment_id = " + establishment);
        break;
    case 3:
        m_database.exec("UPDATE activity SET category_id = 1 + (category_id + 3) % 40 WHERE type = 'primary' AND "
                        "(establishment_id = "
                        + establishment + " OR legal_unit_id = " + legalUnit + ")");
        break;
    case 4:
        split("establishment", "id, name, birth_date, death_date, legal_unit_id, enterprise_id, primary_for_legal_unit",
              establishment);
        break;
    case 5:
        split("legal_unit", "id, name, tax_ident, birth_date, death_date, enterprise_id, primary_for_enterprise",
              legalUnit);
        break;
    case 6:
        m_database.exec("DELETE FROM stat_for_unit WHERE establishment_id = " + establishment
                        + "; DELETE FROM activity WHERE establishment_id = " + establishment
                        + "; DELETE FROM establishment WHERE id = " + establishment);
        break;
    case 7: {
        const QByteArray added = id(m_next++);
        m_database.exec(
            "INSERT INTO establishment (id, valid_after, valid_to, name, legal_unit_id, primary_for_legal_unit) "
            "SELECT "
            + added + ", valid_after + 10, valid_to, 'New " + added
            + "', id, false FROM legal_unit "
              "WHERE id = "
            + legalUnit
            + " AND valid_after + 10 < valid_to ORDER BY valid_after LIMIT 1;"
              "INSERT INTO stat_for_unit (stat_code, valid_after, valid_to, establishment_id, value) "
              "SELECT 'employees', valid_after, valid_after + 9, id, 7 FROM establishment WHERE id = "
            + added + " AND valid_after + 9 < valid_to");
        break;
    }
    case 8:
        m_database.exec("INSERT INTO location (valid_after, type, region_id, establishment_id) SELECT valid_after + "
                        + id(random.bounded(1, 90)) + ", 'postal', 3, id FROM establishment WHERE id = " + establishment
                        + " AND valid_after + 91 < valid_to");
        break;
    default:
        m_database.exec("UPDATE activity SET valid_to = valid_after + 30 WHERE establishment_id = " + establishment
                        + " AND valid_after + 30 < valid_to");
        break;
    }
    units.merge(unitsAround(unit, legal));
    return units;
}

RegisterScene::Units RegisterScene::unitsAround(int establishment, int legalUnit)
{
    const auto rows = m_database.exec(
        "WITH e AS (SELECT enterprise_id AS id FROM legal_unit WHERE id = " + id(legalUnit)
        + " UNION SELECT l.enterprise_id FROM establishment AS e JOIN legal_unit AS l ON l.id = e.legal_unit_id WHERE e.id = "
        + id(establishment)
        + "), l AS (SELECT DISTINCT id FROM legal_unit WHERE enterprise_id IN (SELECT id FROM e)) "
          "SELECT 'legal_unit', id FROM l UNION SELECT 'enterprise', id FROM e "
          "UNION SELECT 'establishment', id FROM establishment WHERE legal_unit_id IN (SELECT id FROM l)");
    Units units;
    for (int row = 0; row < rows.rowCount(); ++row)
        units.emplace(rows.text(row, 0), rows.text(row, 1));
    return units;
}

QString RegisterScene::checksum(const QString &relation)
{
    return m_database.value(
        QStringLiteral("SELECT md5(coalesce(string_agg(r::text, '|' ORDER BY r::text COLLATE \"C\"), '')) FROM %1 AS r")
            .arg(relation)
            .toUtf8());
}

QString RegisterScene::differing()
{
    QStringList names;
    for (const QString &relation : chain()) {
        if (checksum(QStringLiteral("public.") + relation) != checksum(QStringLiteral("orig.") + relation))
            names << relation;
    }
    return names.join(QStringLiteral(", "));
}

} // namespace tidemark::test
