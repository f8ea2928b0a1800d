// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/managed/exchangeddl.h"

#include "core/ddl/identifiers.h"
#include "core/ddl/rebind.h"
#include "core/ddl/rolesettings.h"
#include "core/ddl/sqltext.h"

#include <QCryptographicHash>

#include <algorithm>

namespace tidemark::managed {

namespace {

using pg::quoteIdentifier;
using pg::quoteLiteral;

constexpr int firstWithNullsNotDistinct = 150'000;

QStringList columnNames(const ChainView &view)
{
    QStringList names;
    for (const TableColumn &column : view.inventory.columns)
        names << column.name;
    return names;
}

QString regclass(const pg::QualifiedName &name)
{
    return quoteLiteral(name.quoted()) + QStringLiteral("::pg_catalog.regclass");
}

QString textArray(const QStringList &texts)
{
    QStringList literals;
    for (const QString &text : texts)
        literals << quoteLiteral(text);
    return QStringLiteral("ARRAY[%1]::text[]").arg(literals.join(QStringLiteral(", ")));
}

QString rename(const char *kind, const pg::QualifiedName &from, const QString &to)
{
    return QStringLiteral("ALTER %1 %2 RENAME TO %3").arg(QLatin1String(kind), from.quoted(), quoteIdentifier(to));
}

bool mayOnlyRead(const Privilege &privilege)
{
    static const QStringList writing{QStringLiteral("INSERT"), QStringLiteral("UPDATE"), QStringLiteral("DELETE"),
                                     QStringLiteral("TRUNCATE")};
    return !writing.contains(privilege.privilege);
}

std::vector<Privilege> readingOnly(std::vector<Privilege> privileges, const QString &owner)
{
    std::erase_if(privileges,
                  [&](const Privilege &privilege) { return privilege.grantee != owner && !mayOnlyRead(privilege); });
    return privileges;
}

/// What the statements of ddl/rebind.h are made from: each view as a source, its dependents under the names that they have
/// at that moment. Two views of the chain may have a dependent in common, which follows once.
QStringList rebind(const ViewChain &chain, bool exchanged)
{
    QStringList statements;
    for (const ChainView &view : chain.views) {
        TableInventory source = view.inventory;
        for (DependentView &dependent : source.views) {
            const ChainView *member = chain.find(dependent.facts.oid);
            if (member && exchanged)
                dependent.facts.name = member->definitionName();
        }
        statements << ddl::rebindDependents(source);
    }
    statements.removeDuplicates();
    return statements;
}

template<typename Make>
QStringList ofEach(const ViewChain &chain, Make make)
{
    QStringList statements;
    for (const ChainView &view : chain.views)
        statements << make(view);
    return statements;
}

void addDependentLocks(const ViewChain &chain, std::vector<StepLock> &locks)
{
    const QSet<quint32> moved = chain.oids();
    const auto add = [&](const pg::QualifiedName &relation) {
        const StepLock lock{relation, LockMode::AccessExclusive};
        if (std::find(locks.begin(), locks.end(), lock) == locks.end())
            locks.push_back(lock);
    };
    for (const DependentView &view : chain.dependents(false)) {
        const bool readsOne = std::any_of(view.reads.begin(), view.reads.end(),
                                          [&](quint32 oid) { return moved.contains(oid); });
        if (readsOne && view.facts.kind == QLatin1String("view") && !chain.find(view.facts.oid))
            add(view.facts.name);
    }
    for (const ChainView &view : chain.views) {
        for (const Policy &policy : view.inventory.policies)
            add(policy.relation);
        for (const Rule &rule : view.inventory.rules) {
            if (!rule.own)
                add(rule.relation);
        }
    }
}

} // namespace

QStringList fill(const ViewChain &chain, const ChainView &view)
{
    const QString columns = ddl::quotedList(columnNames(view));
    QStringList statements{QStringLiteral("SET LOCAL row_security = off")};
    statements << ddl::settingsOfTheRole(chain.timeZone)
               << QStringLiteral("CREATE %1TABLE %2 AS\nSELECT %3\nFROM %4")
                      .arg(view.isUnlogged() ? QStringLiteral("UNLOGGED ") : QString(), view.newName().quoted(),
                           columns, view.name().quoted());
    // In the very transaction that fills it: a crash takes both or none.
    if (view.isUnlogged())
        statements << QStringLiteral("INSERT INTO tidemark.managed_mark VALUES (%1)").arg(regclass(view.newName()));
    return statements;
}

QStringList drop(const ChainView &view)
{
    QStringList statements;
    if (view.isUnlogged())
        statements
            << QStringLiteral("DELETE FROM tidemark.managed_mark WHERE relation = %1").arg(regclass(view.newName()));
    return statements << QStringLiteral("DROP TABLE ") + view.newName().quoted();
}

QStringList buildIndexes(const ViewChain &chain, const ChainView &view)
{
    const QString table = view.newName().quoted();
    const QString key = ddl::quotedList(view.wish.key);
    QStringList statements;
    if (view.keyMayBeNull) {
        statements << QStringLiteral("CREATE UNIQUE INDEX %1 ON %2 (%3)%4")
                          .arg(quoteIdentifier(ddl::madeName(view.name().name, QStringLiteral("_key"))), table, key,
                               chain.serverVersion >= firstWithNullsNotDistinct ? QStringLiteral(" NULLS NOT DISTINCT")
                                                                                : QString());
    } else {
        statements << QStringLiteral("ALTER TABLE %1 ADD CONSTRAINT %2 PRIMARY KEY (%3)")
                          .arg(table, quoteIdentifier(ddl::madeName(view.name().name, QStringLiteral("_pkey"))), key);
    }
    for (const IndexWish &index : view.wish.indexes.value_or(std::vector<IndexWish>())) {
        statements << QStringLiteral("CREATE %1INDEX %2 ON %3 %4")
                          .arg(index.unique ? QStringLiteral("UNIQUE ") : QString(), quoteIdentifier(index.name), table,
                               index.body);
    }
    return statements;
}

QStringList dress(const ViewChain &chain, const ChainView &view)
{
    const RelationFacts &facts = view.inventory.facts;
    const QString table = view.newName().quoted();
    QStringList statements{QStringLiteral("ALTER TABLE %1 OWNER TO %2").arg(table, quoteIdentifier(facts.owner))};
    // Without a key a publication of all tables would refuse every change of it.
    if (view.keyMayBeNull && chain.isPublishedToAll && !view.isUnlogged())
        statements << QStringLiteral("ALTER TABLE %1 REPLICA IDENTITY FULL").arg(table);
    ddl::addGrants(statements, ddl::GrantKind::Table, QStringLiteral("TABLE ") + table, facts.owner,
                   readingOnly(facts.privileges, facts.owner), facts.defaultGrantees, chain.serverVersion);
    std::vector<TableColumn> columns = view.inventory.columns;
    for (TableColumn &column : columns)
        column.privileges = readingOnly(column.privileges, facts.owner);
    ddl::addColumnGrants(statements, table, facts.owner, columns);
    ddl::addComment(statements, QStringLiteral("TABLE ") + table, facts.comment);
    ddl::addLabels(statements, QStringLiteral("TABLE ") + table, facts.labels);
    for (const TableColumn &column : columns) {
        ddl::addComment(statements, QStringLiteral("COLUMN %1.%2").arg(table, quoteIdentifier(column.name)),
                        column.comment);
    }
    return statements;
}

QStringList exchange(const ViewChain &chain)
{
    QStringList statements = ofEach(chain,
                                    [](const ChainView &view) { return ddl::setFunctionsAside(view.inventory); });
    for (const ChainView &view : chain.views) {
        statements << rename("VIEW", view.name(), view.wish.definition)
                   << rename("TABLE", view.newName(), view.name().name);
    }
    statements << rebind(chain, true)
               << ofEach(chain, [](const ChainView &view) { return ddl::remakeFunctions(view.inventory); });
    for (const ChainView &view : chain.views) {
        statements << QStringLiteral("INSERT INTO tidemark.managed_table (relation, definition, key_columns, "
                                     "range_column, time_zone) VALUES (%1, %2, %3, %4, %5)")
                          .arg(regclass(view.name()), regclass(view.definitionName()), textArray(view.wish.key),
                               view.wish.rangeColumn.isEmpty() ? QStringLiteral("NULL")
                                                               : quoteLiteral(view.wish.rangeColumn),
                               quoteLiteral(chain.timeZone));
    }
    return statements;
}

QStringList exchangeBack(const ViewChain &chain)
{
    QStringList statements = ofEach(chain,
                                    [](const ChainView &view) { return ddl::dropRemadeFunctions(view.inventory); });
    for (const ChainView &view : chain.views) {
        statements
            << QStringLiteral("DELETE FROM tidemark.managed_table WHERE relation = %1").arg(regclass(view.name()))
            << rename("TABLE", view.name(), view.newName().name)
            << rename("VIEW", view.definitionName(), view.name().name);
    }
    return statements << rebind(chain, false)
                      << ofEach(chain, [](const ChainView &view) { return ddl::bringFunctionsBack(view.inventory); });
}

std::vector<StepLock> exchangeLocks(const ViewChain &chain)
{
    std::vector<StepLock> locks;
    for (const ChainView &view : chain.views)
        locks.push_back({view.name(), LockMode::AccessExclusive});
    addDependentLocks(chain, locks);
    return locks;
}

std::vector<StepLock> exchangeBackLocks(const ViewChain &chain)
{
    std::vector<StepLock> locks;
    for (const ChainView &view : chain.views) {
        locks.push_back({view.name(), LockMode::AccessExclusive});
        locks.push_back({view.definitionName(), LockMode::AccessExclusive});
    }
    addDependentLocks(chain, locks);
    return locks;
}

std::vector<Check> exchangeChecks(const ViewChain &chain)
{
    std::vector<Check> checks;
    for (const ChainView &view : chain.views) {
        const QString digest = QString::fromLatin1(
            QCryptographicHash::hash(view.definition.toUtf8(), QCryptographicHash::Sha256).toHex());
        checks.push_back(
            {QStringLiteral("SELECT pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(pg_catalog.rtrim("
                            "pg_catalog.pg_get_viewdef(%1), ';'), 'UTF8')), 'hex') = '%2'")
                 .arg(regclass(view.name()), digest),
             QStringLiteral("%1 was changed since the plan was made: undo this run and make the plan anew")
                 .arg(view.name().display())});
        if (view.isUnlogged()) {
            checks.push_back(
                {QStringLiteral("SELECT EXISTS (SELECT FROM tidemark.managed_mark WHERE relation = %1)")
                     .arg(regclass(view.newName())),
                 QStringLiteral("a crash of the server has emptied the new %1: undo this run and start it anew")
                     .arg(view.name().display())});
        }
    }
    return checks;
}

QStringList dropLeftovers(const ViewChain &chain)
{
    QStringList statements;
    for (const ChainView &view : chain.views) {
        for (const BoundFunction &function : view.inventory.functions) {
            if (function.takesRow || function.returnsRow)
                statements << QStringLiteral("DROP %1 %2")
                                  .arg(function.kind,
                                       pg::QualifiedName{function.name.schema, ddl::nameAfter(function)}.quoted());
        }
    }
    return statements;
}

} // namespace tidemark::managed
