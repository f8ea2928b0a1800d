// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/catalog/refreshable.h"
#include "core/pg/resultset.h"
#include "core/store/history.h"

#include <QHash>
#include <QSet>

#include <map>
#include <vector>

namespace tidemark {

/// What the materialized views of a database read, and how much of it changed since each was refreshed.
///
/// Rows are counted where they lie: a partitioned table, inheritance parent or hypertable is the sum of its leaves. The
/// counters of all leaves would cost too much each tick, so they are read in slices: those that moved lately every time,
/// the others in turn. Statistics arrive up to seconds late, so what is first read after a refresh for a leaf that was
/// last read before it belongs to the time before: changes may be told late, but a view is not called stale for rows that
/// it holds. The server also counts rows whose transaction was rolled back in the end, so a count may be too high. Lives on
/// its collector's thread.
class FreshnessSources
{
public:
    /// The base of a view's count.
    struct Base : SourceBase
    {
        Instant countedFrom; ///< readings of leaves last read before this belong to the base
        /// The refresh was noticed before what the view reads could be read again; of this transaction, else 0.
        quint32 openSince = 0;
        bool dirty = false;
    };
    struct Judgement
    {
        std::optional<qint64> changes;
        QString blindSpot;
    };

    // What the queries of resources/sql/freshness told.
    void setEdges(const pg::ResultSet &rows);
    /// Names, files and counters of relations and leaves.
    void setRelations(const pg::ResultSet &rows, Instant now);
    /// All leaves below all roots().
    void setLeaves(const pg::ResultSet &rows, Instant now);
    /// Whether what lies below the roots is no longer what setLeaves() knew.
    [[nodiscard]] bool leavesDiffer(const pg::ResultSet &ancestors) const;
    void setCounters(const pg::ResultSet &rows, Instant now);
    void setDefinitions(const pg::ResultSet &rows);

    /// All relations read by some view, apart from plain views.
    [[nodiscard]] std::vector<quint32> relations() const;
    /// Those that may have leaves below them.
    [[nodiscard]] std::vector<quint32> roots() const;
    /// The next leaves to count.
    [[nodiscard]] std::vector<quint32> slice();
    [[nodiscard]] std::vector<quint32> allLeaves() const { return m_order; }
    /// Views and materialized views whose definitions have not been looked into yet, a few at a time.
    [[nodiscard]] std::vector<quint32> unreadDefinitions(std::size_t most) const;
    [[nodiscard]] bool isView(quint32 oid) const { return m_views.contains(oid); }
    [[nodiscard]] bool isKnown(quint32 oid) const { return m_relations.contains(oid) || m_leaves.contains(oid); }
    /// The definition of a view may be another.
    void forgetDefinition(quint32 oid) { m_notes.remove(oid); }

    /// A view was refreshed: what is counted from now on, or since its marked start, is news to it.
    void rebase(quint32 view, Instant finishedAt, bool startIsMarked);
    /// What the view reads may have changed in the poll that saw its refresh, and is not read yet: the base of the
    /// refresh by this transaction is completed when it is.
    void awaitStructure(quint32 view, quint32 xid);
    void completeBases();
    /// A view is seen for the first time: what came before is not known, what comes is news.
    void begin(quint32 view, Instant now);
    /// A refresh began: what is counted from here on is not in it.
    void markStart(quint32 view);
    /// Continues from what an earlier start knew. What became of partitions in between is told by their files: no counter
    /// tells of a TRUNCATE.
    void restore(quint32 view, const SourceBase &known);
    void forget(quint32 view);
    /// The database's statistics were reset: what was counted before is lost.
    void countersWereReset();
    [[nodiscard]] bool hasBase(quint32 view) const { return m_bases.contains(view); }
    /// Bases that changed since the last call.
    [[nodiscard]] std::vector<std::pair<quint32, const Base *>> takeDirty();

    /// What a view's base was taken at is only probably a refresh, and not all was known to be in the view before it.
    void doubt(quint32 view);
    /// Changes since the refresh, and the reason why they are not the whole truth. `probable`: nothing has confirmed yet
    /// that it was one.
    [[nodiscard]] Judgement judge(quint32 view, bool probable) const;
    [[nodiscard]] const std::vector<quint32> &sourcesOf(quint32 view) const;
    [[nodiscard]] std::vector<SourceRelation> sourceRelations() const;

private:
    struct Relation
    {
        pg::QualifiedName name;
        char kind = 'r';
        quint32 fileNode = 0;
        qint64 modifications = 0; ///< sum over the leaves, as far as read
        std::vector<quint32> readBy;
        std::vector<quint32> leaves; ///< itself where it holds rows
        bool hasForeignLeaf = false;
    };
    struct Leaf
    {
        quint32 fileNode = 0;
        qint64 modifications = 0;
        std::optional<Instant> readAt;
        bool holdsUncounted = false; ///< rows that no counter knows of
        int heat = 0;                ///< readings for which it stays among those read every time
        std::vector<quint32> roots;
    };
    struct Edges
    {
        std::vector<quint32> sources;
        QHash<quint32, quint32> views; ///< each with the transaction that defined it last
    };

    void count(quint32 oid, Leaf &leaf, qint64 modifications, Instant now);
    /// Of its leaves with an oid up to that; nothing where it has none below it.
    [[nodiscard]] std::optional<LeafPrint> leafPrint(quint32 relation, quint32 newest) const;
    void markBlind(quint32 root, const QString &what);
    static void markBlind(Base &base, const QString &what);
    void dropLeaf(quint32 oid);
    void rebuildOrder();

    QHash<quint32, Edges> m_edges;   ///< by materialized view
    QHash<quint32, QString> m_views; ///< plain views between, with their names
    QHash<quint32, Relation> m_relations;
    QHash<quint32, Leaf> m_leaves;
    mutable QHash<QPair<quint32, quint32>, std::optional<LeafPrint>> m_prints; ///< by relation and highest oid asked
    std::vector<quint32> m_order;
    std::size_t m_next = 0;
    QSet<quint32> m_hot;
    QHash<quint32, QString>
        m_notes; ///< by view or materialized view: why its definition cannot be judged; empty: it can
    QHash<quint32, Base> m_bases;
    QHash<quint32, QHash<quint32, qint64>> m_starts;
};

} // namespace tidemark
