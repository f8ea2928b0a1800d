// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/managed/managedtable.h"

#include "core/pg/sqllibrary.h"

#include <QSet>

#include <algorithm>

namespace tidemark::managed {

namespace {

std::vector<quint32> oidsOf(const std::vector<qint64> &numbers)
{
    std::vector<quint32> oids;
    for (const qint64 number : numbers)
        oids.push_back(static_cast<quint32>(number));
    return oids;
}

ManagedTable tableOf(const pg::ResultSet &rows, int row)
{
    const auto text = [&](const char *name) { return rows.text(row, rows.column(name)); };
    const auto at = [&](const char *name) { return rows.instant(row, rows.column(name)); };
    const auto number = [&](const char *name) { return rows.optionalInt64(row, rows.column(name)); };
    ManagedTable table;
    table.oid = rows.oid(row, rows.column("oid"));
    table.name = {text("schema"), text("name")};
    table.definitionOid = rows.oid(row, rows.column("definition_oid"));
    table.definition = {text("definition_schema"), text("definition_name")};
    table.key = rows.texts(row, rows.column("key_columns"));
    table.rangeColumn = text("range_column");
    table.timeZone = text("time_zone");
    table.isUnlogged = rows.boolean(row, rows.column("unlogged"));
    table.wasEmptied = rows.boolean(row, rows.column("emptied"));
    table.keptSince = at("kept_since");
    table.lastRefreshAt = at("last_refresh_at");
    table.lastFullAt = at("last_full_at");
    table.lastChangedAt = at("last_changed_at");
    table.lastMode = text("last_mode");
    if (const auto took = number("last_duration_ms"))
        table.lastDuration = Millis(*took);
    table.deleted = number("rows_deleted");
    table.updated = number("rows_updated");
    table.inserted = number("rows_inserted");
    table.lastErrorAt = at("last_error_at");
    table.lastError = text("last_error");
    table.owner = text("owner");
    const std::vector<quint32> sources = oidsOf(rows.int64s(row, rows.column("sources")));
    const QStringList schemas = rows.texts(row, rows.column("source_schemas"));
    const QStringList names = rows.texts(row, rows.column("source_names"));
    for (std::size_t index = 0; index < sources.size(); ++index) {
        const auto place = static_cast<qsizetype>(index);
        table.sources.emplace_back(sources[index], pg::QualifiedName{schemas.at(place), names.at(place)});
    }
    table.reads = oidsOf(rows.int64s(row, rows.column("reads")));
    return table;
}

/// Each after what it reads; where they read each other in a ring, which views cannot, the order given.
std::vector<ManagedTable> sorted(std::vector<ManagedTable> tables)
{
    QSet<quint32> open;
    for (const ManagedTable &table : tables)
        open.insert(table.oid);
    std::vector<ManagedTable> ordered;
    while (!tables.empty()) {
        const auto isFree = [&](const ManagedTable &table) {
            return std::none_of(table.reads.begin(), table.reads.end(),
                                [&](quint32 source) { return source != table.oid && open.contains(source); });
        };
        auto next = std::find_if(tables.begin(), tables.end(), isFree);
        if (next == tables.end())
            next = tables.begin();
        open.remove(next->oid);
        ordered.push_back(std::move(*next));
        tables.erase(next);
    }
    return ordered;
}

/// Of what the unique indexes and exclusions that are checked row by row are made, expressions and predicates too.
Result<QStringList> uniqueColumns(pg::Session &session, quint32 table, const pg::CallOptions &call)
{
    TIDEMARK_TRY(
        const auto rows,
        session.exec("SELECT a.attname FROM pg_catalog.pg_attribute AS a WHERE a.attrelid = $1 AND a.attnum > 0 "
                     "AND EXISTS (SELECT FROM pg_catalog.pg_index AS i WHERE i.indrelid = a.attrelid "
                     "AND (i.indisunique OR i.indisexclusion) AND i.indimmediate "
                     "AND (a.attnum = ANY (i.indkey::pg_catalog.int2[]) "
                     "OR EXISTS (SELECT FROM pg_catalog.pg_depend AS d "
                     "WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = i.indexrelid "
                     "AND d.refclassid = d.classid AND d.refobjid = a.attrelid AND d.refobjsubid = a.attnum)))",
                     {table}, call));
    QStringList names;
    for (int row = 0; row < rows.rowCount(); ++row)
        names << rows.text(row, 0);
    return names;
}

} // namespace

Result<std::vector<ManagedTable>> readManaged(pg::Session &session, const pg::CallOptions &call)
{
    // to_regclass() fails where a role may not look into the schema.
    TIDEMARK_TRY(
        const auto there,
        session.exec(
            "SELECT EXISTS (SELECT FROM pg_catalog.pg_class AS c "
            "JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace "
            "WHERE n.nspname = 'tidemark' AND c.relname = 'managed_table' "
            "AND pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_table_privilege(c.oid, 'SELECT'))",
            {}, call));
    if (!there.boolean(0, 0))
        return std::vector<ManagedTable>();
    const auto &query = pg::SqlLibrary::builtIn().query(QStringLiteral("managed/tables"), session.serverVersion());
    TIDEMARK_TRY(const auto rows, session.exec(query.sql, {}, call));
    std::vector<ManagedTable> tables;
    for (int row = 0; row < rows.rowCount(); ++row)
        tables.push_back(tableOf(rows, row));
    return sorted(std::move(tables));
}

Result<ManagedTable> readManaged(pg::Session &session, const pg::QualifiedName &table, const pg::CallOptions &call)
{
    TIDEMARK_TRY(const std::vector<ManagedTable> all, readManaged(session, call));
    QStringList names;
    for (const ManagedTable &candidate : all) {
        if (candidate.name == table)
            return candidate;
        names << candidate.name.display();
    }
    return fail(Error::missing(
        QStringLiteral("%1 is no managed table").arg(table.display()),
        names.isEmpty() ? QStringLiteral("This role sees none here: “tidemarkctl plan materialize” makes one.")
                        : QStringLiteral("There is: %1.").arg(names.join(QStringLiteral(", ")))));
}

Result<DeltaTarget> readDeltaTarget(pg::Session &session, const ManagedTable &table, const pg::CallOptions &call)
{
    if (table.definition.name.isEmpty()) {
        return fail(Error::missing(
            QStringLiteral("the view that %1 is kept from is gone").arg(table.name.display()),
            QStringLiteral("Make it anew and name it in tidemark.managed_table, or delete the table's line there.")));
    }
    TIDEMARK_TRY(const std::vector<RowColumn> standing, readRowColumns(session, table.name, call));
    TIDEMARK_TRY(const std::vector<RowColumn> defined, readRowColumns(session, table.definition, call));
    TIDEMARK_TRY(const QStringList unique, uniqueColumns(session, table.oid, call));
    DeltaTarget target{table.name, table.definition, {}, table.key, {}};
    for (const RowColumn &column : defined) {
        const auto found = std::find_if(standing.begin(), standing.end(),
                                        [&](const RowColumn &candidate) { return candidate.name == column.name; });
        if (found == standing.end()) {
            return fail(
                Error::input(QStringLiteral("%1 has a column “%2” that %3 lacks")
                                 .arg(table.definition.display(), column.name, table.name.display()),
                             QStringLiteral("ALTER TABLE %1 ADD COLUMN %2 %3, and refresh in full.")
                                 .arg(table.name.quoted(), pg::quoteIdentifier(column.name), column.asKey.type)));
        }
        target.columns.push_back(*found);
        if (unique.contains(column.name) && !table.key.contains(column.name))
            target.unique << column.name;
    }
    for (const QString &name : table.key) {
        const RowColumn *column = target.column(name);
        if (column == nullptr || column->asKey.equality.isEmpty()) {
            return fail(Error::input(
                column == nullptr ? QStringLiteral("the key column “%1” of %2 is gone").arg(name, table.name.display())
                                  : QStringLiteral("the key column “%1” of %2 has a type without order")
                                        .arg(name, table.name.display()),
                QStringLiteral("Set key_columns of its line in tidemark.managed_table to a key that it has.")));
        }
    }
    return target;
}

} // namespace tidemark::managed
