// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/partitiontrees.h"

#include <QCoreApplication>

namespace tidemark {

namespace {

QString rangeText(const CheckRange &key)
{
    return QStringLiteral("RANGE (") + pg::QualifiedName{{}, key.column}.display() + QLatin1Char(')');
}

} // namespace

struct PartitionTrees::Walk
{
    PartitionedTable table;
    QSet<quint32> seen;
    int unread = 0;
};

std::vector<quint32> PartitionTrees::roots() const
{
    std::vector<quint32> found;
    for (auto parent = m_parents.cbegin(); parent != m_parents.cend(); ++parent) {
        const bool isTree = parent->kind == 'p' || !parent->members.isEmpty();
        if (isTree && parent->isKnown && !m_children.contains(parent.key()) && !m_foreignParents.contains(parent.key()))
            found.push_back(parent.key());
    }
    return found;
}

std::vector<quint32> PartitionTrees::relations() const
{
    std::vector<quint32> found;
    found.reserve(static_cast<std::size_t>(m_children.size()));
    QSet<quint32> seen;
    std::vector<quint32> open = roots();
    while (!open.empty()) {
        const quint32 oid = open.back();
        open.pop_back();
        if (seen.contains(oid))
            continue;
        seen.insert(oid);
        found.push_back(oid);
        const auto parent = m_parents.constFind(oid);
        if (parent == m_parents.cend())
            continue;
        for (auto member = parent->members.cbegin(); member != parent->members.cend(); ++member) {
            if (m_children.contains(member.key()))
                open.push_back(member.key());
        }
    }
    return found;
}

QSet<quint32> PartitionTrees::rootsOf(const QSet<quint32> &relations) const
{
    QSet<quint32> found;
    QSet<quint32> seen;
    std::vector<quint32> open(relations.begin(), relations.end());
    while (!open.empty()) {
        const quint32 oid = open.back();
        open.pop_back();
        if (seen.contains(oid))
            continue;
        seen.insert(oid);
        const auto child = m_children.constFind(oid);
        if (child == m_children.cend())
            found.insert(oid);
        else
            open.insert(open.end(), child->parents.begin(), child->parents.end());
    }
    return found;
}

std::optional<CheckRange> PartitionTrees::checkedKey(const Parent &parent) const
{
    QHash<QString, std::pair<int, CheckRange>> votes;
    for (auto member = parent.members.cbegin(); member != parent.members.cend(); ++member) {
        const auto child = m_children.constFind(member.key());
        if (child == m_children.cend())
            continue;
        for (const auto &[range, text] : child->checks) {
            auto &vote = votes[range.column];
            ++vote.first;
            vote.second = range;
        }
    }
    std::optional<CheckRange> key;
    int most = 0;
    for (const auto &[count, range] : std::as_const(votes)) {
        if (count > most || (count == most && range.column < key->column)) {
            most = count;
            key = range;
        }
    }
    return key;
}

QString PartitionTrees::keyText(const Parent &parent)
{
    QStringList parts;
    qsizetype expression = 0;
    for (const QString &column : parent.keyColumns) {
        if (!column.isNull())
            parts << pg::QualifiedName{{}, column}.display();
        else if (expression < parent.keyExpressions.size())
            parts << QLatin1Char('(') + parent.keyExpressions.at(expression++) + QLatin1Char(')');
        else
            parts << QCoreApplication::translate("PartitionTrees", "(expression)");
    }
    return toWord(parent.strategy).toUpper() + QStringLiteral(" (") + parts.join(QStringLiteral(", "))
           + QLatin1Char(')');
}

void PartitionTrees::addBelow(quint32 parentOid, const Parent &parent, int level, Walk &walk) const
{
    const bool byChecks = parent.kind != 'p';
    const std::optional<CheckRange> key = byChecks ? checkedKey(parent) : std::nullopt;
    for (auto member = parent.members.cbegin(); member != parent.members.cend(); ++member) {
        const auto child = m_children.constFind(member.key());
        // A table that inherits on two ways stands, and counts, once.
        if (child == m_children.cend() || walk.seen.contains(member.key()))
            continue;
        walk.seen.insert(member.key());
        Partition partition = child->partition;
        partition.parentOid = parentOid;
        partition.level = level;
        if (byChecks) {
            walk.unread += child->areChecksRead ? 0 : 1;
            for (const auto &[range, text] : child->checks) {
                if (range.column != key->column)
                    continue;
                partition.from = range.from;
                partition.to = range.to;
                partition.boundText = QStringLiteral("CHECK ") + text;
            }
        }
        const auto own = m_parents.constFind(member.key());
        const bool hasOwn = own != m_parents.cend() && (own->kind == 'p' || !own->members.isEmpty());
        partition.isLeaf = !hasOwn;
        if (hasOwn) {
            partition.strategy = own->strategy;
            partition.unit = own->unit;
            partition.keyText = own->kind == 'p' ? keyText(*own) : QString();
            if (const auto ownKey = own->kind == 'p' ? std::nullopt : checkedKey(*own)) {
                partition.strategy = PartitionStrategy::Range;
                partition.unit = ownKey->unit;
                partition.keyText = rangeText(*ownKey);
            }
        }
        walk.table.partitions.push_back(std::move(partition));
        if (hasOwn)
            addBelow(member.key(), *own, level + 1, walk);
    }
}

PartitionedTable PartitionTrees::build(quint32 root) const
{
    Walk walk;
    PartitionedTable &table = walk.table;
    const auto parent = m_parents.constFind(root);
    if (parent == m_parents.cend())
        return table;
    table.oid = root;
    table.name = parent->name;
    table.kind = parent->kind == 'p' ? PartitioningKind::Native : PartitioningKind::Inheritance;
    table.partitions.reserve(static_cast<std::size_t>(parent->members.size()));
    walk.seen.insert(root);
    addBelow(root, *parent, 1, walk);
    if (parent->kind == 'p') {
        table.strategy = parent->strategy;
        table.unit = parent->unit;
        table.keyText = keyText(*parent);
    } else if (const auto key = checkedKey(*parent)) {
        table.strategy = PartitionStrategy::Range;
        table.unit = key->unit;
        table.keyText = rangeText(*key);
    }
    if (walk.unread > 0) {
        table.problem = QCoreApplication::translate("PartitionTrees",
                                                    "The CHECK constraints of %1 of %2 tables are not read yet.")
                            .arg(walk.unread)
                            .arg(table.partitions.size());
    }
    return table;
}

} // namespace tidemark
