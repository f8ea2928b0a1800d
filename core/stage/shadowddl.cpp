// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stage/shadowddl.h"

#include "core/ddl/identifiers.h"
#include "core/ddl/sqltext.h"
#include "core/stage/shadowparts.h"

#include <algorithm>

namespace tidemark::stage {

namespace {

using pg::quoteIdentifier;
using pg::quoteLiteral;

const QString boundCheck = QStringLiteral("tidemark_bounds");

pg::QualifiedName inSchema(const TableInventory &source, const QString &name)
{
    return {source.facts.name.schema, name};
}

QString shadowOf(const TableInventory &source, const ShadowSpec &spec)
{
    return inSchema(source, spec.shadowName).quoted();
}

/// What only ADD CONSTRAINT makes, index and all.
bool isMadeByConstraint(const TableConstraint *constraint)
{
    return constraint && (constraint->kind == QLatin1String("EXCLUDE") || constraint->period);
}

std::vector<const TableIndex *> copiedIndexes(const TableInventory &source)
{
    std::vector<const TableIndex *> indexes;
    for (const TableIndex &index : source.indexes) {
        if (index.isValid)
            indexes.push_back(&index);
    }
    return indexes;
}

const OwnedSequence *identityOf(const TableInventory &source, const TableColumn &column)
{
    const auto found = std::find_if(
        source.sequences.begin(), source.sequences.end(),
        [&](const OwnedSequence &sequence) { return sequence.isIdentity && sequence.column == column.name; });
    return found == source.sequences.end() ? nullptr : &*found;
}

QString columnText(const TableInventory &source, const TableColumn &column)
{
    QString text = quoteIdentifier(column.name) + QLatin1Char(' ') + column.type;
    if (!column.compression.isEmpty())
        text += QStringLiteral(" COMPRESSION ") + column.compression;
    if (!column.collation.isEmpty())
        text += QStringLiteral(" COLLATE ") + column.collation;
    if (!column.generated.isEmpty()) {
        text += QStringLiteral(" GENERATED ALWAYS AS (%1) %2").arg(column.defaultExpression, column.generated);
    } else if (!column.identity.isEmpty()) {
        text += QStringLiteral(" GENERATED %1 AS IDENTITY").arg(column.identity);
        if (const OwnedSequence *sequence = identityOf(source, column))
            text += QStringLiteral(" (SEQUENCE NAME %1 %2)")
                        .arg(pg::QualifiedName{sequence->name.schema, ddl::nameBefore(sequence->name.name)}.quoted(),
                             sequenceOptions(*sequence));
    } else if (!column.defaultExpression.isEmpty()) {
        text += QStringLiteral(" DEFAULT ") + column.defaultExpression;
    }
    // From 18 on NOT NULL is a constraint with a name, written among the others.
    const bool hasConstraint = std::any_of(
        source.constraints.begin(), source.constraints.end(), [&](const TableConstraint &constraint) {
            return constraint.kind == QLatin1String("NOT NULL") && constraint.columns.contains(column.name);
        });
    if (column.notNull && !hasConstraint)
        text += QStringLiteral(" NOT NULL");
    return text;
}

/// "CONSTRAINT name definition" of what the table is made with; nothing for keys, and for what waits until the swap.
QString constraintText(const TableConstraint &constraint, ShadowShape shape)
{
    if (!constraint.index.isEmpty() || (!constraint.validated && constraint.enforced))
        return {};
    QString definition = constraint.definition;
    // A divided table hands every check down.
    if (shape != ShadowShape::Same && constraint.noInherit)
        definition.remove(QLatin1String(" NO INHERIT"));
    return QStringLiteral("CONSTRAINT %1 %2").arg(quoteIdentifier(constraint.name), definition);
}

/// " USING heap WITH (…) TABLESPACE x" of a relation that has storage.
QString storageText(const RelationFacts &facts)
{
    QString text;
    if (!facts.accessMethod.isEmpty())
        text += QStringLiteral(" USING ") + quoteIdentifier(facts.accessMethod);
    if (!facts.options.isEmpty())
        text += QStringLiteral(" WITH (%1)").arg(ddl::optionList(facts.options));
    if (!facts.tablespace.isEmpty())
        text += QStringLiteral(" TABLESPACE ") + quoteIdentifier(facts.tablespace);
    return text;
}

QString tableWord(const RelationFacts &facts)
{
    return facts.persistence == QLatin1String("unlogged") ? QStringLiteral("UNLOGGED TABLE") : QStringLiteral("TABLE");
}

QString boundClause(const ShadowPartition &partition)
{
    if (partition.isDefault)
        return QStringLiteral("DEFAULT");
    return QStringLiteral("FOR VALUES FROM (%1) TO (%2)")
        .arg(partition.from.isEmpty() ? QStringLiteral("MINVALUE") : quoteLiteral(partition.from),
             partition.to.isEmpty() ? QStringLiteral("MAXVALUE") : quoteLiteral(partition.to));
}

/// A table of its own that will be a partition of `parent`. `storage` is whose storage it has: the old table's.
QStringList createPartition(const TableInventory &source, const QString &parent, const TableColumn &key,
                            const ShadowPartition &partition)
{
    const QString name = inSchema(source, partition.name).quoted();
    QString like = QStringLiteral(
                       "LIKE %1 INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING GENERATED INCLUDING STORAGE")
                       .arg(parent);
    if (source.serverVersion >= 140'000)
        like += QStringLiteral(" INCLUDING COMPRESSION");
    QString check;
    if (!partition.isDefault)
        check = QStringLiteral(", CONSTRAINT %1 CHECK (%2)")
                    .arg(quoteIdentifier(boundCheck), boundCondition(key, partition));
    QStringList statements{QStringLiteral("CREATE %1 %2 (%3%4)%5")
                               .arg(tableWord(source.facts), name, like, check, storageText(source.facts)),
                           QStringLiteral("ALTER TABLE %1 OWNER TO %2").arg(name, quoteIdentifier(source.facts.owner))};
    // Who may use the table uses it through the parent.
    QStringList strangers;
    for (const QString &grantee : source.facts.defaultGrantees) {
        if (grantee != source.facts.owner)
            strangers << ddl::quotedRole(grantee);
    }
    if (!strangers.isEmpty())
        statements << QStringLiteral("REVOKE ALL ON TABLE %1 FROM %2").arg(name, strangers.join(QStringLiteral(", ")));
    ddl::addColumnSettings(statements, QStringLiteral("ALTER TABLE ") + name, source.columns, false);
    return statements;
}

QString addKey(const TableConstraint &constraint, const TableIndex &index, const ShadowSpec &spec)
{
    return gainsKey(index, spec) ? ddl::withKeyColumn(constraint.definition, spec.keyColumn) : constraint.definition;
}

void addIndexTargets(QStringList &statements, const QString &indexName, const TableIndex &index)
{
    for (const IndexColumnStatistics &statistics : index.columnStatistics)
        statements << QStringLiteral("ALTER INDEX %1 ALTER COLUMN %2 SET STATISTICS %3")
                          .arg(indexName, QString::number(statistics.position), QString::number(statistics.target));
}

void addReplicaIdentity(QStringList &statements, const TableInventory &source, const QString &target,
                        const QString &indexName)
{
    if (source.facts.replicaIdentity == QLatin1String("INDEX")) {
        if (!indexName.isEmpty())
            statements << QStringLiteral("ALTER TABLE %1 REPLICA IDENTITY USING INDEX %2")
                              .arg(target, quoteIdentifier(indexName));
    } else if (source.facts.replicaIdentity != QLatin1String("DEFAULT")) {
        statements << QStringLiteral("ALTER TABLE %1 REPLICA IDENTITY %2").arg(target, source.facts.replicaIdentity);
    }
}

void addStatistics(QStringList &statements, const TableInventory &source, const StatisticsObject &object,
                   const QString &name, const QString &target)
{
    const QString quoted = pg::QualifiedName{object.name.schema, name}.quoted();
    statements << QStringLiteral("CREATE STATISTICS %1 %2 FROM %3").arg(quoted, object.body, target);
    if (object.owner != source.facts.owner || !object.owner.isEmpty())
        statements << QStringLiteral("ALTER STATISTICS %1 OWNER TO %2").arg(quoted, quoteIdentifier(object.owner));
    if (object.statisticsTarget >= 0)
        statements << QStringLiteral("ALTER STATISTICS %1 SET STATISTICS %2").arg(quoted).arg(object.statisticsTarget);
}

/// What a target's index of this name is called: on a partition for good, on the shadow until the swap.
QString indexNameOn(const pg::QualifiedName &target, const TableIndex &index, const ShadowSpec &spec)
{
    return spec.shape == ShadowShape::Native ? ddl::nameOnPartition(target.name, index.name)
                                             : ddl::nameBefore(index.name);
}

QStringList indexStatements(const TableInventory &source, const ShadowSpec &spec, const pg::QualifiedName &target)
{
    QStringList statements;
    const QString table = target.quoted();
    QString replicaIndex;
    for (const TableIndex *index : copiedIndexes(source)) {
        const QString name = indexNameOn(target, *index, spec);
        const QString quoted = inSchema(source, name).quoted();
        const TableConstraint *constraint = constraintOf(source, *index);
        // Hypertables take no constraint USING INDEX.
        if (isMadeByConstraint(constraint) || (constraint && spec.shape == ShadowShape::Hypertable)) {
            statements << QStringLiteral("ALTER TABLE %1 ADD CONSTRAINT %2 %3")
                              .arg(table, quoteIdentifier(name), addKey(*constraint, *index, spec));
        } else {
            statements << createIndex(*index, spec, {name, table});
            if (constraint)
                statements << QStringLiteral("ALTER TABLE %1 ADD CONSTRAINT %2 %3 USING INDEX %2%4")
                                  .arg(table, quoteIdentifier(name), constraint->kind, deferrableText(*constraint));
        }
        addIndexTargets(statements, quoted, *index);
        if (source.facts.clusteredOn == index->name)
            statements << QStringLiteral("ALTER TABLE %1 CLUSTER ON %2").arg(table, quoteIdentifier(name));
        if (source.facts.replicaIndex == index->name)
            replicaIndex = name;
    }
    addReplicaIdentity(statements, source, table, replicaIndex);
    if (spec.shape == ShadowShape::Native) {
        for (const StatisticsObject &object : source.statistics)
            addStatistics(statements, source, object, ddl::nameOnPartition(target.name, object.name.name), table);
    }
    return statements;
}

} // namespace

QStringList createShadow(const TableInventory &source, const ShadowSpec &spec)
{
    const QString shadow = shadowOf(source, spec);
    const bool isNative = spec.shape == ShadowShape::Native;
    QStringList parts;
    for (const TableColumn &column : source.columns)
        parts << QStringLiteral("    ") + columnText(source, column);
    for (const TableConstraint &constraint : source.constraints) {
        if (const QString text = constraintText(constraint, spec.shape); !text.isEmpty())
            parts << QStringLiteral("    ") + text;
    }
    QString create = QStringLiteral("CREATE %1 %2 (\n%3\n)")
                         .arg(isNative ? QStringLiteral("TABLE") : tableWord(source.facts), shadow,
                              parts.join(QStringLiteral(",\n")));
    if (isNative) {
        create += QStringLiteral(" PARTITION BY RANGE (%1)").arg(quoteIdentifier(spec.keyColumn));
        if (!source.facts.tablespace.isEmpty())
            create += QStringLiteral(" TABLESPACE ") + quoteIdentifier(source.facts.tablespace);
    } else {
        create += storageText(source.facts);
    }
    QStringList statements{
        create, QStringLiteral("ALTER TABLE %1 OWNER TO %2").arg(shadow, quoteIdentifier(source.facts.owner))};
    ddl::addColumnSettings(statements, QStringLiteral("ALTER TABLE ") + shadow, source.columns, true);
    for (const OwnedSequence &sequence : source.sequences) {
        if (!sequence.isIdentity)
            continue;
        const QString name = pg::QualifiedName{sequence.name.schema, ddl::nameBefore(sequence.name.name)}.quoted();
        ddl::addGrants(statements, ddl::GrantKind::Sequence, QStringLiteral("SEQUENCE ") + name, sequence.owner,
                       sequence.privileges, source.facts.defaultGrantees, source.serverVersion);
        ddl::addComment(statements, QStringLiteral("SEQUENCE ") + name, sequence.comment);
    }
    if (isNative) {
        if (const TableColumn *key = source.column(spec.keyColumn)) {
            for (const ShadowPartition &partition : spec.partitions)
                statements << createPartition(source, shadow, *key, partition);
        }
    }
    if (spec.shape == ShadowShape::Hypertable) {
        bool isNumber = false;
        static_cast<void>(spec.chunkInterval.toLongLong(&isNumber));
        const QString interval = isNumber ? spec.chunkInterval
                                          : quoteLiteral(spec.chunkInterval) + QStringLiteral("::pg_catalog.interval");
        statements << QStringLiteral("SELECT %1.create_hypertable(%2::pg_catalog.regclass, %3::pg_catalog.name, "
                                     "chunk_time_interval => %4, create_default_indexes => false)")
                          .arg(quoteIdentifier(spec.timescaleSchema), quoteLiteral(shadow),
                               quoteLiteral(spec.keyColumn), interval);
    }
    return statements;
}

std::vector<pg::QualifiedName> copyTargets(const TableInventory &source, const ShadowSpec &spec)
{
    if (spec.shape != ShadowShape::Native)
        return {inSchema(source, spec.shadowName)};
    std::vector<pg::QualifiedName> targets;
    for (const ShadowPartition &partition : spec.partitions)
        targets.push_back(inSchema(source, partition.name));
    return targets;
}

std::vector<IndexBuild> buildIndexes(const TableInventory &source, const ShadowSpec &spec)
{
    std::vector<IndexBuild> builds;
    for (const pg::QualifiedName &target : copyTargets(source, spec))
        builds.push_back({target, indexStatements(source, spec, target)});
    return builds;
}

QStringList attachPartitions(const TableInventory &source, const ShadowSpec &spec)
{
    QStringList statements;
    if (spec.shape != ShadowShape::Native)
        return statements;
    const QString shadow = shadowOf(source, spec);
    for (const ShadowPartition &partition : spec.partitions) {
        const QString name = inSchema(source, partition.name).quoted();
        statements << QStringLiteral("ALTER TABLE %1 ATTACH PARTITION %2 %3").arg(shadow, name, boundClause(partition));
        if (!partition.isDefault)
            statements << QStringLiteral("ALTER TABLE %1 DROP CONSTRAINT %2").arg(name, quoteIdentifier(boundCheck));
    }
    return statements;
}

QStringList parentIndexes(const TableInventory &source, const ShadowSpec &spec)
{
    QStringList statements;
    if (spec.shape != ShadowShape::Native)
        return statements;
    const QString shadow = shadowOf(source, spec);
    std::vector<const TableIndex *> indexes = copiedIndexes(source);
    // Left to itself ATTACH pairs indexes that differ in direction alone, in the order in which they were made: that of the
    // table that will be attached, keys first, which only fit keys.
    if (spec.attach)
        std::stable_sort(indexes.begin(), indexes.end(), [](const TableIndex *left, const TableIndex *right) {
            return std::pair(left->constraint.isEmpty(), left->oid)
                   < std::pair(right->constraint.isEmpty(), right->oid);
        });
    for (const TableIndex *index : indexes) {
        const QString name = ddl::nameBefore(index->name);
        const QString quoted = inSchema(source, name).quoted();
        if (const TableConstraint *constraint = constraintOf(source, *index))
            statements << QStringLiteral("ALTER TABLE ONLY %1 ADD CONSTRAINT %2 %3")
                              .arg(shadow, quoteIdentifier(name), addKey(*constraint, *index, spec));
        else
            statements << createIndex(*index, spec, {.name = name, .target = shadow, .isParent = true});
        addIndexTargets(statements, quoted, *index);
        for (const ShadowPartition &partition : spec.partitions)
            statements << QStringLiteral("ALTER INDEX %1 ATTACH PARTITION %2")
                              .arg(quoted,
                                   inSchema(source, ddl::nameOnPartition(partition.name, index->name)).quoted());
    }
    return statements;
}

QStringList finishShadow(const TableInventory &source, const ShadowSpec &spec)
{
    const QString shadow = shadowOf(source, spec);
    const RelationFacts &facts = source.facts;
    QStringList statements;
    ddl::addGrants(statements, ddl::GrantKind::Table, QStringLiteral("TABLE ") + shadow, facts.owner, facts.privileges,
                   facts.defaultGrantees, source.serverVersion);
    ddl::addColumnGrants(statements, shadow, facts.owner, source.columns);
    ddl::addComment(statements, QStringLiteral("TABLE ") + shadow, facts.comment);
    ddl::addLabels(statements, QStringLiteral("TABLE ") + shadow, facts.labels);
    for (const TableColumn &column : source.columns) {
        const QString object = QStringLiteral("COLUMN %1.%2").arg(shadow, quoteIdentifier(column.name));
        ddl::addComment(statements, object, column.comment);
        ddl::addLabels(statements, object, column.labels);
    }
    for (const TableConstraint &constraint : source.constraints) {
        const bool waits = !constraint.validated && constraint.enforced;
        const QString name = constraint.index.isEmpty() ? constraint.name : ddl::nameBefore(constraint.name);
        if (!waits)
            ddl::addComment(statements, QStringLiteral("CONSTRAINT %1 ON %2").arg(quoteIdentifier(name), shadow),
                            constraint.comment);
    }
    for (const TableIndex *index : copiedIndexes(source))
        ddl::addComment(statements, QStringLiteral("INDEX ") + inSchema(source, ddl::nameBefore(index->name)).quoted(),
                        index->comment);
    for (const StatisticsObject &object : source.statistics) {
        const QString name = ddl::nameBefore(object.name.name);
        addStatistics(statements, source, object, name, shadow);
        ddl::addComment(statements,
                        QStringLiteral("STATISTICS ") + pg::QualifiedName{object.name.schema, name}.quoted(),
                        object.comment);
    }
    if (spec.shape == ShadowShape::Native)
        addReplicaIdentity(statements, source, shadow,
                           facts.replicaIndex.isEmpty() ? QString() : ddl::nameBefore(facts.replicaIndex));
    return statements;
}

QStringList analyzeShadow(const TableInventory &source, const ShadowSpec &spec)
{
    return {QStringLiteral("ANALYZE ") + shadowOf(source, spec)};
}

QStringList dropShadow(const TableInventory &source, const ShadowSpec &spec)
{
    QStringList statements;
    if (spec.shape == ShadowShape::Native) {
        for (const ShadowPartition &partition : spec.partitions)
            statements << QStringLiteral("DROP TABLE IF EXISTS ") + inSchema(source, partition.name).quoted();
    }
    statements << QStringLiteral("DROP TABLE IF EXISTS ") + shadowOf(source, spec);
    return statements;
}

} // namespace tidemark::stage
