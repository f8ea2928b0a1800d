// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stage/obstacles.h"

#include "core/ddl/rebind.h"
#include "core/stage/shapelimits.h"

#include <QCoreApplication>

#include <algorithm>

namespace tidemark::stage {

namespace {

using Gravity = Obstacle::Gravity;

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(Obstacles)
};

class Search
{
public:
    Search(const TableInventory &source, const ShadowSpec &spec)
        : m_source(source)
        , m_spec(spec)
    {
    }

    std::vector<Obstacle> run()
    {
        lookAtTable();
        lookAtKeys();
        lookAtForeignKeys();
        lookAtBehaviour();
        lookAtDependents();
        if (m_spec.attach)
            lookAtAttaching();
        std::stable_sort(m_found.begin(), m_found.end(),
                         [](const Obstacle &left, const Obstacle &right) { return left.gravity < right.gravity; });
        return std::move(m_found);
    }

private:
    void add(Gravity gravity, const QString &object, const QString &why, const QString &wayOut = {})
    {
        m_found.push_back({gravity, object, why, wayOut});
    }
    [[nodiscard]] bool isSame() const { return m_spec.shape == ShadowShape::Same; }
    [[nodiscard]] bool isNative() const { return m_spec.shape == ShadowShape::Native; }

    void lookAtTable();
    void lookAtKeys();
    void lookAtForeignKeys();
    void lookAtBehaviour();
    void lookAtDependents();
    void lookAtAttaching();
    void lookAtFunction(const BoundFunction &function);

