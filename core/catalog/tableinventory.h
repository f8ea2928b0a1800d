// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/catalog/tablebehaviour.h"

#include <QJsonObject>

namespace tidemark::pg {
class Session;
struct CallOptions;
} // namespace tidemark::pg

namespace tidemark {

/// The row of pg_class and what hangs on it alone.
struct RelationFacts
{
    quint32 oid = 0;
    pg::QualifiedName name;
    QString kind; ///< "table", "partitioned table", "view", "materialized view", "foreign table"
    QString owner;
    QString persistence; ///< "permanent", "unlogged", "temporary"
    QString tablespace;  ///< empty: the database's
    QString accessMethod;
    QStringList options; ///< "fillfactor=70", "toast.autovacuum_enabled=false", "security_barrier=true"
    bool rowSecurity = false;
    bool forceRowSecurity = false;
    QString replicaIdentity; ///< "DEFAULT", "FULL", "NOTHING", "INDEX"
    QString replicaIndex;
    QString clusteredOn;
    QString comment;
    std::vector<SecurityLabel> labels;
    std::vector<Privilege> privileges;
    quint32 rowType = 0;
    quint32 arrayType = 0;
    QStringList parents;
    QStringList children;
    QString ofType;
    QString partitionKey;
    QString extension;
    qint64 subscriptions = 0;
    bool populated = true;
    qint64 bytes = 0;
    qint64 rowEstimate = -1;
    QStringList defaultGrantees; ///< whom default privileges give something on what is made; empty name: PUBLIC
    friend bool operator==(const RelationFacts &, const RelationFacts &) = default;
    template<typename Self, typename Visit>
    static void fields(Self &self, Visit &&visit)
    {
        visit("oid", self.oid);
        visit("schema", self.name.schema);
        visit("name", self.name.name);
        visit("kind", self.kind);
        visit("owner", self.owner);
        visit("persistence", self.persistence);
        visit("tablespace", self.tablespace);
        visit("access_method", self.accessMethod);
        visit("options", self.options);
        visit("row_security", self.rowSecurity);
        visit("force_row_security", self.forceRowSecurity);
        visit("replica_identity", self.replicaIdentity);
        visit("replica_index", self.replicaIndex);
        visit("clustered_on", self.clusteredOn);
        visit("comment", self.comment);
        visit("labels", self.labels);
        visit("privileges", self.privileges);
        visit("row_type", self.rowType);
        visit("array_type", self.arrayType);
        visit("parents", self.parents);
        visit("children", self.children);
        visit("of_type", self.ofType);
        visit("partition_key", self.partitionKey);
        visit("extension", self.extension);
        visit("subscriptions", self.subscriptions);
        visit("populated", self.populated);
        visit("bytes", self.bytes);
        visit("row_estimate", self.rowEstimate);
        visit("default_grantees", self.defaultGrantees);
    }
};

/// A view or materialized view that reads the table, directly or through others.
struct DependentView
{
    RelationFacts facts;
    int depth = 1;
    QString definition;         ///< the query, without the final semicolon
    std::vector<quint32> reads; ///< of the table and the other dependents, those its own query names
    bool rowType = false;       ///< it depends on the table's row type as well: a column, a cast
    QStringList constraints;    ///< keys of the table without which its GROUP BY is not valid
    std::vector<TableColumn> columns;
    std::vector<TableIndex> indexes;
    std::vector<StatisticsObject> statistics;
    std::vector<Trigger> triggers;
    std::vector<Rule> rules;
    std::vector<BoundFunction> functions; ///< bound to this view
    std::vector<Mention> mentions;
    friend bool operator==(const DependentView &, const DependentView &) = default;
    template<typename Self, typename Visit>
    static void fields(Self &self, Visit &&visit)
    {
        visit("facts", self.facts);
        visit("depth", self.depth);
        visit("definition", self.definition);
        visit("reads", self.reads);
        visit("row_type", self.rowType);
        visit("constraints", self.constraints);
        visit("columns", self.columns);
        visit("indexes", self.indexes);
        visit("statistics", self.statistics);
        visit("triggers", self.triggers);
        visit("rules", self.rules);
        visit("functions", self.functions);
        visit("mentions", self.mentions);
    }
};

/// All there is to know of one table that a swap could lose: its parts, what acts on it, and all that depends on it. The
/// catalogue's dependencies are the truth: what they do not know (a function's body in a string) follows the name and needs
/// nothing. A plain value; a run keeps the one taken at its beginning.
struct TableInventory
{
    int serverVersion = 0; ///< 150018
    RelationFacts facts;
    std::vector<TableColumn> columns;
    std::vector<TableConstraint> constraints;
    std::vector<TableIndex> indexes;
    std::vector<ForeignKey> foreignKeys;
    std::vector<OwnedSequence> sequences;
    std::vector<StatisticsObject> statistics;
    std::vector<Trigger> triggers;
    std::vector<Rule> rules;      ///< own, and those elsewhere that mention it
    std::vector<Policy> policies; ///< own, and those elsewhere that mention it
    std::vector<PublicationMembership> publications;
    std::vector<DependentView> views; ///< each after all it reads
    std::vector<BoundFunction> functions;
    std::vector<Mention> mentions;
    friend bool operator==(const TableInventory &, const TableInventory &) = default;
    template<typename Self, typename Visit>
    static void fields(Self &self, Visit &&visit)
    {
        visit("server_version", self.serverVersion);
        visit("facts", self.facts);
        visit("columns", self.columns);
        visit("constraints", self.constraints);
        visit("indexes", self.indexes);
        visit("foreign_keys", self.foreignKeys);
        visit("sequences", self.sequences);
        visit("statistics", self.statistics);
        visit("triggers", self.triggers);
        visit("rules", self.rules);
        visit("policies", self.policies);
        visit("publications", self.publications);
        visit("views", self.views);
        visit("functions", self.functions);
        visit("mentions", self.mentions);
    }

    [[nodiscard]] const TableColumn *column(const QString &name) const;
    [[nodiscard]] const TableIndex *index(const QString &name) const;
    [[nodiscard]] const TableConstraint *primaryKey() const;

    /// `"version": 1` and the fields; what a later version adds is skipped by an older reader.
    [[nodiscard]] QJsonObject toJson() const;
    [[nodiscard]] static Result<TableInventory> fromJson(const QJsonObject &json);
};

/// Reads all of it in one round trip, and one more a view. Definitions and sizes take ACCESS SHARE locks: call it when a
/// person or a plan asks, with a lock_timeout, on a session apart from the polling one. Inside a transaction it sees what that has
/// done so far, so a swap can be judged before its COMMIT. Missing when the oid is no table, view or partitioned table any more.
[[nodiscard]] Result<TableInventory> readTableInventory(pg::Session &session, quint32 oid, const pg::CallOptions &call);
/// By name; Missing says so in the name.
[[nodiscard]] Result<TableInventory> readTableInventory(pg::Session &session, const pg::QualifiedName &name,
                                                        const pg::CallOptions &call);

} // namespace tidemark
