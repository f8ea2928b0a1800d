// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/partitiontrees.h"

#include <algorithm>

namespace tidemark {

namespace {

constexpr std::size_t firstExpressions = 200; // of one tick; each opens a table, about 30 µs
constexpr std::size_t mostExpressions = 50;
constexpr std::size_t mostSuspects = 16;
constexpr int pauseAfterLock = 15;
// Beyond this many changed relations one whole reading is cheaper than looking each up.
constexpr std::size_t mostChanged = 1'000;
constexpr qint64 ticksBetweenChecks = 30;

PartitionStrategy strategyOf(const QByteArray &letter)
{
    if (letter == "r")
        return PartitionStrategy::Range;
    if (letter == "l")
        return PartitionStrategy::List;
    return letter == "h" ? PartitionStrategy::Hash : PartitionStrategy::None;
}

/// What an expression key counts is told by nothing but the bounds themselves.
BoundUnit unitFromBound(const QString &bound)
{
    Partition partition;
    for (const BoundUnit unit : {BoundUnit::Integer, BoundUnit::Time}) {
        parseBound(bound, unit, partition);
        if (partition.from.axis || partition.to.axis)
            return unit;
    }
    return BoundUnit::Text;
}

std::vector<quint32> toVector(const QSet<quint32> &set)
{
    return {set.begin(), set.end()};
}

pg::Param paramOf(const std::optional<std::vector<quint32>> &oids)
{
    return oids ? pg::Param::array(*oids) : pg::Param(nullptr);
}

} // namespace

TickQuery PartitionTrees::query(const QString &id, pg::Params params, std::function<void(const pg::ResultSet &)> absorb)
{
    return {id, std::move(params), [this, absorb = std::move(absorb)](const Result<pg::ResultSet> &rows) {
                if (rows)
                    absorb(*rows);
                else
                    m_error = rows.error().within(QStringLiteral("reading partitions"));
            }};
}

TickQuery PartitionTrees::askParents(const std::optional<std::vector<quint32>> &oids)
{
    return query(QStringLiteral("partitions/parents"), {paramOf(oids)}, [this, all = !oids](const pg::ResultSet &rows) {
        if (all)
            m_parents.clear();
        absorbParents(rows);
    });
}

TickQuery PartitionTrees::askChildren(const std::optional<std::vector<quint32>> &oids)
{
    return query(QStringLiteral("partitions/children"), {paramOf(oids)},
                 [this, oids](const pg::ResultSet &rows) { absorbChildren(rows, oids); });
}

TickQuery PartitionTrees::askMembership()
{
    std::vector<quint32> parents;
    std::vector<qint64> counts;
    std::vector<qint64> sums;
    for (auto parent = m_parents.cbegin(); parent != m_parents.cend(); ++parent) {
        if (m_foreignParents.contains(parent.key()))
            continue;
        qint64 sum = 0;
        for (auto member = parent->members.cbegin(); member != parent->members.cend(); ++member)
            sum += static_cast<qint64>(member.key()) * (member.value() ? 3 : 1);
        parents.push_back(parent.key());
        counts.push_back(parent->members.size());
        sums.push_back(sum);
    }
    return query(QStringLiteral("partitions/membership"),
                 {pg::Param::array(parents), pg::Param::array(counts), pg::Param::array(sums),
                  pg::Param::array(toVector(m_foreignParents))},
                 [this](const pg::ResultSet &rows) { absorbMembership(rows); });
}

TickQuery PartitionTrees::askExpressionsOf(const QSet<quint32> &oids)
{
    return {QStringLiteral("partitions/expressions"),
            {pg::Param::array(toVector(oids))},
            [this, oids](const Result<pg::ResultSet> &rows) { absorbExpressions(rows, oids); }};
}

bool PartitionTrees::isOfForeignParents(quint32 oid) const
{
    const auto child = m_children.constFind(oid);
    return child != m_children.cend()
           && std::all_of(child->parents.begin(), child->parents.end(),
                          [this](quint32 parent) { return m_foreignParents.contains(parent); });
}

void PartitionTrees::askExpressions(std::vector<TickQuery> &queries, std::size_t atMost)
{
    if (!m_lockedExpressions.empty() && --m_expressionPause <= 0) {
        m_suspectExpressions.insert(m_suspectExpressions.end(), m_lockedExpressions.begin(), m_lockedExpressions.end());
        m_lockedExpressions.clear();
    }
    QSet<quint32> asked;
    for (; !m_wantedExpressions.empty() && asked.size() < static_cast<qsizetype>(atMost);
         m_wantedExpressions.pop_front()) {
        if (!isOfForeignParents(m_wantedExpressions.front()))
            asked.insert(m_wantedExpressions.front());
    }
    if (!asked.isEmpty())
        queries.push_back(askExpressionsOf(asked));
    for (std::size_t i = 0; i < mostSuspects && !m_suspectExpressions.empty(); ++i) {
        queries.push_back(askExpressionsOf({m_suspectExpressions.front()}));
        m_suspectExpressions.pop_front();
    }
}

std::vector<TickQuery> PartitionTrees::plan(const TickContext &context)
{
    m_error.reset();
    std::vector<TickQuery> queries;
    queries.push_back(
        query(QStringLiteral("partitions/pulse"), {}, [this](const pg::ResultSet &rows) { absorbPulse(rows); }));
    if (context.first || std::exchange(m_reload, false)) {
        m_wantedParents.clear();
        m_wantedChildren.clear();
        m_wantedExpressions.clear();
        m_checkMembership = false;
        m_suspectExpressions.clear();
        m_lockedExpressions.clear();
        queries.push_back(askParents(std::nullopt));
        queries.push_back(askChildren(std::nullopt));
        return queries;
    }
    if (std::exchange(m_checkMembership, false) || context.number % ticksBetweenChecks == ticksBetweenChecks - 1)
        queries.push_back(askMembership());
    askExpressions(queries, mostExpressions);
    return queries;
}

std::vector<TickQuery> PartitionTrees::followUp(const TickContext &context)
{
    std::vector<TickQuery> queries;
    QSet<quint32> parents = std::exchange(m_wantedParents, {});
    QSet<quint32> children = std::exchange(m_wantedChildren, {});
    if (!context.first && context.feed) {
        if (context.feed->changed.size() > mostChanged) {
            m_reload = true;
        } else {
            for (const quint32 oid : context.feed->changed) {
                parents.insert(oid);
                children.insert(oid);
            }
        }
        m_checkMembership = m_checkMembership || context.feed->relationsChanged;
    }
    if (!parents.isEmpty())
        queries.push_back(askParents(toVector(parents)));
    if (!children.isEmpty())
        queries.push_back(askChildren(toVector(children)));
    if (context.first)
        askExpressions(queries, firstExpressions);
    return queries;
}

void PartitionTrees::sessionLost()
{
    m_inherits.reset();
    m_namespaces.reset();
}

void PartitionTrees::absorbPulse(const pg::ResultSet &rows)
{
    const qint64 inherits = rows.int64(0, rows.column("inherits"));
    const qint64 namespaces = rows.int64(0, rows.column("namespaces"));
    if (m_inherits && *m_inherits != inherits)
        m_checkMembership = true;
    if (m_namespaces && *m_namespaces != namespaces)
        m_reload = true;
    m_inherits = inherits;
    m_namespaces = namespaces;
}

void PartitionTrees::absorbParents(const pg::ResultSet &rows)
{
    const auto relid = rows.column("relid");
    const auto schema = rows.column("schema");
    const auto name = rows.column("name");
    const auto kind = rows.column("kind");
    const auto strategy = rows.column("strategy");
    const auto columns = rows.column("key_columns");
    const auto types = rows.column("key_types");
    const auto expressions = rows.column("has_expressions");
    for (int row = 0; row < rows.rowCount(); ++row) {
        const quint32 oid = rows.oid(row, relid);
        const char letter = rows.bytes(row, kind).at(0);
        const bool isNew = !m_parents.contains(oid);
        if (isNew && letter != 'p')
            continue; // any table that changed: a parent only once somebody inherits from it
        Parent &parent = m_parents[oid];
        parent.name = {rows.text(row, schema), rows.text(row, name)};
        parent.kind = letter;
        parent.strategy = strategyOf(rows.bytes(row, strategy));
        parent.keyColumns = rows.texts(row, columns);
        const QStringList typeNames = rows.texts(row, types);
        parent.hasExpressions = rows.boolean(row, expressions);
        if (!typeNames.isEmpty() && !typeNames.front().isNull())
            parent.unit = boundUnitOf(typeNames.front());
        parent.otherUnits.clear();
        for (const QString &type : typeNames.mid(1))
            parent.otherUnits.push_back(boundUnitOf(type));
        parent.isKnown = true;
        if (parent.hasExpressions)
            wantExpressions(oid);
        for (auto member = parent.members.cbegin(); member != parent.members.cend(); ++member)
            readBound(member.key());
        m_changed.insert(oid);
        m_relationsChanged = m_relationsChanged || isNew;
    }
}

void PartitionTrees::absorbChildren(const pg::ResultSet &rows, const std::optional<std::vector<quint32>> &asked)
{
    if (asked) {
        for (const quint32 oid : *asked) {
            const auto child = m_children.constFind(oid);
            if (child == m_children.cend())
                continue;
            const std::vector<quint32> parents = child->parents;
            for (const quint32 parent : parents)
                dropMember(parent, oid);
        }
    } else {
        m_children.clear();
        for (Parent &parent : m_parents)
            parent.members.clear();
        m_relationsChanged = true;
    }

    const auto parentColumn = rows.column("parent");
    const auto relid = rows.column("relid");
    const auto schema = rows.column("schema");
    const auto name = rows.column("name");
    const auto kind = rows.column("kind");
    const auto pending = rows.column("detach_pending");
    const auto bound = rows.column("bound");
    m_children.reserve(rows.rowCount());
    for (int row = 0; row < rows.rowCount(); ++row) {
        const quint32 parent = rows.oid(row, parentColumn);
        const quint32 oid = rows.oid(row, relid);
        if (m_foreignParents.contains(parent))
            continue;
        Child &child = m_children[oid];
        child.kind = rows.bytes(row, kind).at(0);
        child.bound = rows.text(row, bound);
        Partition &partition = child.partition;
        partition.oid = oid;
        partition.name = {rows.text(row, schema), rows.text(row, name)};
        partition.isForeign = child.kind == 'f';
        addMember(parent, oid, rows.boolean(row, pending));
        if (child.bound.isNull())
            wantExpressions(oid);
        else
            readBound(oid);
        m_changed.insert(oid);
    }
    if (asked) {
        for (const quint32 oid : *asked) {
            const auto child = m_children.constFind(oid);
            if (child != m_children.cend() && child->parents.empty())
                m_children.erase(child);
        }
    }
}

void PartitionTrees::absorbMembership(const pg::ResultSet &rows)
{
    const auto parentColumn = rows.column("parent");
    const auto isThere = rows.column("is_there");
    const auto membersColumn = rows.column("members");
    const auto pendingColumn = rows.column("pending");
    for (int row = 0; row < rows.rowCount(); ++row) {
        const quint32 oid = rows.oid(row, parentColumn);
        if (!rows.boolean(row, isThere)) {
            dropParent(oid);
            continue;
        }
        QHash<quint32, bool> members;
        for (const qint64 member : rows.int64s(row, membersColumn))
            members.insert(static_cast<quint32>(member), false);
        for (const qint64 member : rows.int64s(row, pendingColumn))
            members.insert(static_cast<quint32>(member), true);
        const QHash<quint32, bool> before = m_parents.value(oid).members;
        for (auto member = before.cbegin(); member != before.cend(); ++member) {
            if (members.contains(member.key()))
                continue;
            dropMember(oid, member.key());
            const auto child = m_children.constFind(member.key());
            if (child != m_children.cend() && child->parents.empty())
                m_children.erase(child);
        }
        for (auto member = members.cbegin(); member != members.cend(); ++member) {
            if (!m_children.contains(member.key()))
                m_wantedChildren.insert(member.key());
            addMember(oid, member.key(), member.value());
        }
    }
}

void PartitionTrees::absorbExpressions(const Result<pg::ResultSet> &rows, const QSet<quint32> &asked)
{
    if (!rows) {
        auto &again = asked.size() == 1 ? m_lockedExpressions : m_suspectExpressions;
        again.insert(again.end(), asked.begin(), asked.end());
        m_expressionPause = pauseAfterLock;
        if (rows.error().kind != ErrorKind::LockTimeout)
            m_error = rows.error().within(QStringLiteral("reading partition keys"));
        return;
    }
    for (const quint32 oid : asked) {
        if (const auto child = m_children.find(oid); child != m_children.end()) {
            child->checks.clear();
            child->areChecksRead = true;
        }
        m_changed.insert(oid);
    }
    const auto relid = rows->column("relid");
    const auto isKey = rows->column("is_key");
    const auto expression = rows->column("expression");
    for (int row = 0; row < rows->rowCount(); ++row) {
        const quint32 oid = rows->oid(row, relid);
        const QString text = rows->text(row, expression);
        if (rows->boolean(row, isKey)) {
            if (const auto parent = m_parents.find(oid); parent != m_parents.end())
                parent->keyExpressions = splitExpressions(text);
        } else if (const auto child = m_children.find(oid); child != m_children.end()) {
            if (const auto range = parseCheck(text))
                child->checks.emplace_back(*range, text);
        }
    }
}

void PartitionTrees::addMember(quint32 parentOid, quint32 childOid, bool pending)
{
    Parent &parent = m_parents[parentOid];
    if (!parent.isKnown)
        m_wantedParents.insert(parentOid);
    parent.members.insert(childOid, pending);
    const auto child = m_children.find(childOid);
    if (child == m_children.end())
        return;
    if (std::find(child->parents.begin(), child->parents.end(), parentOid) == child->parents.end()) {
        child->parents.push_back(parentOid);
        m_relationsChanged = true;
    }
    if (child->partition.detachPending != pending)
        m_changed.insert(childOid);
    child->partition.detachPending = pending;
}

void PartitionTrees::dropMember(quint32 parentOid, quint32 childOid)
{
    const auto parent = m_parents.find(parentOid);
    if (parent != m_parents.end()) {
        parent->members.remove(childOid);
        m_changed.insert(parentOid);
    }
    if (const auto child = m_children.find(childOid); child != m_children.end())
        std::erase(child->parents, parentOid);
    m_relationsChanged = true;
}

void PartitionTrees::dropParent(quint32 oid)
{
    const QHash<quint32, bool> members = m_parents.value(oid).members;
    for (auto member = members.cbegin(); member != members.cend(); ++member) {
        dropMember(oid, member.key());
        const auto child = m_children.constFind(member.key());
        if (child != m_children.cend() && child->parents.empty())
            m_children.erase(child);
    }
    m_changed.unite(rootsOf({oid}));
    m_parents.remove(oid);
    m_relationsChanged = true;
}

void PartitionTrees::wantExpressions(quint32 oid)
{
    m_wantedExpressions.push_back(oid);
}

void PartitionTrees::readBound(quint32 oid)
{
    const auto child = m_children.find(oid);
    if (child == m_children.end() || child->bound.isNull() || child->parents.empty())
        return;
    const auto parent = m_parents.find(child->parents.front());
    if (parent == m_parents.end() || !parent->isKnown)
        return;
    const bool keyIsExpression = !parent->keyColumns.isEmpty() && parent->keyColumns.front().isNull();
    if (keyIsExpression && parent->strategy == PartitionStrategy::Range && parent->unit == BoundUnit::Text)
        parent->unit = unitFromBound(child->bound);
    parseBound(child->bound, parent->unit, child->partition, parent->otherUnits);
}

} // namespace tidemark