    const TableInventory &m_source;
    const ShadowSpec &m_spec;
    std::vector<Obstacle> m_found;
};

void Search::lookAtTable()
{
    const RelationFacts &facts = m_source.facts;
    const QString table = facts.name.display();
    if (facts.kind != QLatin1String("table"))
        add(Gravity::Refused, table, Words::tr("It is a %1; only an ordinary table is migrated.").arg(facts.kind));
    if (facts.persistence == QLatin1String("temporary"))
        add(Gravity::Refused, table, Words::tr("It is a temporary table: no other session sees it."));
    for (const QString &parent : facts.parents)
        add(Gravity::Refused, table, Words::tr("It inherits from %1, or is a partition of it.").arg(parent),
            Words::tr("Migrate the parent."));
    for (const QString &child : facts.children)
        add(Gravity::Refused, table, Words::tr("%1 inherits from it: its rows are seen through this table.").arg(child),
            Words::tr("Attach or merge the children first."));
    if (!facts.ofType.isEmpty())
        add(Gravity::Refused, table, Words::tr("It is a table of type %1.").arg(facts.ofType),
            Words::tr("ALTER TABLE … NOT OF makes it an ordinary one."));
    if (!facts.extension.isEmpty())
        add(Gravity::Refused, table,
            Words::tr("It belongs to the extension %1, whose upgrade would miss it.").arg(facts.extension));
    if (facts.subscriptions > 0)
        add(Gravity::Refused, table,
            Words::tr("%n subscription(s) write to it and would go on writing to the old table.")
                .replace(QLatin1String("%n"), QString::number(facts.subscriptions)),
            Words::tr("Take it out of the publication, migrate, and subscribe again without copying."));
    if (m_spec.shape == ShadowShape::Hypertable)
        add(Gravity::Changes, QStringLiteral("column ") + m_spec.keyColumn,
            Words::tr("A hypertable refuses an UPDATE of it that leads out of the row's chunk."),
            Words::tr("Let such changes be a DELETE and an INSERT, or take a native table."));
    if (isSame())
        return;
    if (!m_source.column(m_spec.keyColumn))
        add(Gravity::Refused, table, Words::tr("It has no column %1 to divide it by.").arg(m_spec.keyColumn));
    else if (!m_source.column(m_spec.keyColumn)->generated.isEmpty())
        add(Gravity::Refused, table,
            Words::tr("The column %1 is generated: PostgreSQL divides no table by it.").arg(m_spec.keyColumn));
}

void Search::lookAtKeys()
{
    const TableColumn *key = isSame() ? nullptr : m_source.column(m_spec.keyColumn);
    for (const TableConstraint &constraint : m_source.constraints) {
        const QString name = QStringLiteral("constraint ") + constraint.name;
        if (!isSame() && constraint.kind == QLatin1String("EXCLUDE"))
            add(Gravity::Refused, name,
                Words::tr(
                    "An exclusion constraint would hold within each partition alone; PostgreSQL refuses it on the whole."),
                Words::tr("Drop it, or keep the table undivided."));
        if (!isSame() && constraint.period)
            add(Gravity::Refused, name, Words::tr("A key WITHOUT OVERLAPS would hold within each partition alone."));
        const bool gains = key && constraint.kind == QLatin1String("PRIMARY KEY")
                           && !constraint.columns.contains(key->name);
        if (gains && !key->notNull)
            add(Gravity::Refused, name,
                Words::tr("The primary key must contain the partition key %1, which allows NULL.").arg(key->name),
                Words::tr("Fill it and set it NOT NULL first."));
        if (constraint.definition.contains(pg::QualifiedName{{}, m_source.facts.name.name}.display()
                                           + QLatin1String(".*")))
            add(Gravity::Refused, name, Words::tr("It tests the whole row by the table's name."));
    }
    for (const TableIndex &index : m_source.indexes) {
        const QString name = QStringLiteral("index ") + index.name;
        if (!index.isValid)
            add(Gravity::Loses, name,
                Words::tr("It is not valid: a CREATE INDEX CONCURRENTLY failed. It is not copied."),
                Words::tr("Drop or reindex it."));
        else if (index.body.isEmpty())
            add(Gravity::Refused, name, Words::tr("Its definition could not be read apart."));
        else if (key && index.isUnique && !index.columns.contains(key->name))
            add(Gravity::Changes, name,
                Words::tr(
                    "It becomes unique together with %1: alone these columns are no longer checked, and ON CONFLICT on them fails.")
                    .arg(key->name));
    }
    for (const StatisticsObject &object : m_source.statistics) {
        if (object.body.isEmpty())
            add(Gravity::Refused, QStringLiteral("statistics object ") + object.name.display(),
                Words::tr("Its definition could not be read apart."));
    }
}

void Search::lookAtForeignKeys()
{
    for (const ForeignKey &key : m_source.foreignKeys) {
        const QString name = QStringLiteral("foreign key %1 on %2").arg(key.name, key.table.display());
        if (key.own && key.inbound && m_spec.shape == ShadowShape::Hypertable)
            add(Gravity::Loses, name,
                Words::tr("It refers to its own table, and no hypertable refers to a hypertable."));
        else if (!canHave(m_source, m_spec, key))
            add(Gravity::Loses, name,
                Words::tr("It refers to (%1), which alone is no unique key any more.")
                    .arg(key.referencedColumns.join(QStringLiteral(", "))),
                Words::tr("Add %1 to the referring table and key.").arg(m_spec.keyColumn));
        else if (!key.own && key.tableKind == QLatin1String("partitioned table") && m_source.serverVersion < 180'000)
            add(Gravity::Changes, name,
                Words::tr(
                    "Its table is partitioned: before PostgreSQL 18 such a key is checked in full when it is added, within the swap."));
        if (key.own && key.enforced && canHave(m_source, m_spec, key) && comesAfterSwap(m_source, m_spec, key))
            add(Gravity::Changes, name,
                Words::tr(
                    "It is made on each partition after the swap: until it is validated nothing checks it on new rows."));
        if (key.own && isNative() && !key.validated && key.enforced && m_source.serverVersion < 180'000)
            add(Gravity::Changes, name,
                Words::tr("It is NOT VALID: before PostgreSQL 18 only the partitions can have it so."));
    }
}

void Search::lookAtBehaviour()
{
    for (const Trigger &trigger : m_source.triggers) {
        const QString name = QStringLiteral("trigger ") + trigger.name;
        const bool isHypertable = m_spec.shape == ShadowShape::Hypertable;
        if (isHypertable && trigger.enabled == QLatin1String("ENABLE ALWAYS"))
            add(Gravity::Changes, name,
                Words::tr("On a hypertable it does not fire for replicated rows: there is no ENABLE ALWAYS."));
        if (!canHave(m_source, m_spec, trigger))
            add(Gravity::Loses, name,
                isHypertable && !trigger.transitionTables
                    ? Words::tr("On a hypertable a trigger cannot be switched off.")
                : trigger.transitionTables
                    ? Words::tr("Row triggers of a divided table have no transition tables.")
                    : Words::tr("PostgreSQL 12 has no BEFORE row triggers on partitioned tables."));
    }
    for (const Rule &rule : m_source.rules) {
        if (rule.own && !canHaveRules(m_spec))
            add(Gravity::Loses, QStringLiteral("rule ") + rule.name, Words::tr("A hypertable has no rewrite rules."),
                Words::tr("Let a trigger do its work."));
    }
    for (const PublicationMembership &member : m_source.publications) {
        const QString name = QStringLiteral("publication ") + member.name;
        if (member.scope != QLatin1String("table"))
            add(Gravity::Changes, name, Words::tr("It publishes the copy as well, every row once more."),
                Words::tr("Let subscribers ignore the new table until the swap, or take it out of their mapping."));
        if (m_spec.shape == ShadowShape::Hypertable)
            add(Gravity::Loses, name,
                Words::tr("The rows of a hypertable are in its chunks, and new chunks are in no publication."),
                Words::tr("Publish FOR ALL TABLES, or keep the table native."));
        if (!isNative())
            continue;
        if (!member.viaRoot && (!member.columns.isEmpty() || !member.rowFilter.isEmpty()))
            add(Gravity::Refused, name,
                Words::tr("Its column list or row filter needs publish_via_partition_root on a partitioned table."),
                Words::tr("ALTER PUBLICATION … SET (publish_via_partition_root = true)."));
        else if (!member.viaRoot)
            add(Gravity::Changes, name, Words::tr("Subscribers see the partitions by their own names, not the table."),
                Words::tr("ALTER PUBLICATION … SET (publish_via_partition_root = true)."));
    }
}

void Search::lookAtFunction(const BoundFunction &function)
{
    const QString name = QStringLiteral("function %1(%2)").arg(function.name.display(), function.arguments);
    if (!function.takesRow && !function.returnsRow)
        return;
    if (function.definition.isEmpty())
        add(Gravity::Refused, name, Words::tr("An aggregate over the row type cannot follow the new table."));
    else if (!function.extension.isEmpty())
        add(Gravity::Refused, name, Words::tr("It belongs to the extension %1.").arg(function.extension));
    else if (!function.usedBy.isEmpty())
        add(Gravity::Refused, name,
            Words::tr("It is remade for the new row type, and would leave behind: %1.")
                .arg(function.usedBy.join(QStringLiteral(", "))),
            Words::tr("Drop what uses it, and make that again after the swap."));
}

void Search::lookAtDependents()
{
    const auto movesAlong = ddl::rebuildViews(m_source);
    for (const DependentView &view : m_source.views) {
        const QString name = QStringLiteral("%1 %2").arg(view.facts.kind, view.facts.name.display());
        if (view.rowType)
            add(Gravity::Refused, name,
                Words::tr("It has the table's row type in a column or cast, which no CREATE OR REPLACE changes."),
                Words::tr("Let it name the columns instead of the whole row."));
        for (const QString &constraint : view.constraints) {
            const TableConstraint *key = m_source.primaryKey();
            if (!isSame() && key && key->name == constraint && !key->columns.contains(m_spec.keyColumn))
                add(Gravity::Refused, name,
                    Words::tr("Its GROUP BY leans on the primary key %1 alone, which gains %2.")
                        .arg(constraint, m_spec.keyColumn),
                    Words::tr("Group by every column that it selects."));
        }
        const bool isRebuilt = std::any_of(movesAlong.begin(), movesAlong.end(), [&](const ddl::ViewRebuild &rebuild) {
            return rebuild.view == view.facts.name;
        });
        if (!isRebuilt)
            continue;
        for (const Mention &mention : view.mentions)
            add(Gravity::Refused, mention.description, Words::tr("It is bound to %1, which is rebuilt.").arg(name));
        for (const BoundFunction &function : view.functions) {
            if (function.takesRow || function.returnsRow)
                add(Gravity::Refused, QStringLiteral("function ") + function.name.display(),
                    Words::tr("It is bound to the row type of %1, which is rebuilt.").arg(name));
        }
    }
    for (const BoundFunction &function : m_source.functions)
        lookAtFunction(function);
    for (const Mention &mention : m_source.mentions)
        add(Gravity::Refused, mention.description,
            Words::tr("It is bound to the old table or its row type and cannot follow."),
            Words::tr("Drop it, and make it again after the swap."));
}

/// What a table cannot bring along as a partition, or cannot get without being read under its lock.
void Search::lookAtAttaching()
{
    const QString table = m_source.facts.name.display();
    const QString byCopy = Words::tr("Migrate by copy.");
    if (m_spec.shape == ShadowShape::Hypertable) {
        add(Gravity::Refused, table,
            Words::tr(
                "TimescaleDB has no public function that takes a table as a chunk; the internal one is not in its "
                "Apache edition and changes from version to version."),
            byCopy);
        return;
    }
    const TableColumn *key = m_source.column(m_spec.keyColumn);
    if (key == nullptr)
        return;
    if (!key->notNull)
        add(Gravity::Refused, table,
            Words::tr("Its column %1 allows NULL, which no range partition takes.").arg(key->name),
            Words::tr("Fill it and set it NOT NULL first."));
    for (const TableConstraint &constraint : m_source.constraints) {
        if (constraint.kind == QLatin1String("CHECK") && constraint.noInherit)
            add(Gravity::Refused, QStringLiteral("constraint ") + constraint.name,
                Words::tr("A check with NO INHERIT cannot become the parent's without reading the table."), byCopy);
    }
    for (const ForeignKey &foreign : m_source.foreignKeys) {
        if (foreign.own && foreign.inbound)
            add(Gravity::Refused, QStringLiteral("foreign key %1 on %2").arg(foreign.name, foreign.table.display()),
                Words::tr("It refers to its own table, and would refer to the old partition alone."), byCopy);
    }
    if (!m_spec.historyTo.isEmpty())
        add(Gravity::Changes, table,
            Words::tr("From the proof of its bounds to the swap it refuses rows with %1 at or beyond %2; afterwards "
                      "they go to their partition.")
                .arg(key->name, m_spec.historyTo));
}

} // namespace

std::vector<Obstacle> findObstacles(const TableInventory &source, const ShadowSpec &spec)
{
    return Search(source, spec).run();
}

} // namespace tidemark::stage
