// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/pg/qualifiedname.h"

#include <QStringList>

#include <optional>
#include <vector>

namespace tidemark {

/// The parts of a table as values, in PostgreSQL's own words, so that they are read, compared, kept and written as DDL without
/// translation. Names are unquoted; types, expressions and definitions are SQL as the server prints it under an empty
/// search_path. What is not there is empty. Each lists its fields once (fields.h).

struct Privilege
{
    QString grantor;
    QString grantee; ///< empty: PUBLIC
    QString privilege;
    bool grantable = false;
    friend bool operator==(const Privilege &, const Privilege &) = default;
    template<typename Self, typename Visit>
    static void fields(Self &self, Visit &&visit)
    {
        visit("grantor", self.grantor);
        visit("grantee", self.grantee);
        visit("privilege", self.privilege);
        visit("grantable", self.grantable);
    }
};

struct SecurityLabel
{
    QString provider;
    QString label;
    friend bool operator==(const SecurityLabel &, const SecurityLabel &) = default;
    template<typename Self, typename Visit>
    static void fields(Self &self, Visit &&visit)
    {
        visit("provider", self.provider);
        visit("label", self.label);
    }
};

struct TableColumn
{
    QString name;
    QString type;
    QString collation; ///< quoted; empty where it is the type's own
    bool notNull = false;
    QString defaultExpression; ///< of the value, or of the generation
    QString generated;         ///< "STORED", "VIRTUAL"
    QString identity;          ///< "ALWAYS", "BY DEFAULT"
    QString storage;           ///< "PLAIN", "EXTERNAL", "MAIN", "EXTENDED"
    bool storageIsDefault = true;
    QString compression; ///< "pglz", "lz4"
    int statisticsTarget = -1;
    QStringList options; ///< "n_distinct=-0.5"
    QString comment;
    std::vector<SecurityLabel> labels;
    std::vector<Privilege> privileges;
    friend bool operator==(const TableColumn &, const TableColumn &) = default;
    template<typename Self, typename Visit>
    static void fields(Self &self, Visit &&visit)
    {
        visit("name", self.name);
        visit("type", self.type);
        visit("collation", self.collation);
        visit("not_null", self.notNull);
        visit("default_expression", self.defaultExpression);
        visit("generated", self.generated);
        visit("identity", self.identity);
        visit("storage", self.storage);
        visit("storage_is_default", self.storageIsDefault);
        visit("compression", self.compression);
        visit("statistics_target", self.statisticsTarget);
        visit("options", self.options);
        visit("comment", self.comment);
        visit("labels", self.labels);
        visit("privileges", self.privileges);
    }
};

/// A constraint that is not a foreign key.
struct TableConstraint
{
    QString name;
    QString kind;       ///< "CHECK", "NOT NULL" (18), "PRIMARY KEY", "UNIQUE", "EXCLUDE"
    QString definition; ///< without NOT VALID
    QStringList columns;
    QString index; ///< that backs it
    bool deferrable = false;
    bool deferred = false;
    bool validated = true;
    bool noInherit = false;
    bool enforced = true;
    bool period = false; ///< WITHOUT OVERLAPS
    bool local = true;
    QString comment;
    friend bool operator==(const TableConstraint &, const TableConstraint &) = default;
    template<typename Self, typename Visit>
    static void fields(Self &self, Visit &&visit)
    {
        visit("name", self.name);
        visit("kind", self.kind);
        visit("definition", self.definition);
        visit("columns", self.columns);
        visit("index", self.index);
        visit("deferrable", self.deferrable);
        visit("deferred", self.deferred);
        visit("validated", self.validated);
        visit("no_inherit", self.noInherit);
        visit("enforced", self.enforced);
        visit("period", self.period);
        visit("local", self.local);
        visit("comment", self.comment);
    }
};

struct IndexColumnStatistics
{
    int position = 0; ///< of the column in the index, from 1
    int target = -1;
    friend bool operator==(const IndexColumnStatistics &, const IndexColumnStatistics &) = default;
    template<typename Self, typename Visit>
    static void fields(Self &self, Visit &&visit)
    {
        visit("position", self.position);
        visit("target", self.target);
    }
};

struct TableIndex
{
    quint32 oid = 0;
    QString name;
    QString
        body; ///< "USING btree (a DESC, lower(b)) INCLUDE (c) WITH (fillfactor='70')": names neither itself nor the table
    QString predicate; ///< of a partial index
    bool isUnique = false;
    bool isPrimary = false;
    bool nullsNotDistinct = false;
    bool isValid = true;
    QString constraint;  ///< that it backs
    QStringList columns; ///< of the key; an empty name is an expression
    QStringList included;
    bool keyExpressions = false;
    QString tablespace;
    QString comment;
    std::vector<IndexColumnStatistics> columnStatistics;
    friend bool operator==(const TableIndex &, const TableIndex &) = default;
    template<typename Self, typename Visit>
    static void fields(Self &self, Visit &&visit)
    {
        visit("oid", self.oid);
        visit("name", self.name);
        visit("body", self.body);
        visit("predicate", self.predicate);
        visit("is_unique", self.isUnique);
        visit("is_primary", self.isPrimary);
        visit("nulls_not_distinct", self.nullsNotDistinct);
        visit("is_valid", self.isValid);
        visit("constraint_name", self.constraint);
        visit("columns", self.columns);
        visit("included", self.included);
        visit("key_expressions", self.keyExpressions);
        visit("tablespace", self.tablespace);
        visit("comment", self.comment);
        visit("column_statistics", self.columnStatistics);
    }
};

/// One that refers to its own table is both own and inbound.
struct ForeignKey
{
    QString name;
    pg::QualifiedName table;
    QString tableKind; ///< "table", "partitioned table"
    pg::QualifiedName referenced;
    bool own = false;
    bool inbound = false;
    QString definition; ///< without NOT VALID
    QStringList columns;
    QStringList referencedColumns;
    bool deferrable = false;
    bool deferred = false;
    bool validated = true;
    bool enforced = true;
    QString onUpdate;
    QString onDelete;
    QString comment;
    friend bool operator==(const ForeignKey &, const ForeignKey &) = default;
    template<typename Self, typename Visit>
    static void fields(Self &self, Visit &&visit)
    {
        visit("name", self.name);
        visit("schema", self.table.schema);
        visit("table", self.table.name);
        visit("table_kind", self.tableKind);
        visit("referenced_schema", self.referenced.schema);
        visit("referenced_table", self.referenced.name);
        visit("own", self.own);
        visit("inbound", self.inbound);
        visit("definition", self.definition);
        visit("columns", self.columns);
        visit("referenced_columns", self.referencedColumns);
        visit("deferrable", self.deferrable);
        visit("deferred", self.deferred);
        visit("validated", self.validated);
        visit("enforced", self.enforced);
        visit("on_update", self.onUpdate);
        visit("on_delete", self.onDelete);
        visit("comment", self.comment);
    }
};

/// A sequence that belongs to a column: of a serial, of an identity.
struct OwnedSequence
{
    quint32 oid = 0;
    pg::QualifiedName name;
    QString column;
    bool isIdentity = false;
    QString type;
    qint64 start = 1;
    qint64 increment = 1;
    qint64 minimum = 1;
    qint64 maximum = 0;
    qint64 cache = 1;
    bool cycle = false;
    std::optional<qint64> lastValue; ///< nothing before the first value, and where the role may not read it
    QString owner;
    QString persistence;
    QString comment;
    std::vector<Privilege> privileges;
    friend bool operator==(const OwnedSequence &, const OwnedSequence &) = default;
    template<typename Self, typename Visit>
    static void fields(Self &self, Visit &&visit)
    {
        visit("oid", self.oid);
        visit("schema", self.name.schema);
        visit("name", self.name.name);
        visit("column", self.column);
        visit("is_identity", self.isIdentity);
        visit("type", self.type);
        visit("start", self.start);
        visit("increment", self.increment);
        visit("minimum", self.minimum);
        visit("maximum", self.maximum);
        visit("cache", self.cache);
        visit("cycle", self.cycle);
        visit("last_value", self.lastValue);
        visit("owner", self.owner);
        visit("persistence", self.persistence);
        visit("comment", self.comment);
        visit("privileges", self.privileges);
    }
};

struct StatisticsObject
{
    pg::QualifiedName name;
    QString body; ///< "(ndistinct, mcv) ON a, b"
    QString owner;
    int statisticsTarget = -1;
    QString comment;
    friend bool operator==(const StatisticsObject &, const StatisticsObject &) = default;
    template<typename Self, typename Visit>
    static void fields(Self &self, Visit &&visit)
    {
        visit("schema", self.name.schema);
        visit("name", self.name.name);
        visit("body", self.body);
        visit("owner", self.owner);
        visit("statistics_target", self.statisticsTarget);
        visit("comment", self.comment);
    }
};

} // namespace tidemark
