// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stage/attachddl.h"

#include "core/ddl/identifiers.h"
#include "core/ddl/rebind.h"
#include "core/ddl/sqltext.h"
#include "core/stage/exchangeparts.h"
#include "core/stage/shadowparts.h"

#include <algorithm>

namespace tidemark::stage {

namespace {

using pg::quoteIdentifier;
using pg::quoteLiteral;

/// What an added key is called until the exchange.
QString nameOfAdded(const QString &index)
{
    return ddl::madeName(index, QStringLiteral("_tidemark_key"));
}

/// The same for the key that the way back builds again.
QString nameOfRebuilt(const QString &index)
{
    return ddl::madeName(index, QStringLiteral("_tidemark_old"));
}

const TableIndex *primaryIndexThatChanges(const TableInventory &source, const ShadowSpec &spec)
{
    const auto found = std::find_if(source.indexes.begin(), source.indexes.end(),
                                    [&](const TableIndex &index) { return index.isPrimary && gainsKey(index, spec); });
    return found == source.indexes.end() ? nullptr : &*found;
}

/// One direction of the exchange.
class Attachment
{
public:
    Attachment(const TableInventory &source, const ShadowSpec &spec, bool forward)
        : m_source(source)
        , m_spec(spec)
        , m_parts(source, spec, forward)
    {
    }

    QStringList attach();
    QStringList detach();
    QStringList validation();

private:
    /// The old table, under the name that it has at that moment.
    [[nodiscard]] const QString &history() const { return m_parts.forward() ? m_parts.away() : m_parts.table(); }
    [[nodiscard]] QString onHistory(const QString &name) const
    {
        return ddl::nameOnPartition(m_spec.retiredName, name);
    }

    void rename(const char *kind, const pg::QualifiedName &from, const QString &to)
    {
        m_parts.add(
            QStringLiteral("ALTER %1 %2 RENAME TO %3").arg(QLatin1String(kind), from.quoted(), quoteIdentifier(to)));
    }
    /// Between the name the table's part has for good and the one it has as a partition's, in this direction.
    void renamePart(const char *kind, const pg::QualifiedName &name, const QString &onPartition);
    void renameParts();
    void giveUpKeys();
    void takeBackKeys();
    void setMarks(const TableIndex &index, const QString &name);
    void giveUpIdentity();
    void takeBackIdentity();
    void addOwnKeys();
    void moveRows();

