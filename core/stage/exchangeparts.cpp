// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stage/exchangeparts.h"

#include "core/ddl/identifiers.h"
#include "core/ddl/sqltext.h"
#include "core/stage/shapelimits.h"

namespace tidemark::stage {

using pg::quoteIdentifier;

namespace {

bool waits(const TableConstraint &constraint)
{
    return !constraint.validated && constraint.enforced;
}

} // namespace

ExchangeParts::ExchangeParts(const TableInventory &source, const ShadowSpec &spec, bool forward)
    : m_source(source)
    , m_spec(spec)
    , m_forward(forward)
    , m_table(source.facts.name.quoted())
    , m_away(inSchema(forward ? spec.retiredName : spec.shadowName))
{
}

QString ExchangeParts::inSchema(const QString &name) const
{
    return pg::QualifiedName{m_source.facts.name.schema, name}.quoted();
}

QStringList ExchangeParts::partitions() const
{
    QStringList names;
    for (const ShadowPartition &partition : m_spec.partitions)
        names << inSchema(partition.name);
    return names;
}

bool ExchangeParts::isKept(const ForeignKey &key) const
{
    return !m_forward || canHave(m_source, m_spec, key);
}

bool ExchangeParts::inboundNeedsScan(const ForeignKey &key) const
{
    return key.tableKind == QLatin1String("partitioned table") && m_source.serverVersion < 180'000;
}

void ExchangeParts::addObjectComment(const QString &kind, const QString &name, const QString &comment)
{
    ddl::addComment(m_statements, QStringLiteral("%1 %2 ON %3").arg(kind, quoteIdentifier(name), m_table), comment);
}

void ExchangeParts::addForeignKey(const QString &table, const ForeignKey &key, bool validNow)
{
    add(QStringLiteral("ALTER TABLE %1 ADD CONSTRAINT %2 %3%4")
            .arg(table, quoteIdentifier(key.name), key.definition,
                 validNow || !key.enforced ? QString() : QStringLiteral(" NOT VALID")));
}

void ExchangeParts::validate(const QString &table, const ForeignKey &key)
{
    add(QStringLiteral("ALTER TABLE %1 VALIDATE CONSTRAINT %2").arg(table, quoteIdentifier(key.name)));
}

void ExchangeParts::renameNewTable()
{
    const auto rename = [&](const char *kind, const pg::QualifiedName &name, const QString &before) {
        const pg::QualifiedName from = m_forward ? pg::QualifiedName{name.schema, before} : name;
        add(QStringLiteral("ALTER %1 %2 RENAME TO %3")
                .arg(QLatin1String(kind), from.quoted(), quoteIdentifier(m_forward ? name.name : before)));
    };
    rename("TABLE", m_source.facts.name, m_spec.shadowName);
    for (const TableIndex &index : m_source.indexes) {
        if (index.isValid)
            rename("INDEX", {m_source.facts.name.schema, index.name}, ddl::nameBefore(index.name));
    }
    for (const StatisticsObject &object : m_source.statistics)
        rename("STATISTICS", object.name, ddl::nameBefore(object.name.name));
    for (const OwnedSequence &sequence : m_source.sequences) {
        if (sequence.isIdentity)
            rename("SEQUENCE", sequence.name, ddl::nameBefore(sequence.name.name));
    }
}

void ExchangeParts::moveSequences(QString (*other)(const QString &))
{
    for (const OwnedSequence &sequence : m_source.sequences) {
        const QString name = sequence.name.quoted();
        if (!sequence.isIdentity) {
            add(QStringLiteral("ALTER SEQUENCE %1 OWNED BY %2.%3")
                    .arg(name, m_table, quoteIdentifier(sequence.column)));
            continue;
        }
        // Renamed, and so locked, before it is read: nobody can take a number in between.
        add(QStringLiteral("SELECT pg_catalog.setval(%1::pg_catalog.regclass, last_value, is_called) FROM %2")
                .arg(pg::quoteLiteral(name),
                     pg::QualifiedName{sequence.name.schema, other(sequence.name.name)}.quoted()));
    }
}

void ExchangeParts::addWaitingChecks()
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
}

void ExchangeParts::addTriggers()
{
    for (const Trigger &trigger : m_source.triggers) {
        if (canHave(m_source, m_spec, trigger)) {
            add(trigger.definition);
            if (trigger.enabled != QLatin1String("ENABLE") && m_spec.shape != ShadowShape::Hypertable)
                add(QStringLiteral("ALTER TABLE %1 %2 TRIGGER %3")
                        .arg(m_table, trigger.enabled, quoteIdentifier(trigger.name)));
            addObjectComment(QStringLiteral("TRIGGER"), trigger.name, trigger.comment);
        }
        // An attached table has those of its parent.
        if (!m_spec.attach)
            add(QStringLiteral("ALTER TABLE %1 DISABLE TRIGGER %2").arg(m_away, quoteIdentifier(trigger.name)));
    }
}

void ExchangeParts::addRules()
{
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
}

