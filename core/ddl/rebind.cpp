// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ddl/rebind.h"

#include "core/ddl/identifiers.h"
#include "core/ddl/sqltext.h"

#include <QSet>

#include <algorithm>

namespace tidemark::ddl {

namespace {

using pg::quoteIdentifier;

bool isOfRow(const BoundFunction &function)
{
    return function.takesRow || function.returnsRow;
}

QString withoutArguments(const BoundFunction &function, const QString &name)
{
    return function.kind + QLatin1Char(' ') + pg::QualifiedName{function.name.schema, name}.quoted();
}

QString signature(const BoundFunction &function)
{
    return QStringLiteral("%1(%2)").arg(withoutArguments(function, function.name.name), function.arguments);
}

bool isMaterialized(const DependentView &view)
{
    return view.facts.kind == QLatin1String("materialized view");
}

QString replaceView(const DependentView &view)
{
    const QString options = view.facts.options.isEmpty()
                                ? QString()
                                : QStringLiteral(" WITH (%1)").arg(optionList(view.facts.options));
    return QStringLiteral("CREATE OR REPLACE VIEW %1%2 AS\n%3").arg(view.facts.name.quoted(), options, view.definition);
}

bool reads(const DependentView &view, quint32 oid)
{
    return std::find(view.reads.begin(), view.reads.end(), oid) != view.reads.end();
}

void addBodies(QStringList &statements, const std::vector<BoundFunction> &functions)
{
    for (const BoundFunction &function : functions) {
        if (function.bodyNames && !isOfRow(function))
            statements << function.definition;
    }
}

/// What reads `oid` by its own definition, to be run when another has its name.
void addReaders(QStringList &statements, const std::vector<DependentView> &views, quint32 oid)
{
    for (const DependentView &view : views) {
        if (!isMaterialized(view) && reads(view, oid))
            statements << replaceView(view);
    }
}

void addRules(QStringList &statements, const std::vector<Rule> &rules)
{
    for (const Rule &rule : rules) {
        if (rule.own)
            continue;
        QString definition = rule.definition;
        definition.replace(0, 11, QStringLiteral("CREATE OR REPLACE RULE")); // "CREATE RULE"
        statements << definition.chopped(definition.endsWith(QLatin1Char(';')) ? 1 : 0);
    }
}

ViewRebuild rebuild(const std::vector<DependentView> &views, const DependentView &view, int serverVersion)
{
    const RelationFacts &facts = view.facts;
    const auto inSchema = [&](const QString &name) { return pg::QualifiedName{facts.name.schema, name}.quoted(); };
    const QString made = inSchema(nameBefore(facts.name.name));
    const QString retired = inSchema(nameAfter(facts.name.name));
    ViewRebuild rebuild;
    rebuild.view = facts.name;

    QStringList columns;
    for (const TableColumn &column : view.columns)
        columns << column.name;
    QString create = QStringLiteral("CREATE MATERIALIZED VIEW %1 (%2)").arg(made, quotedList(columns));
    if (!facts.accessMethod.isEmpty())
        create += QStringLiteral(" USING ") + quoteIdentifier(facts.accessMethod);
    if (!facts.options.isEmpty())
        create += QStringLiteral(" WITH (%1)").arg(optionList(facts.options));
    if (!facts.tablespace.isEmpty())
        create += QStringLiteral(" TABLESPACE ") + quoteIdentifier(facts.tablespace);
    rebuild.create << QStringLiteral("%1 AS\n%2\nWITH NO DATA").arg(create, view.definition)
                   << QStringLiteral("ALTER MATERIALIZED VIEW %1 OWNER TO %2").arg(made, quoteIdentifier(facts.owner));
    const QString alter = QStringLiteral("ALTER MATERIALIZED VIEW ") + made;
    addColumnSettings(rebuild.create, alter, view.columns, true);
    for (const TableColumn &column : view.columns) {
        if (!column.compression.isEmpty())
            rebuild.create << QStringLiteral("%1 ALTER COLUMN %2 SET COMPRESSION %3")
                                  .arg(alter, quoteIdentifier(column.name), column.compression);
    }
    if (facts.populated)
        rebuild.refresh = QStringLiteral("REFRESH MATERIALIZED VIEW ") + made;

    QStringList &complete = rebuild.complete;
    for (const TableIndex &index : view.indexes) {
        if (!index.isValid)
            continue;
        const QString name = inSchema(nameBefore(index.name));
        QString text = QStringLiteral("CREATE %1INDEX %2 ON %3 %4")
                           .arg(index.isUnique ? QStringLiteral("UNIQUE ") : QString(),
                                quoteIdentifier(nameBefore(index.name)), made, index.body);
        if (!index.tablespace.isEmpty())
            text += QStringLiteral(" TABLESPACE ") + quoteIdentifier(index.tablespace);
        if (!index.predicate.isEmpty())
            text += QStringLiteral(" WHERE ") + index.predicate;
        complete << text;
        for (const IndexColumnStatistics &statistics : index.columnStatistics)
            complete << QStringLiteral("ALTER INDEX %1 ALTER COLUMN %2 SET STATISTICS %3")
                            .arg(name, QString::number(statistics.position), QString::number(statistics.target));
        addComment(complete, QStringLiteral("INDEX ") + name, index.comment);
        if (facts.clusteredOn == index.name)
            complete << QStringLiteral("%1 CLUSTER ON %2").arg(alter, quoteIdentifier(nameBefore(index.name)));
    }
    for (const StatisticsObject &object : view.statistics) {
        const QString name = pg::QualifiedName{object.name.schema, nameBefore(object.name.name)}.quoted();
        complete << QStringLiteral("CREATE STATISTICS %1 %2 FROM %3").arg(name, object.body, made)
                 << QStringLiteral("ALTER STATISTICS %1 OWNER TO %2").arg(name, quoteIdentifier(object.owner));
        if (object.statisticsTarget >= 0)
            complete << QStringLiteral("ALTER STATISTICS %1 SET STATISTICS %2").arg(name).arg(object.statisticsTarget);
        addComment(complete, QStringLiteral("STATISTICS ") + name, object.comment);
    }
    addGrants(complete, GrantKind::Table, QStringLiteral("TABLE ") + made, facts.owner, facts.privileges,
              facts.defaultGrantees, serverVersion);
    addColumnGrants(complete, made, facts.owner, view.columns);
    addComment(complete, QStringLiteral("MATERIALIZED VIEW ") + made, facts.comment);
    addLabels(complete, QStringLiteral("MATERIALIZED VIEW ") + made, facts.labels);
    for (const TableColumn &column : view.columns)
        addComment(complete, QStringLiteral("COLUMN %1.%2").arg(made, quoteIdentifier(column.name)), column.comment);

    using Rename = QString (*)(const QString &);
    const auto rename = [&](QStringList &statements, Rename from, Rename to) {
        const auto one = [&](const char *kind, const pg::QualifiedName &name) {
            statements << QStringLiteral("ALTER %1 %2 RENAME TO %3")
                              .arg(QLatin1String(kind), pg::QualifiedName{name.schema, from(name.name)}.quoted(),
                                   quoteIdentifier(to(name.name)));
        };
        one("MATERIALIZED VIEW", facts.name);
        for (const TableIndex &index : view.indexes) {
            if (index.isValid)
                one("INDEX", {facts.name.schema, index.name});
        }
        for (const StatisticsObject &object : view.statistics)
            one("STATISTICS", object.name);
    };
    const Rename same = [](const QString &name) { return name; };
    rename(rebuild.exchange, same, nameAfter);
    rename(rebuild.exchange, nameBefore, same);
    rename(rebuild.exchangeBack, same, nameBefore);
    rename(rebuild.exchangeBack, nameAfter, same);
    for (QStringList *statements : {&rebuild.exchange, &rebuild.exchangeBack}) {
        addReaders(*statements, views, facts.oid);
        addRules(*statements, view.rules);
        addBodies(*statements, view.functions);
    }
    rebuild.drop = QStringLiteral("DROP MATERIALIZED VIEW IF EXISTS ") + made;
    const bool isConcurrent = std::any_of(view.indexes.begin(), view.indexes.end(), [](const TableIndex &index) {
        return index.isUnique && index.isValid && index.predicate.isEmpty() && !index.keyExpressions;
    });
    if (facts.populated)
        rebuild.refreshBack = QStringLiteral("REFRESH MATERIALIZED VIEW %1%2")
                                  .arg(isConcurrent ? QStringLiteral("CONCURRENTLY ") : QString(), facts.name.quoted());
    rebuild.retire = QStringLiteral("DROP MATERIALIZED VIEW ") + retired;
    return rebuild;
}

} // namespace

QStringList setFunctionsAside(const TableInventory &source)
{
    QStringList statements;
    for (const BoundFunction &function : source.functions) {
        if (isOfRow(function))
            statements << QStringLiteral("ALTER %1 RENAME TO %2")
                              .arg(signature(function), quoteIdentifier(nameAfter(function)));
    }
    return statements;
}

QStringList rebindDependents(const TableInventory &source)
{
    QStringList statements;
    for (const Policy &policy : source.policies) {
        if (policy.own)
            continue;
        QString alter =
            QStringLiteral("ALTER POLICY %1 ON %2").arg(quoteIdentifier(policy.name), policy.relation.quoted());
        if (!policy.usingExpression.isEmpty())
            alter += QStringLiteral(" USING (%1)").arg(policy.usingExpression);
        if (!policy.checkExpression.isEmpty())
            alter += QStringLiteral(" WITH CHECK (%1)").arg(policy.checkExpression);
        statements << alter;
    }
    addReaders(statements, source.views, source.facts.oid);
    addRules(statements, source.rules);
    addBodies(statements, source.functions);
    return statements;
}

QStringList remakeFunctions(const TableInventory &source)
{
    QStringList statements;
    for (const BoundFunction &function : source.functions) {
        if (!isOfRow(function))
            continue;
        statements << function.definition
                   << QStringLiteral("ALTER %1 OWNER TO %2").arg(signature(function), quoteIdentifier(function.owner));
        addGrants(statements, GrantKind::Function, signature(function), function.owner, function.privileges,
                  source.facts.defaultGrantees, source.serverVersion);
        addComment(statements, signature(function), function.comment);
    }
    return statements;
}

QStringList dropRemadeFunctions(const TableInventory &source)
{
    QStringList statements;
    for (const BoundFunction &function : source.functions) {
        if (isOfRow(function))
            statements << QStringLiteral("DROP ") + signature(function);
    }
    return statements;
}

QStringList bringFunctionsBack(const TableInventory &source)
{
    QStringList statements;
    for (const BoundFunction &function : source.functions) {
        if (isOfRow(function))
            statements << QStringLiteral("ALTER %1 RENAME TO %2")
                              .arg(withoutArguments(function, nameAfter(function)),
                                   quoteIdentifier(function.name.name));
    }
    return statements;
}

std::vector<ViewRebuild> rebuildViews(const std::vector<DependentView> &views, QSet<quint32> moved, int serverVersion)
{
    std::vector<ViewRebuild> rebuilds;
    for (const DependentView &view : views) {
        if (!isMaterialized(view)
            || std::none_of(view.reads.begin(), view.reads.end(), [&](quint32 oid) { return moved.contains(oid); }))
            continue;
        moved.insert(view.facts.oid);
        rebuilds.push_back(rebuild(views, view, serverVersion));
    }
    return rebuilds;
}

std::vector<ViewRebuild> rebuildViews(const TableInventory &source)
{
    return rebuildViews(source.views, {source.facts.oid}, source.serverVersion);
}

} // namespace tidemark::ddl
