// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/catalog/fidelity.h"

#include "core/catalog/fields.h"

#include <QCoreApplication>
#include <QMap>

#include <algorithm>

namespace tidemark {

namespace {

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(Fidelity)
};

// Privileges and labels are sets: their order is that of whoever granted first.
QJsonValue normalized(const QJsonValue &value)
{
    if (!value.isArray() || value.toArray().isEmpty() || !value.toArray().first().isObject())
        return value;
    QMap<QByteArray, QJsonValue> sorted;
    for (const auto element : value.toArray())
        sorted.insert(QJsonDocument(element.toObject()).toJson(QJsonDocument::Compact), element);
    QJsonArray array;
    for (const QJsonValue &element : sorted)
        array.append(element);
    return array;
}

QString textOf(const QJsonValue &value)
{
    if (value.isBool())
        return value.toBool() ? QStringLiteral("yes") : QStringLiteral("no");
    if (value.isDouble())
        return QString::number(value.toInteger());
    if (value.isObject()) {
        const QJsonObject object = value.toObject();
        if (object.contains(QStringLiteral("privilege"))) {
            const QString grantee = object.value(QStringLiteral("grantee")).toString();
            return QStringLiteral("%1 to %2%3")
                .arg(object.value(QStringLiteral("privilege")).toString(),
                     grantee.isEmpty() ? QStringLiteral("PUBLIC") : grantee,
                     object.value(QStringLiteral("grantable")).toBool() ? QStringLiteral(" with grant option")
                                                                        : QString());
        }
        return QString::fromUtf8(QJsonDocument(object).toJson(QJsonDocument::Compact));
    }
    if (value.isArray()) {
        QStringList parts;
        for (const auto element : value.toArray())
            parts << textOf(element);
        return parts.join(QStringLiteral(", "));
    }
    return value.toString();
}

/// Collects the differences of two inventories.
class Comparison
{
public:
    Comparison(const TableInventory &source, const TableInventory &target, const FidelityRules &rules)
        : m_source(source)
        , m_target(target)
        , m_rules(rules)
    {
    }

    std::vector<Difference> run();

private:
    void add(const QString &what, const QString &object, const QString &aspect, const QString &source,
             const QString &target)
    {
        m_found.push_back({what, object, aspect, source, target, Difference::Severity::Blocking, {}});
    }

    /// Field by field of one value's description, but for those named.
    template<typename T>
    void compareFields(const QString &what, const QString &object, const T &source, const T &target,
                       const QStringList &apart)
    {
        const QJsonObject left = fields::toJson(source).toObject();
        const QJsonObject right = fields::toJson(target).toObject();
        T::fields(source, [&](const char *name, const auto &) {
            const QLatin1String field(name);
            if (apart.contains(field))
                return;
            const QJsonValue before = normalized(left.value(field));
            const QJsonValue after = normalized(right.value(field));
            if (before != after)
                add(what, object, field, textOf(before), textOf(after));
        });
    }

    /// Pairs the values of two lists by their key.
    template<typename T, typename Key>
    void compareLists(const QString &what, const std::vector<T> &source, const std::vector<T> &target, const Key &key,
                      const QStringList &apart)
    {
        QMap<QString, const T *> right;
        for (const T &value : target)
            right.insert(key(value), &value);
        for (const T &value : source) {
            const QString name = key(value);
            if (const T *found = right.take(name))
                compareFields(what, name, value, *found, apart);
            else
                add(what, name, QStringLiteral("missing"), name, {});
        }
        for (const QString &name : right.keys())
            add(what, name, QStringLiteral("extra"), {}, name);
    }

    [[nodiscard]] QString given(const QString &name) const { return m_rules.names.value(name, name); }

    void compareFacts();
    void compareColumns(const QString &what, const std::vector<TableColumn> &source,
                        const std::vector<TableColumn> &target);
    void compareOwnParts();
    void compareSequences();
    void compareWhatSwaps();
    void compareViews();
    void judge(Difference &difference) const;
    [[nodiscard]] QString whyExpected(const Difference &difference) const;
    [[nodiscard]] bool gainedTheKey(const QStringList &source, const QStringList &target) const;

