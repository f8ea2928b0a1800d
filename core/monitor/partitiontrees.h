// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/catalog/partitionbound.h"
#include "core/monitor/collector.h"

#include <QHash>
#include <QSet>

#include <deque>
#include <vector>

namespace tidemark {

/// The structure of native partitioned tables and inheritance trees of one database: read whole once, then by what the
/// relation feed and the counters of pg_inherits tell. Chunks are not among them. Part of the partition collector; same
/// thread.
class PartitionTrees
{
public:
    /// Parents that are somebody else's, by oid: hypertables.
    void setForeignParents(QSet<quint32> parents) { m_foreignParents = std::move(parents); }

    [[nodiscard]] std::vector<TickQuery> plan(const TickContext &context);
    [[nodiscard]] std::vector<TickQuery> followUp(const TickContext &context);
    void sessionLost();

    /// Whether relations came or went since the last call.
    [[nodiscard]] bool takeRelationsChanged() { return std::exchange(m_relationsChanged, false); }
    /// Every relation of every tree, roots included.
    [[nodiscard]] std::vector<quint32> relations() const;
    [[nodiscard]] std::vector<quint32> roots() const;
    /// Relations whose structure changed since the last call.
    [[nodiscard]] QSet<quint32> takeChanged() { return std::exchange(m_changed, {}); }
    [[nodiscard]] QSet<quint32> rootsOf(const QSet<quint32> &relations) const;
    /// A tree without estimates and not rolled up.
    [[nodiscard]] PartitionedTable build(quint32 root) const;
    [[nodiscard]] const std::optional<Error> &error() const { return m_error; }

private:
    struct Child
    {
        Partition partition;
        QString bound;
        char kind = 'r';
        bool areChecksRead = false;
        std::vector<quint32> parents;
        std::vector<std::pair<CheckRange, QString>> checks;
    };
    struct Parent
    {
        pg::QualifiedName name;
        char kind = 'p';
        PartitionStrategy strategy = PartitionStrategy::None;
        BoundUnit unit = BoundUnit::Text;
        QStringList keyColumns; ///< null strings are expressions
        QStringList keyExpressions;
        bool hasExpressions = false;
        std::vector<BoundUnit> otherUnits; ///< of the key columns after the first
        bool isKnown = false;              ///< its own row was read
        QHash<quint32, bool> members; ///< all inheriting relations as the server counts them; value: detach pending
    };

    [[nodiscard]] TickQuery askParents(const std::optional<std::vector<quint32>> &oids);
    [[nodiscard]] TickQuery askChildren(const std::optional<std::vector<quint32>> &oids);
    [[nodiscard]] TickQuery askMembership();
    /// Adds the next few to `queries`, where any are wanted.
    void askExpressions(std::vector<TickQuery> &queries, std::size_t atMost);
    [[nodiscard]] TickQuery askExpressionsOf(const QSet<quint32> &oids);
    [[nodiscard]] bool isOfForeignParents(quint32 oid) const;
    void absorbParents(const pg::ResultSet &rows);
    void absorbChildren(const pg::ResultSet &rows, const std::optional<std::vector<quint32>> &asked);
    void absorbMembership(const pg::ResultSet &rows);
    void absorbPulse(const pg::ResultSet &rows);
    void absorbExpressions(const Result<pg::ResultSet> &rows, const QSet<quint32> &asked);
    [[nodiscard]] TickQuery query(const QString &id, pg::Params params,
                                  std::function<void(const pg::ResultSet &)> absorb);

    void addMember(quint32 parent, quint32 child, bool pending);
    void dropMember(quint32 parent, quint32 child);
    void markChild(quint32 child, bool pending);
    void dropParent(quint32 parent);
    void wantExpressions(quint32 oid);
    /// Reads the bound once the parent's key is known.
    void readBound(quint32 oid);
    /// Builds one tree (partitiontreebuild.cpp).
    struct Walk;
    void addBelow(quint32 parentOid, const Parent &parent, int level, Walk &walk) const;
    /// A range on the column on which most children of an inheritance parent have one.
    [[nodiscard]] std::optional<CheckRange> checkedKey(const Parent &parent) const;
    [[nodiscard]] static QString keyText(const Parent &parent);

    QHash<quint32, Child> m_children;
    QHash<quint32, Parent> m_parents;
    QSet<quint32> m_foreignParents;
    QSet<quint32> m_changed;
    QSet<quint32> m_wantedParents;
    QSet<quint32> m_wantedChildren;
    std::deque<quint32> m_wantedExpressions;  ///< asked for many at once
    std::deque<quint32> m_suspectExpressions; ///< one of these was locked: asked one by one
    std::deque<quint32> m_lockedExpressions;  ///< asked again after a pause
    int m_expressionPause = 0;                ///< ticks to leave locked tables alone
    bool m_checkMembership = false;
    bool m_reload = false;
    bool m_relationsChanged = false;
    std::optional<qint64> m_inherits;
    std::optional<qint64> m_namespaces;
    std::optional<Error> m_error;
};

} // namespace tidemark
