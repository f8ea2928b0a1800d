// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stage/swapddl.h"

#include "core/ddl/identifiers.h"
#include "core/ddl/rebind.h"
#include "core/stage/exchangeparts.h"
#include "core/stage/shapelimits.h"

#include <algorithm>
#include <ranges>

namespace tidemark::stage {

namespace {

using pg::quoteIdentifier;

/// Builds the statements of an exchange of a table and its copy.
class Exchange
{
public:
    Exchange(const TableInventory &source, const ShadowSpec &spec, bool forward)
        : m_source(source)
        , m_spec(spec)
        , m_parts(source, spec, forward)
    {
    }

    QStringList statements();
    QStringList validation();

private:
    /// Below 18 a partitioned table takes no NOT VALID foreign key, but its partitions do.
    [[nodiscard]] bool keysOnPartitions() const
    {
        return m_parts.forward() && m_parts.isNative() && m_source.serverVersion < 180'000;
    }
    void renameOldTable();
    void dropForeignKeysOfLeaving();
    void addOwnForeignKeys();
    void addOwnForeignKey(const ForeignKey &key);

    const TableInventory &m_source;
    const ShadowSpec &m_spec;
    ExchangeParts m_parts;
};

void Exchange::renameOldTable()
{
    const bool leaves = m_parts.forward();
    const auto rename = [&](const char *kind, const pg::QualifiedName &name, const QString &after) {
        const pg::QualifiedName from = leaves ? name : pg::QualifiedName{name.schema, after};
        m_parts.add(QStringLiteral("ALTER %1 %2 RENAME TO %3")
                        .arg(QLatin1String(kind), from.quoted(), quoteIdentifier(leaves ? after : name.name)));
    };
    rename("TABLE", m_source.facts.name, m_spec.retiredName);
    for (const TableIndex &index : m_source.indexes) {
        if (index.isValid)
            rename("INDEX", {m_source.facts.name.schema, index.name}, ddl::nameAfter(index.name));
    }
    for (const StatisticsObject &object : m_source.statistics)
        rename("STATISTICS", object.name, ddl::nameAfter(object.name.name));
    for (const OwnedSequence &sequence : m_source.sequences) {
        if (sequence.isIdentity)
            rename("SEQUENCE", sequence.name, ddl::nameAfter(sequence.name.name));
    }
}

void Exchange::dropForeignKeysOfLeaving()
{
    for (const ForeignKey &key : m_source.foreignKeys) {
        if (!key.own)
            continue;
        QStringList tables{m_parts.away()};
        if (!m_parts.forward() && m_parts.isNative())
            tables << m_parts.partitions(); // where they stand until they are the parent's
        for (const QString &table : tables)
            m_parts.add(
                QStringLiteral("ALTER TABLE %1 DROP CONSTRAINT IF EXISTS %2").arg(table, quoteIdentifier(key.name)));
    }
}

void Exchange::addOwnForeignKeys()
{
    for (const ForeignKey &key : m_source.foreignKeys) {
        if (key.own && m_parts.isKept(key) && !(m_parts.forward() && comesAfterSwap(m_source, m_spec, key)))
            addOwnForeignKey(key);
    }
}

void Exchange::addOwnForeignKey(const ForeignKey &key)
{
    if (keysOnPartitions()) {
        for (const QString &partition : m_parts.partitions())
            m_parts.addForeignKey(partition, key, false);
        return;
    }
    m_parts.addForeignKey(m_parts.table(), key, false);
    m_parts.addObjectComment(QStringLiteral("CONSTRAINT"), key.name, key.comment);
}

QStringList Exchange::statements()
{
    const bool forward = m_parts.forward();
    m_parts.add(forward ? ddl::setFunctionsAside(m_source) : ddl::dropRemadeFunctions(m_source));
    if (forward) {
        renameOldTable();
        m_parts.renameNewTable();
        m_parts.moveSequences(ddl::nameAfter);
    } else {
        m_parts.renameNewTable();
        renameOldTable();
        m_parts.moveSequences(ddl::nameBefore);
    }
    dropForeignKeysOfLeaving();
    if (forward) {
        m_parts.addWaitingChecks();
        m_parts.addTriggers();
        m_parts.addRules();
        m_parts.addPolicies();
    } else {
        m_parts.dropPolicies();
        m_parts.dropRules();
        m_parts.dropTriggers();
        m_parts.dropWaitingChecks();
    }
    addOwnForeignKeys();
    m_parts.dropInboundKeys();
    m_parts.addInboundKeys();
    m_parts.add(ddl::rebindDependents(m_source));
    m_parts.add(forward ? ddl::remakeFunctions(m_source) : ddl::bringFunctionsBack(m_source));
    m_parts.movePublications();
    return m_parts.take();
}

QStringList Exchange::validation()
{
    for (const ForeignKey &key : m_source.foreignKeys) {
        if (!m_parts.isKept(key))
            continue;
        if (m_parts.forward() && comesAfterSwap(m_source, m_spec, key))
            addOwnForeignKey(key);
        if (!key.enforced || !key.validated)
            continue;
        if (!key.own) {
            if (!m_parts.inboundNeedsScan(key))
                m_parts.validate(key.table.quoted(), key);
        } else if (keysOnPartitions()) {
            for (const QString &partition : m_parts.partitions())
                m_parts.validate(partition, key);
            m_parts.addForeignKey(m_parts.table(), key, true); // finds the partitions' and scans nothing
            m_parts.addObjectComment(QStringLiteral("CONSTRAINT"), key.name, key.comment);
        } else {
            m_parts.validate(m_parts.table(), key);
        }
    }
    return m_parts.take();
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
    const std::vector<ddl::ViewRebuild> rebuilds = ddl::rebuildViews(source);
    for (const ddl::ViewRebuild &rebuild : rebuilds | std::views::reverse)
        statements << rebuild.retire;
    for (const BoundFunction &function : source.functions) {
        if (function.takesRow || function.returnsRow)
            statements << QStringLiteral("DROP %1 %2")
                              .arg(function.kind,
                                   pg::QualifiedName{function.name.schema, ddl::nameAfter(function)}.quoted());
    }
    if (!spec.attach) // an attached table is no old one: it holds the rows
        statements << QStringLiteral("DROP TABLE ")
                          + pg::QualifiedName{source.facts.name.schema, spec.retiredName}.quoted();
    return statements;
}

} // namespace tidemark::stage