    const TableInventory &m_source;
    const TableInventory &m_target;
    const FidelityRules &m_rules;
    std::vector<Difference> m_found;
};

const QStringList factsApart{
    QStringLiteral("oid"),           QStringLiteral("row_type"),     QStringLiteral("array_type"),
    QStringLiteral("bytes"),         QStringLiteral("row_estimate"), QStringLiteral("default_grantees"),
    QStringLiteral("subscriptions"), QStringLiteral("schema"),       QStringLiteral("name")};

const QStringList indexApart{QStringLiteral("oid"), QStringLiteral("name"), QStringLiteral("constraint_name")};

bool isToolsOwn(const QString &name)
{
    return name.startsWith(QLatin1String("tidemark_"));
}

std::vector<Trigger> usersTriggers(const std::vector<Trigger> &triggers)
{
    std::vector<Trigger> users;
    std::copy_if(triggers.begin(), triggers.end(), std::back_inserter(users),
                 [](const Trigger &trigger) { return !isToolsOwn(trigger.name); });
    return users;
}

QString placed(const pg::QualifiedName &relation, const QString &name)
{
    return QStringLiteral("%1 on %2").arg(name, relation.display());
}

void Comparison::compareFacts()
{
    QStringList apart = factsApart;
    if (!m_rules.afterSwap)
        apart << QStringLiteral("row_security") << QStringLiteral("force_row_security");
    RelationFacts target = m_target.facts;
    target.replicaIndex = given(target.replicaIndex);
    target.clusteredOn = given(target.clusteredOn);
    compareFields(QStringLiteral("table"), m_source.facts.name.display(), m_source.facts, target, apart);
    if (m_rules.afterSwap && m_source.facts.name != target.name)
        add(QStringLiteral("table"), m_source.facts.name.display(), QStringLiteral("name"),
            m_source.facts.name.display(), target.name.display());
}

void Comparison::compareColumns(const QString &what, const std::vector<TableColumn> &source,
                                const std::vector<TableColumn> &target)
{
    compareLists(what, source, target, [](const TableColumn &column) { return column.name; }, {});
    QStringList before;
    QStringList after;
    for (const TableColumn &column : source)
        before << column.name;
    for (const TableColumn &column : target)
        after << column.name;
    if (before != after && QSet<QString>(before.begin(), before.end()) == QSet<QString>(after.begin(), after.end()))
        add(what, QStringLiteral("*"), QStringLiteral("order"), before.join(QStringLiteral(", ")),
            after.join(QStringLiteral(", ")));
}

void Comparison::compareOwnParts()
{
    compareColumns(QStringLiteral("column"), m_source.columns, m_target.columns);

    const auto comparable = [&](const std::vector<TableConstraint> &constraints) {
        std::vector<TableConstraint> compared;
        for (TableConstraint constraint : constraints) {
            // A check that was never validated is only added in the swap.
            if (!m_rules.afterSwap && !constraint.validated && constraint.enforced)
                continue;
            if (!constraint.index.isEmpty()) {
                constraint.name = given(constraint.name);
                constraint.index = given(constraint.index);
            }
            compared.push_back(std::move(constraint));
        }
        return compared;
    };
    compareLists(QStringLiteral("constraint"), comparable(m_source.constraints), comparable(m_target.constraints),
                 [](const TableConstraint &constraint) { return constraint.name; }, {QStringLiteral("local")});

    compareLists(
        QStringLiteral("index"), m_source.indexes, m_target.indexes,
        [&](const TableIndex &index) { return given(index.name); }, indexApart);
    compareLists(QStringLiteral("statistics object"), m_source.statistics, m_target.statistics,
                 [&](const StatisticsObject &object) { return given(object.name.name); }, {QStringLiteral("name")});
}

void Comparison::compareSequences()
{
    const auto compared = [&](const std::vector<OwnedSequence> &sequences) {
        std::vector<OwnedSequence> kept;
        std::copy_if(sequences.begin(), sequences.end(), std::back_inserter(kept), [&](const OwnedSequence &sequence) {
            return m_rules.afterSwap || sequence.isIdentity; // a serial's sequence stays with the source until the swap
        });
        return kept;
    };
    const auto source = compared(m_source.sequences);
    const auto target = compared(m_target.sequences);
    const auto key = [&](const OwnedSequence &sequence) { return given(sequence.name.name); };
    compareLists(QStringLiteral("sequence"), source, target, key,
                 {QStringLiteral("oid"), QStringLiteral("name"), QStringLiteral("last_value")});
    if (!m_rules.afterSwap)
        return;
    for (const OwnedSequence &sequence : source) {
        const auto other = std::find_if(target.begin(), target.end(), [&](const OwnedSequence &candidate) {
            return key(candidate) == key(sequence);
        });
        if (other == target.end() || !sequence.lastValue)
            continue;
        const bool wentBack = !other->lastValue
                              || (sequence.increment > 0 ? *other->lastValue < *sequence.lastValue
                                                         : *other->lastValue > *sequence.lastValue);
        if (wentBack && !sequence.cycle)
            add(QStringLiteral("sequence"), key(sequence), QStringLiteral("last_value"),
                QString::number(*sequence.lastValue),
                other->lastValue ? QString::number(*other->lastValue) : QString());
    }
}

void Comparison::compareWhatSwaps()
{
    compareLists(QStringLiteral("foreign key"), m_source.foreignKeys, m_target.foreignKeys,
                 [](const ForeignKey &key) { return placed(key.table, key.name); }, {QStringLiteral("table_kind")});
    compareLists(QStringLiteral("trigger"), usersTriggers(m_source.triggers), usersTriggers(m_target.triggers),
                 [](const Trigger &trigger) { return trigger.name; }, {});
    compareLists(QStringLiteral("rule"), m_source.rules, m_target.rules,
                 [](const Rule &rule) { return placed(rule.relation, rule.name); }, {});
    compareLists(QStringLiteral("policy"), m_source.policies, m_target.policies,
                 [](const Policy &policy) { return placed(policy.relation, policy.name); }, {});
    compareLists(
        QStringLiteral("publication"), m_source.publications, m_target.publications,
        [](const PublicationMembership &member) { return QStringLiteral("%1 (%2)").arg(member.name, member.scope); },
        {});
    compareLists(QStringLiteral("function"), m_source.functions, m_target.functions,
                 [](const BoundFunction &function) {
                     return QStringLiteral("%1(%2)").arg(function.name.display(), function.arguments);
                 },
                 {QStringLiteral("oid")});
    compareLists(QStringLiteral("dependent"), m_source.mentions, m_target.mentions,
                 [](const Mention &mention) { return mention.description; }, {});
}

void Comparison::compareViews()
{
    const auto key = [](const DependentView &view) { return view.facts.name.display(); };
    const QStringList nested{QStringLiteral("facts"),   QStringLiteral("depth"),     QStringLiteral("reads"),
                             QStringLiteral("columns"), QStringLiteral("indexes"),   QStringLiteral("statistics"),
                             QStringLiteral("rules"),   QStringLiteral("functions"), QStringLiteral("triggers"),
                             QStringLiteral("mentions")};
    compareLists(QStringLiteral("view"), m_source.views, m_target.views, key, nested);
    for (const DependentView &view : m_source.views) {
        const auto found = std::find_if(m_target.views.begin(), m_target.views.end(),
                                        [&](const DependentView &other) { return key(other) == key(view); });
        if (found == m_target.views.end())
            continue;
        const QString of = QStringLiteral(" of ") + key(view);
        compareFields(QStringLiteral("view"), key(view), view.facts, found->facts, factsApart);
        compareColumns(QStringLiteral("column") + of, view.columns, found->columns);
        compareLists(QStringLiteral("index") + of, view.indexes, found->indexes,
                     [](const TableIndex &index) { return index.name; }, {QStringLiteral("oid")});
        compareLists(QStringLiteral("statistics object") + of, view.statistics, found->statistics,
                     [](const StatisticsObject &object) { return object.name.display(); }, {});
        compareLists(QStringLiteral("trigger") + of, view.triggers, found->triggers,
                     [](const Trigger &trigger) { return trigger.name; }, {});
        compareLists(QStringLiteral("rule") + of, view.rules, found->rules,
                     [](const Rule &rule) { return placed(rule.relation, rule.name); }, {});
        compareLists(QStringLiteral("function") + of, view.functions, found->functions,
                     [](const BoundFunction &function) { return function.name.display(); }, {QStringLiteral("oid")});
        compareLists(QStringLiteral("dependent") + of, view.mentions, found->mentions,
                     [](const Mention &mention) { return mention.description; }, {});
    }
}

bool Comparison::gainedTheKey(const QStringList &source, const QStringList &target) const
{
    return m_rules.shape != FidelityRules::Shape::Same && !source.contains(m_rules.partitionKey)
           && target == source + QStringList{m_rules.partitionKey};
}

QString Comparison::whyExpected(const Difference &difference) const
{
    using Shape = FidelityRules::Shape;
    const QString &aspect = difference.aspect;
    const bool isPartitioned = m_rules.shape == Shape::Partitioned;
    const auto is = [&](const char *what, std::initializer_list<const char *> aspects) {
        return difference.what == QLatin1String(what)
               && std::any_of(aspects.begin(), aspects.end(),
                              [&](const char *name) { return aspect == QLatin1String(name); });
    };

    if (isPartitioned && is("table", {"kind", "partition_key", "children"}))
        return Words::tr("The table became partitioned.");
    if (isPartitioned && is("table", {"options", "clustered_on", "access_method", "persistence"})
        && (difference.target.isEmpty() || difference.target == QLatin1String("permanent")))
        return Words::tr("A partitioned table has no storage of its own: each partition carries this.");
    if (m_rules.shape == Shape::Hypertable) {
        if (is("table", {"children"}))
            return Words::tr("The table became a hypertable; these are its chunks.");
        if (is("trigger", {"enabled"}) && difference.source == QLatin1String("ENABLE ALWAYS"))
            return Words::tr("Triggers of a hypertable have no ENABLE ALWAYS.");
        if (difference.object == QLatin1String("ts_insert_blocker") && aspect == QLatin1String("extra"))
            return Words::tr("TimescaleDB puts this trigger on every hypertable.");
    }
    if (m_rules.shape != Shape::Same && is("constraint", {"no_inherit", "definition"})) {
        QString inherited = difference.source;
        inherited.remove(QLatin1String(" NO INHERIT"));
        if (aspect == QLatin1String("no_inherit") || inherited == difference.target)
            return Words::tr("What a divided table demands, its partitions inherit.");
    }
    if (difference.what == QLatin1String("constraint") || difference.what == QLatin1String("index")) {
        const auto columnsOf = [&](const TableInventory &table) {
            for (const TableIndex &index : table.indexes) {
                if (given(index.name) == difference.object)
                    return index.columns;
            }
            return QStringList();
        };
        const bool isOfKey = aspect == QLatin1String("columns") || aspect == QLatin1String("definition")
                             || aspect == QLatin1String("body");
        if (isOfKey && gainedTheKey(columnsOf(m_source), columnsOf(m_target)))
            return Words::tr("A unique key of a partitioned table contains the partition key.");
    }
    if (difference.what == QLatin1String("column") && difference.object == m_rules.partitionKey
        && aspect == QLatin1String("not_null") && difference.target == QLatin1String("yes"))
        return Words::tr("The partition key became part of the primary key.");
    if (isPartitioned && m_source.serverVersion < 130'000 && difference.what == QLatin1String("publication")
        && aspect == QLatin1String("missing"))
        return Words::tr("PostgreSQL 12 publishes partitions, not partitioned tables: the partitions are in it.");
    if (m_rules.finishing) {
        if (is("foreign key", {"validated"}))
            return Words::tr("It holds for new rows; the old ones are checked by VALIDATE in a step of its own.");
        const bool isOfPartition =
            is("foreign key", {"extra"})
            && std::any_of(m_source.foreignKeys.begin(), m_source.foreignKeys.end(), [&](const ForeignKey &key) {
                   return key.own && key.inbound && difference.object.startsWith(key.name + QLatin1String(" on "));
               });
        if (isPartitioned && (isOfPartition || is("foreign key", {"missing"})))
            return Words::tr("The partitions have it; the parent takes it over when they are validated.");
        const auto view = std::find_if(
            m_source.views.begin(), m_source.views.end(),
            [&](const DependentView &candidate) { return difference.object == candidate.facts.name.display(); });
        if (view != m_source.views.end()
            && (aspect == QLatin1String("missing") || aspect == QLatin1String("definition")))
            return Words::tr("What reads a materialized view follows when that is rebuilt after the swap.");
    }
    return {};
}

void Comparison::judge(Difference &difference) const
{
    difference.reason = whyExpected(difference);
    if (!difference.reason.isEmpty())
        difference.severity = Difference::Severity::Expected;
}

std::vector<Difference> Comparison::run()
{
    compareFacts();
    compareOwnParts();
    compareSequences();
    if (m_rules.afterSwap) {
        compareWhatSwaps();
        compareViews();
    }
    for (Difference &difference : m_found)
        judge(difference);
    return std::move(m_found);
}

} // namespace

QString Difference::key() const
{
    return QStringLiteral("%1 %2: %3").arg(what, object, aspect);
}

std::vector<Difference> diff(const TableInventory &source, const TableInventory &target, const FidelityRules &rules)
{
    return Comparison(source, target, rules).run();
}

std::vector<Difference> unwaived(const std::vector<Difference> &differences, const QSet<QString> &waivers)
{
    std::vector<Difference> blocking;
    std::copy_if(
        differences.begin(), differences.end(), std::back_inserter(blocking), [&](const Difference &difference) {
            return difference.severity == Difference::Severity::Blocking && !waivers.contains(difference.key());
        });
    return blocking;
}

} // namespace tidemark
