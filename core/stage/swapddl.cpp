// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stage/swapddl.h"

#include "core/stage/identifiers.h"
#include "core/stage/rebindddl.h"
#include "core/stage/sqltext.h"

#include <algorithm>
#include <ranges>

namespace tidemark::stage {

namespace {

using pg::quoteIdentifier;

/// Builds the statements of an exchange of names in one direction: `forward` the new table gets the name.
class Exchange
{
public:
    Exchange(const TableInventory &source, const ShadowSpec &spec, bool forward)
        : m_source(source)
        , m_spec(spec)
        , m_forward(forward)
        , m_table(source.facts.name.quoted())
        , m_away(inSchema(forward ? spec.retiredName : spec.shadowName))
    {
    }

    QStringList statements();
    QStringList validation();

private:
    [[nodiscard]] QString inSchema(const QString &name) const
    {
        return pg::QualifiedName{m_source.facts.name.schema, name}.quoted();
    }
    [[nodiscard]] bool isNative() const { return m_spec.shape == ShadowShape::Native; }
    /// Below 18 a partitioned table takes no NOT VALID foreign key, but its partitions do.
    [[nodiscard]] bool keysOnPartitions() const { return m_forward && isNative() && m_source.serverVersion < 180'000; }
    [[nodiscard]] bool isKept(const ForeignKey &key) const { return !m_forward || canHave(m_source, m_spec, key); }
    [[nodiscard]] QStringList partitions() const
    {
        QStringList names;
        for (const ShadowPartition &partition : m_spec.partitions)
            names << inSchema(partition.name);
        return names;
    }
    [[nodiscard]] static QString addForeignKey(const QString &table, const ForeignKey &key, bool validNow)
    {
        return QStringLiteral("ALTER TABLE %1 ADD CONSTRAINT %2 %3%4")
            .arg(table, quoteIdentifier(key.name), key.definition,
                 validNow || !key.enforced ? QString() : QStringLiteral(" NOT VALID"));
    }
    [[nodiscard]] static QString validate(const QString &table, const ForeignKey &key)
    {
        return QStringLiteral("ALTER TABLE %1 VALIDATE CONSTRAINT %2").arg(table, quoteIdentifier(key.name));
    }
    [[nodiscard]] bool inboundNeedsScan(const ForeignKey &key) const
    {
        return key.tableKind == QLatin1String("partitioned table") && m_source.serverVersion < 180'000;
    }

    void renameParts(bool ofNewTable);
    void moveSequences();
    void dropForeignKeysOfLeaving();
    void dressNewTable();
    void undressNewTable();
    void addOwnForeignKeys();
    void addOwnForeignKey(const ForeignKey &key);
    void repointInbound();
    void movePublications();
    void add(const QString &statement) { m_statements << statement; }
    void addObjectComment(const QString &kind, const QString &name, const QString &comment)
    {
        addComment(m_statements, QStringLiteral("%1 %2 ON %3").arg(kind, quoteIdentifier(name), m_table), comment);
    }

    const TableInventory &m_source;
    const ShadowSpec &m_spec;
    bool m_forward;
    QString m_table; ///< the name that changes hands
    QString m_away;  ///< of the table that gives it up, from then on
    QStringList m_statements;
};

bool waits(const TableConstraint &constraint)
{
    return !constraint.validated && constraint.enforced;
}

void Exchange::renameParts(bool ofNewTable)
{
    // The new table's parts come from "before" names, the old one's go to "after" names; the way back is the reverse.
    const auto other = [&](const QString &name) { return ofNewTable ? nameBefore(name) : nameAfter(name); };
    const bool getsName = ofNewTable == m_forward;
    const auto rename = [&](const char *kind, const pg::QualifiedName &name, const QString &another) {
        const pg::QualifiedName from = getsName ? pg::QualifiedName{name.schema, another} : name;
        add(QStringLiteral("ALTER %1 %2 RENAME TO %3")
                .arg(QLatin1String(kind), from.quoted(), quoteIdentifier(getsName ? name.name : another)));
    };
    rename("TABLE", m_source.facts.name, ofNewTable ? m_spec.shadowName : m_spec.retiredName);
    for (const TableIndex &index : m_source.indexes) {
        if (index.isValid)
            rename("INDEX", {m_source.facts.name.schema, index.name}, other(index.name));
    }
    for (const StatisticsObject &object : m_source.statistics)
        rename("STATISTICS", object.name, other(object.name.name));
    for (const OwnedSequence &sequence : m_source.sequences) {
        if (sequence.isIdentity)
            rename("SEQUENCE", sequence.name, other(sequence.name.name));
    }
}

void Exchange::moveSequences()
{
    for (const OwnedSequence &sequence : m_source.sequences) {
        const QString name = sequence.name.quoted();
        if (!sequence.isIdentity) {
            add(QStringLiteral("ALTER SEQUENCE %1 OWNED BY %2.%3")
                    .arg(name, m_table, quoteIdentifier(sequence.column)));
            continue;
        }
        // Renamed, and so locked, before it is read: nobody can take a number in between.
        const QString other = m_forward ? nameAfter(sequence.name.name) : nameBefore(sequence.name.name);
        add(QStringLiteral("SELECT pg_catalog.setval(%1::pg_catalog.regclass, last_value, is_called) FROM %2")
                .arg(pg::quoteLiteral(name), pg::QualifiedName{sequence.name.schema, other}.quoted()));
    }
}

void Exchange::dropForeignKeysOfLeaving()
{
    for (const ForeignKey &key : m_source.foreignKeys) {
        if (!key.own)
            continue;
        QStringList tables{m_away};
        if (!m_forward && isNative())
            tables << partitions(); // where they stand until they are the parent's
        for (const QString &table : tables)
            add(QStringLiteral("ALTER TABLE %1 DROP CONSTRAINT IF EXISTS %2").arg(table, quoteIdentifier(key.name)));
    }
}

void Exchange::dressNewTable()
{
    for (const TableConstraint &constraint : m_source.constraints) {
        if (!waits(constraint))
            continue;
        QString definition = constraint.definition;
        if (m_spec.shape != ShadowShape::Same && constraint.noInherit)
            definition.remove(QLatin1String(" NO INHERIT"));
        add(QStringLiteral("ALTER TABLE %1 ADD CONSTRAINT %2 %3 NOT VALID")
                .arg(m_table, quoteIdentifier(constraint.name), definition));
        addObjectComment(QStringLiteral("CONSTRAINT"), constraint.name, constraint.comment);
    }
    for (const Trigger &trigger : m_source.triggers) {
        if (canHave(m_source, m_spec, trigger)) {
            add(trigger.definition);
            if (trigger.enabled != QLatin1String("ENABLE") && m_spec.shape != ShadowShape::Hypertable)
                add(QStringLiteral("ALTER TABLE %1 %2 TRIGGER %3")
                        .arg(m_table, trigger.enabled, quoteIdentifier(trigger.name)));
            addObjectComment(QStringLiteral("TRIGGER"), trigger.name, trigger.comment);
        }
        add(QStringLiteral("ALTER TABLE %1 DISABLE TRIGGER %2").arg(m_away, quoteIdentifier(trigger.name)));
    }
    for (const Rule &rule : m_source.rules) {
        if (!rule.own)
            continue;
        if (canHaveRules(m_spec)) {
            add(rule.definition.chopped(rule.definition.endsWith(QLatin1Char(';')) ? 1 : 0));
            if (rule.enabled != QLatin1String("ENABLE"))
                add(QStringLiteral("ALTER TABLE %1 %2 RULE %3").arg(m_table, rule.enabled, quoteIdentifier(rule.name)));
            addObjectComment(QStringLiteral("RULE"), rule.name, rule.comment);
        }
        add(QStringLiteral("ALTER TABLE %1 DISABLE RULE %2").arg(m_away, quoteIdentifier(rule.name)));
    }
    for (const Policy &policy : m_source.policies) {
        if (!policy.own)
            continue;
        QStringList roles;
        for (const QString &role : policy.roles)
            roles << quotedRole(role);
        QString create = QStringLiteral("CREATE POLICY %1 ON %2 AS %3 FOR %4 TO %5")
                             .arg(quoteIdentifier(policy.name), m_table,
                                  policy.permissive ? QStringLiteral("PERMISSIVE") : QStringLiteral("RESTRICTIVE"),
                                  policy.command, roles.isEmpty() ? quotedRole({}) : roles.join(QStringLiteral(", ")));
        if (!policy.usingExpression.isEmpty())
            create += QStringLiteral(" USING (%1)").arg(policy.usingExpression);
        if (!policy.checkExpression.isEmpty())
            create += QStringLiteral(" WITH CHECK (%1)").arg(policy.checkExpression);
        add(create);
        addObjectComment(QStringLiteral("POLICY"), policy.name, policy.comment);
    }
    if (m_source.facts.rowSecurity)
        add(QStringLiteral("ALTER TABLE %1 ENABLE ROW LEVEL SECURITY").arg(m_table));
    if (m_source.facts.forceRowSecurity)
        add(QStringLiteral("ALTER TABLE %1 FORCE ROW LEVEL SECURITY").arg(m_table));
}

void Exchange::undressNewTable()
{
    if (m_source.facts.forceRowSecurity)
        add(QStringLiteral("ALTER TABLE %1 NO FORCE ROW LEVEL SECURITY").arg(m_away));
    if (m_source.facts.rowSecurity)
        add(QStringLiteral("ALTER TABLE %1 DISABLE ROW LEVEL SECURITY").arg(m_away));
    for (const Policy &policy : m_source.policies) {
        if (policy.own)
            add(QStringLiteral("DROP POLICY %1 ON %2").arg(quoteIdentifier(policy.name), m_away));
    }
    for (const Rule &rule : m_source.rules) {
        if (!rule.own)
            continue;
        if (canHaveRules(m_spec))
            add(QStringLiteral("DROP RULE %1 ON %2").arg(quoteIdentifier(rule.name), m_away));
        add(QStringLiteral("ALTER TABLE %1 %2 RULE %3").arg(m_table, rule.enabled, quoteIdentifier(rule.name)));
    }
    for (const Trigger &trigger : m_source.triggers) {
        if (canHave(m_source, m_spec, trigger))
            add(QStringLiteral("DROP TRIGGER %1 ON %2").arg(quoteIdentifier(trigger.name), m_away));
        add(QStringLiteral("ALTER TABLE %1 %2 TRIGGER %3")
                .arg(m_table, trigger.enabled, quoteIdentifier(trigger.name)));
    }
    for (const TableConstraint &constraint : m_source.constraints) {
        if (waits(constraint))
            add(QStringLiteral("ALTER TABLE %1 DROP CONSTRAINT %2").arg(m_away, quoteIdentifier(constraint.name)));
    }
}

void Exchange::addOwnForeignKeys()
{
    for (const ForeignKey &key : m_source.foreignKeys) {
        if (key.own && isKept(key) && !(m_forward && comesAfterSwap(m_source, m_spec, key)))
            addOwnForeignKey(key);
    }
}

void Exchange::addOwnForeignKey(const ForeignKey &key)
{
    if (keysOnPartitions()) {
        for (const QString &partition : partitions())
            add(addForeignKey(partition, key, false));
        return;
    }
    add(addForeignKey(m_table, key, false));
    addObjectComment(QStringLiteral("CONSTRAINT"), key.name, key.comment);
}

void Exchange::repointInbound()
{
    for (const ForeignKey &key : m_source.foreignKeys) {
        if (key.own)
            continue;
        const QString table = key.table.quoted();
        add(QStringLiteral("ALTER TABLE %1 DROP CONSTRAINT IF EXISTS %2").arg(table, quoteIdentifier(key.name)));
        if (!isKept(key))
            continue;
        add(addForeignKey(table, key, inboundNeedsScan(key)));
        addComment(m_statements, QStringLiteral("CONSTRAINT %1 ON %2").arg(quoteIdentifier(key.name), table),
                   key.comment);
    }
}

void Exchange::movePublications()
{
    for (const PublicationMembership &member : m_source.publications) {
        if (member.scope != QLatin1String("table"))
            continue;
        const QString alter = QStringLiteral("ALTER PUBLICATION %1 ").arg(quoteIdentifier(member.name));
        // 12 publishes partitions, never the partitioned table.
        const bool byPartition = isNative() && m_source.serverVersion < 130'000;
        const QString allPartitions = partitions().join(QStringLiteral(", "));
        // Chunks come and go without the publication: the hypertable alone is in it.
        const QString only = m_spec.shape == ShadowShape::Hypertable ? QStringLiteral("ONLY ") : QString();
        add(alter + QStringLiteral("DROP TABLE ") + (byPartition && !m_forward ? allPartitions : only + m_away));
        QString added = byPartition && m_forward ? allPartitions : only + m_table;
        if (!member.columns.isEmpty())
            added += QStringLiteral(" (%1)").arg(quotedList(member.columns));
        if (!member.rowFilter.isEmpty())
            added += QStringLiteral(" WHERE (%1)").arg(member.rowFilter);
        add(alter + QStringLiteral("ADD TABLE ") + added);
    }
}

QStringList Exchange::statements()
{
    m_statements << (m_forward ? setFunctionsAside(m_source) : dropRemadeFunctions(m_source));
    renameParts(!m_forward);
    renameParts(m_forward);
    moveSequences();
    dropForeignKeysOfLeaving();
    if (m_forward)
        dressNewTable();
    else
        undressNewTable();
    addOwnForeignKeys();
    repointInbound();
    m_statements << rebindDependents(m_source)
                 << (m_forward ? remakeFunctions(m_source) : bringFunctionsBack(m_source));
    movePublications();
    return m_statements;
}

QStringList Exchange::validation()
{
    for (const ForeignKey &key : m_source.foreignKeys) {
        if (!isKept(key))
            continue;
        if (m_forward && comesAfterSwap(m_source, m_spec, key))
            addOwnForeignKey(key);
        if (!key.enforced || !key.validated)
            continue;
        if (!key.own) {
            if (!inboundNeedsScan(key))
                add(validate(key.table.quoted(), key));
        } else if (keysOnPartitions()) {
            for (const QString &partition : partitions())
                add(validate(partition, key));
            add(addForeignKey(m_table, key, true)); // finds the partitions' and scans nothing
            addObjectComment(QStringLiteral("CONSTRAINT"), key.name, key.comment);
        } else {
            add(validate(m_table, key));
        }
    }
    return m_statements;
}

} // namespace

std::vector<SwapLock> swapLocks(const TableInventory &source, const ShadowSpec &spec)
{
    const QString exclusive = QStringLiteral("ACCESS EXCLUSIVE");
    std::vector<SwapLock> locks;
    const auto add = [&](const pg::QualifiedName &relation) {
        const SwapLock lock{relation, exclusive};
        if (std::find(locks.begin(), locks.end(), lock) == locks.end())
            locks.push_back(lock);
    };
    add(source.facts.name);
    add({source.facts.name.schema, spec.shadowName});
    for (const ForeignKey &key : source.foreignKeys) {
        add(key.table);
        add(key.referenced);
    }
    for (const Policy &policy : source.policies)
        add(policy.relation);
    for (const Rule &rule : source.rules)
        add(rule.relation);
    for (const DependentView &view : source.views) {
        const bool isRead = std::ranges::find(view.reads, source.facts.oid) != view.reads.end();
        if (view.facts.kind == QLatin1String("view") && isRead)
            add(view.facts.name);
    }
    return locks;
}

QStringList swap(const TableInventory &source, const ShadowSpec &spec)
{
    return Exchange(source, spec, true).statements();
}

QStringList finishSwap(const TableInventory &source, const ShadowSpec &spec)
{
    return Exchange(source, spec, true).validation();
}

QStringList swapBack(const TableInventory &source, const ShadowSpec &spec)
{
    return Exchange(source, spec, false).statements();
}

QStringList finishSwapBack(const TableInventory &source, const ShadowSpec &spec)
{
    return Exchange(source, spec, false).validation();
}

QStringList retire(const TableInventory &source, const ShadowSpec &spec)
{
    QStringList statements;
    const std::vector<ViewRebuild> rebuilds = rebuildViews(source);
    for (const ViewRebuild &rebuild : rebuilds | std::views::reverse)
        statements << rebuild.retire;
    for (const BoundFunction &function : source.functions) {
        if (function.takesRow || function.returnsRow)
            statements << QStringLiteral("DROP %1 %2")
                              .arg(function.kind,
                                   pg::QualifiedName{function.name.schema, nameAfter(function)}.quoted());
    }
    statements << QStringLiteral("DROP TABLE ")
                      + pg::QualifiedName{source.facts.name.schema, spec.retiredName}.quoted();
    return statements;
}

} // namespace tidemark::stage