    const TableInventory &m_source;
    const ShadowSpec &m_spec;
    ExchangeParts m_parts;
};

void Attachment::renamePart(const char *kind, const pg::QualifiedName &name, const QString &onPartition)
{
    if (m_parts.forward())
        rename(kind, name, onPartition);
    else
        rename(kind, {name.schema, onPartition}, name.name);
}

void Attachment::renameParts()
{
    const QString schema = m_source.facts.name.schema;
    renamePart("TABLE", m_source.facts.name, m_spec.retiredName);
    for (const TableIndex &index : m_source.indexes) {
        if (!index.isValid)
            continue;
        const bool gains = gainsKey(index, m_spec);
        if (gains)
            renamePart("INDEX", {schema, nameOfAdded(index.name)}, onHistory(index.name));
        if (!gains)
            renamePart("INDEX", {schema, index.name}, onHistory(index.name));
        else if (!index.isPrimary)
            renamePart("INDEX", {schema, index.name}, ddl::nameAfter(index.name));
    }
    for (const StatisticsObject &object : m_source.statistics)
        renamePart("STATISTICS", object.name, onHistory(object.name.name));
}

/// Which index the table is clustered on and identified by is a mark that goes with the index.
void Attachment::setMarks(const TableIndex &index, const QString &name)
{
    if (m_source.facts.clusteredOn == index.name)
        m_parts.add(QStringLiteral("ALTER TABLE %1 CLUSTER ON %2").arg(history(), quoteIdentifier(name)));
    if (m_source.facts.replicaIndex == index.name)
        m_parts.add(
            QStringLiteral("ALTER TABLE %1 REPLICA IDENTITY USING INDEX %2").arg(history(), quoteIdentifier(name)));
}

void Attachment::giveUpKeys()
{
    // A table has one primary key: the old one goes. Other unique keys stay until there is no way back.
    if (const TableIndex *primary = primaryIndexThatChanges(m_source, m_spec))
        m_parts.add(
            QStringLiteral("ALTER TABLE %1 DROP CONSTRAINT %2").arg(history(), quoteIdentifier(primary->constraint)));
    for (const TableIndex &index : m_source.indexes) {
        if (!index.isValid || !gainsKey(index, m_spec))
            continue;
        const QString name = onHistory(index.name);
        if (const TableConstraint *constraint = constraintOf(m_source, index))
            m_parts.add(QStringLiteral("ALTER TABLE %1 ADD CONSTRAINT %2 %3 USING INDEX %2%4")
                            .arg(history(), quoteIdentifier(name), constraint->kind, deferrableText(*constraint)));
        if (index.isPrimary)
            setMarks(index, name);
    }
}

void Attachment::takeBackKeys()
{
    for (const TableIndex &index : m_source.indexes) {
        if (!index.isValid || !gainsKey(index, m_spec))
            continue;
        const TableConstraint *constraint = constraintOf(m_source, index);
        if (constraint)
            m_parts.add(QStringLiteral("ALTER TABLE %1 DROP CONSTRAINT %2")
                            .arg(history(), quoteIdentifier(nameOfAdded(index.name))));
        if (!index.isPrimary)
            continue;
        rename("INDEX", {m_source.facts.name.schema, nameOfRebuilt(index.name)}, index.name);
        m_parts.add(QStringLiteral("ALTER TABLE %1 ADD CONSTRAINT %2 %3 USING INDEX %2%4")
                        .arg(history(), quoteIdentifier(index.name), constraint->kind, deferrableText(*constraint)));
        m_parts.addObjectComment(QStringLiteral("CONSTRAINT"), constraint->name, constraint->comment);
        QStringList comment;
        ddl::addComment(comment,
                        QStringLiteral("INDEX ") + pg::QualifiedName{m_source.facts.name.schema, index.name}.quoted(),
                        index.comment);
        m_parts.add(comment);
        setMarks(index, index.name);
    }
}

/// A partition has no identity of its own; from 17 on it may not even bring one.
void Attachment::giveUpIdentity()
{
    for (const OwnedSequence &sequence : m_source.sequences) {
        if (sequence.isIdentity)
            m_parts.add(QStringLiteral("ALTER TABLE %1 ALTER COLUMN %2 DROP IDENTITY")
                            .arg(history(), quoteIdentifier(sequence.column)));
    }
}

void Attachment::takeBackIdentity()
{
    QStringList statements;
    for (const OwnedSequence &sequence : m_source.sequences) {
        const TableColumn *column = m_source.column(sequence.column);
        if (!sequence.isIdentity || column == nullptr)
            continue;
        const QString name = sequence.name.quoted();
        statements << QStringLiteral(
                          "ALTER TABLE %1 ALTER COLUMN %2 ADD GENERATED %3 AS IDENTITY (SEQUENCE NAME %4 %5)")
                          .arg(history(), quoteIdentifier(column->name), column->identity, name,
                               sequenceOptions(sequence));
        ddl::addGrants(statements, ddl::GrantKind::Sequence, QStringLiteral("SEQUENCE ") + name, sequence.owner,
                       sequence.privileges, m_source.facts.defaultGrantees, m_source.serverVersion);
        ddl::addComment(statements, QStringLiteral("SEQUENCE ") + name, sequence.comment);
    }
    m_parts.add(statements);
}

/// The parent's foreign keys find those of the old table, which hold, and scan the empty partitions only.
void Attachment::addOwnKeys()
{
    for (const ForeignKey &key : m_source.foreignKeys) {
        if (!key.own)
            continue;
        if (!key.validated && key.enforced && m_source.serverVersion < 180'000) {
            for (const QString &partition : m_parts.partitions())
                m_parts.addForeignKey(partition, key, false);
            continue;
        }
        m_parts.addForeignKey(m_parts.table(), key, key.validated);
        m_parts.addObjectComment(QStringLiteral("CONSTRAINT"), key.name, key.comment);
    }
}

void Attachment::moveRows()
{
    QStringList columns;
    for (const TableColumn &column : m_source.columns) {
        if (column.generated.isEmpty())
            columns << column.name;
    }
    // What is checked only at the end would keep the table from being altered until then.
    m_parts.add(QStringLiteral("SET CONSTRAINTS ALL IMMEDIATE"));
    m_parts.add(QStringLiteral("SET LOCAL row_security = off"));
    m_parts.add(QStringLiteral("INSERT INTO %1 (%2) OVERRIDING SYSTEM VALUE SELECT %2 FROM %3")
                    .arg(m_parts.table(), ddl::quotedList(columns), m_parts.away()));
    m_parts.add(QStringLiteral("SET LOCAL row_security TO DEFAULT"));
}

QStringList Attachment::attach()
{
    m_parts.add(ddl::setFunctionsAside(m_source));
    for (const Trigger &trigger : m_source.triggers)
        m_parts.add(QStringLiteral("DROP TRIGGER %1 ON %2").arg(quoteIdentifier(trigger.name), m_parts.table()));
    m_parts.dropInboundKeys();
    for (const OwnedSequence &sequence : m_source.sequences) {
        if (sequence.isIdentity)
            rename("SEQUENCE", sequence.name, ddl::nameAfter(sequence.name.name));
    }
    renameParts();
    giveUpKeys();
    m_parts.renameNewTable();
    m_parts.moveSequences(ddl::nameAfter);
    giveUpIdentity();
    m_parts.add(QStringLiteral("ALTER TABLE %1 ATTACH PARTITION %2 FOR VALUES FROM (MINVALUE) TO (%3)")
                    .arg(m_parts.table(), history(),
                         m_spec.historyTo.isEmpty() ? QStringLiteral("MAXVALUE") : quoteLiteral(m_spec.historyTo)));
    m_parts.add(QStringLiteral("ALTER TABLE %1 DROP CONSTRAINT %2").arg(history(), quoteIdentifier(boundsCheckName())));
    m_parts.addWaitingChecks();
    m_parts.addTriggers();
    m_parts.addRules();
    m_parts.addPolicies();
    addOwnKeys();
    m_parts.addInboundKeys();
    m_parts.add(ddl::rebindDependents(m_source));
    m_parts.add(ddl::remakeFunctions(m_source));
    m_parts.movePublications();
    return m_parts.take();
}

QStringList Attachment::detach()
{
    m_parts.add(ddl::dropRemadeFunctions(m_source));
    m_parts.dropInboundKeys();
    m_parts.add(QStringLiteral("ALTER TABLE %1 DETACH PARTITION %2")
                    .arg(m_parts.table(), m_parts.inSchema(m_spec.retiredName)));
    m_parts.renameNewTable();
    renameParts();
    takeBackKeys();
    takeBackIdentity();
    m_parts.moveSequences(ddl::nameBefore);
    for (const ForeignKey &key : m_source.foreignKeys) {
        if (key.own)
            m_parts.add(QStringLiteral("ALTER TABLE %1 DROP CONSTRAINT IF EXISTS %2")
                            .arg(m_parts.away(), quoteIdentifier(key.name)));
    }
    m_parts.dropPolicies();
    m_parts.dropRules();
    moveRows();
    m_parts.dropTriggers();
    m_parts.dropWaitingChecks();
    m_parts.addInboundKeys();
    m_parts.add(ddl::rebindDependents(m_source));
    m_parts.add(ddl::bringFunctionsBack(m_source));
    m_parts.movePublications();
    return m_parts.take();
}

QStringList Attachment::validation()
{
    for (const ForeignKey &key : m_source.foreignKeys) {
        if (!key.own && m_parts.isKept(key) && key.enforced && key.validated && !m_parts.inboundNeedsScan(key))
            m_parts.validate(key.table.quoted(), key);
    }
    return m_parts.take();
}

} // namespace

std::vector<KeyIndex> keyIndexes(const TableInventory &source, const ShadowSpec &spec)
{
    std::vector<KeyIndex> keys;
    for (const TableIndex &index : source.indexes) {
        if (!index.isValid || !gainsKey(index, spec))
            continue;
        const pg::QualifiedName name{source.facts.name.schema, nameOfAdded(index.name)};
        keys.push_back(
            {name,
             createIndex(index, spec, {.name = name.name, .target = source.facts.name.quoted(), .concurrently = true}),
             QStringLiteral("DROP INDEX CONCURRENTLY IF EXISTS ") + name.quoted(),
             QStringLiteral("SELECT EXISTS (SELECT FROM pg_catalog.pg_index AS i WHERE i.indexrelid = "
                            "pg_catalog.to_regclass(%1) AND i.indisvalid AND i.indisready)")
                 .arg(quoteLiteral(name.quoted()))});
    }
    return keys;
}

QString boundsCheckName()
{
    return QStringLiteral("tidemark_bounds");
}

QString addBoundsCheck(const TableInventory &source, const ShadowSpec &spec)
{
    ShadowPartition history;
    history.to = spec.historyTo;
    const TableColumn *key = source.column(spec.keyColumn);
    return QStringLiteral("ALTER TABLE %1 ADD CONSTRAINT %2 CHECK (%3) NOT VALID")
        .arg(source.facts.name.quoted(), quoteIdentifier(boundsCheckName()),
             key ? boundCondition(*key, history) : QString());
}

QString dropBoundsCheck(const TableInventory &source)
{
    return QStringLiteral("ALTER TABLE %1 DROP CONSTRAINT IF EXISTS %2")
        .arg(source.facts.name.quoted(), quoteIdentifier(boundsCheckName()));
}

QString validateBoundsCheck(const TableInventory &source)
{
    return QStringLiteral("ALTER TABLE %1 VALIDATE CONSTRAINT %2")
        .arg(source.facts.name.quoted(), quoteIdentifier(boundsCheckName()));
}

QString boundsAreProven(const TableInventory &source)
{
    return QStringLiteral("SELECT EXISTS (SELECT FROM pg_catalog.pg_constraint AS c WHERE c.conrelid = "
                          "pg_catalog.to_regclass(%1) AND c.conname = %2 AND c.convalidated)")
        .arg(quoteLiteral(source.facts.name.quoted()), quoteLiteral(boundsCheckName()));
}

QStringList attachTable(const TableInventory &source, const ShadowSpec &spec)
{
    return Attachment(source, spec, true).attach();
}

QStringList finishAttach(const TableInventory &source, const ShadowSpec &spec)
{
    return Attachment(source, spec, true).validation();
}

QStringList rebuildKey(const TableInventory &source, const ShadowSpec &spec)
{
    const TableIndex *primary = primaryIndexThatChanges(source, spec);
    if (primary == nullptr)
        return {};
    const pg::QualifiedName name{source.facts.name.schema, nameOfRebuilt(primary->name)};
    const QString history = pg::QualifiedName{source.facts.name.schema, spec.retiredName}.quoted();
    return {QStringLiteral("DROP INDEX CONCURRENTLY IF EXISTS ") + name.quoted(),
            createIndex(*primary, spec, {.name = name.name, .target = history, .concurrently = true, .asItWas = true})};
}

QStringList detachTable(const TableInventory &source, const ShadowSpec &spec)
{
    return Attachment(source, spec, false).detach();
}

QStringList finishDetach(const TableInventory &source, const ShadowSpec &spec)
{
    return Attachment(source, spec, false).validation();
}

QStringList dropOldKeys(const TableInventory &source, const ShadowSpec &spec)
{
    QStringList statements;
    const QString history = pg::QualifiedName{source.facts.name.schema, spec.retiredName}.quoted();
    for (const TableIndex &index : source.indexes) {
        if (!index.isValid || index.isPrimary || !gainsKey(index, spec))
            continue;
        const QString name = ddl::nameAfter(index.name);
        statements << (constraintOf(source, index)
                           ? QStringLiteral("ALTER TABLE %1 DROP CONSTRAINT %2").arg(history, quoteIdentifier(name))
                           : QStringLiteral("DROP INDEX ")
                                 + pg::QualifiedName{source.facts.name.schema, name}.quoted());
    }
    return statements;
}

} // namespace tidemark::stage