void ExchangeParts::addPolicies()
{
    for (const Policy &policy : m_source.policies) {
        if (!policy.own)
            continue;
        QStringList roles;
        for (const QString &role : policy.roles)
            roles << ddl::quotedRole(role);
        QString create = QStringLiteral("CREATE POLICY %1 ON %2 AS %3 FOR %4 TO %5")
                             .arg(quoteIdentifier(policy.name), m_table,
                                  policy.permissive ? QStringLiteral("PERMISSIVE") : QStringLiteral("RESTRICTIVE"),
                                  policy.command,
                                  roles.isEmpty() ? ddl::quotedRole({}) : roles.join(QStringLiteral(", ")));
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

void ExchangeParts::dropPolicies()
{
    if (m_source.facts.forceRowSecurity)
        add(QStringLiteral("ALTER TABLE %1 NO FORCE ROW LEVEL SECURITY").arg(m_away));
    if (m_source.facts.rowSecurity)
        add(QStringLiteral("ALTER TABLE %1 DISABLE ROW LEVEL SECURITY").arg(m_away));
    for (const Policy &policy : m_source.policies) {
        if (policy.own)
            add(QStringLiteral("DROP POLICY %1 ON %2").arg(quoteIdentifier(policy.name), m_away));
    }
}

void ExchangeParts::dropRules()
{
    for (const Rule &rule : m_source.rules) {
        if (!rule.own)
            continue;
        if (canHaveRules(m_spec))
            add(QStringLiteral("DROP RULE %1 ON %2").arg(quoteIdentifier(rule.name), m_away));
        add(QStringLiteral("ALTER TABLE %1 %2 RULE %3").arg(m_table, rule.enabled, quoteIdentifier(rule.name)));
    }
}

void ExchangeParts::dropTriggers()
{
    for (const Trigger &trigger : m_source.triggers) {
        if (canHave(m_source, m_spec, trigger))
            add(QStringLiteral("DROP TRIGGER %1 ON %2").arg(quoteIdentifier(trigger.name), m_away));
        if (m_spec.attach) {
            add(trigger.definition);
            addObjectComment(QStringLiteral("TRIGGER"), trigger.name, trigger.comment);
            if (trigger.enabled == QLatin1String("ENABLE"))
                continue;
        }
        add(QStringLiteral("ALTER TABLE %1 %2 TRIGGER %3")
                .arg(m_table, trigger.enabled, quoteIdentifier(trigger.name)));
    }
}

void ExchangeParts::dropWaitingChecks()
{
    for (const TableConstraint &constraint : m_source.constraints) {
        if (waits(constraint))
            add(QStringLiteral("ALTER TABLE %1 DROP CONSTRAINT %2").arg(m_away, quoteIdentifier(constraint.name)));
    }
}

void ExchangeParts::dropInboundKeys()
{
    for (const ForeignKey &key : m_source.foreignKeys) {
        if (!key.own)
            add(QStringLiteral("ALTER TABLE %1 DROP CONSTRAINT IF EXISTS %2")
                    .arg(key.table.quoted(), quoteIdentifier(key.name)));
    }
}

void ExchangeParts::addInboundKeys()
{
    for (const ForeignKey &key : m_source.foreignKeys) {
        if (key.own || !isKept(key))
            continue;
        const QString table = key.table.quoted();
        addForeignKey(table, key, inboundNeedsScan(key));
        ddl::addComment(m_statements, QStringLiteral("CONSTRAINT %1 ON %2").arg(quoteIdentifier(key.name), table),
                        key.comment);
    }
}

void ExchangeParts::movePublications()
{
    for (const PublicationMembership &member : m_source.publications) {
        if (member.scope != QLatin1String("table"))
            continue;
        const QString alter = QStringLiteral("ALTER PUBLICATION %1 ").arg(quoteIdentifier(member.name));
        // 12 publishes partitions, never the partitioned table.
        const bool byPartition = isNative() && m_source.serverVersion < 130'000;
        const QString allPartitions = partitions().join(QStringLiteral(", "));
        if (byPartition && m_spec.attach) { // the old table is one, and in it
            add(alter + (m_forward ? QStringLiteral("ADD TABLE ") : QStringLiteral("DROP TABLE ")) + allPartitions);
            continue;
        }
        // Chunks come and go without the publication: the hypertable alone is in it.
        const QString only = m_spec.shape == ShadowShape::Hypertable ? QStringLiteral("ONLY ") : QString();
        add(alter + QStringLiteral("DROP TABLE ") + (byPartition && !m_forward ? allPartitions : only + m_away));
        QString added = byPartition && m_forward ? allPartitions : only + m_table;
        if (!member.columns.isEmpty())
            added += QStringLiteral(" (%1)").arg(ddl::quotedList(member.columns));
        if (!member.rowFilter.isEmpty())
            added += QStringLiteral(" WHERE (%1)").arg(member.rowFilter);
        add(alter + QStringLiteral("ADD TABLE ") + added);
    }
}

} // namespace tidemark::stage
