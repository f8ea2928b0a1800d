// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/catalog/refreshable.h"
#include "core/monitor/counterhistory.h"
#include "core/monitor/refreshorder.h"
#include "core/pg/resultset.h"
#include "core/store/history.h"

#include <QHash>
#include <QSet>

#include <functional>
#include <vector>

namespace tidemark {

/// What the materialized views of a database read, and how much of it changed since each was refreshed.
///
/// The rule by which a view is judged. The server counts rows that were inserted, updated and deleted, in each table, and
/// tells of them late: a session reports up to 12 s after its commit, and one that goes on in a long transaction or
/// statement (before 15: any that stays idle) only with its next report. The refresh's snapshot, which is what the view
/// shows, lies between the last look at which its transaction certainly held none (core/monitor/transactionlog.h) and its
/// commit. So:
/// - Stale: a counter of what it reads moved after the refresh had been seen and 12 s were over; or a materialized view
///   that it reads was refreshed after it.
/// - Cannot be judged, "around": a counter moved between the look before the refresh's snapshot and those 12 s. The
///   rows may be in the view or not, and that stays so until the next refresh.
/// - Cannot be judged: something happened since that look which no counter tells of (truncated, rewritten, dropped, detached,
///   defined anew, statistics reset, labels of an enum type); or the look is missing, for nobody watched; or the
///   definition gives other rows each time (volatile functions, TABLESAMPLE), ages by itself, or reads what is not counted.
/// - Fresh: nothing of all this. It is as fresh as what the sessions have reported.
/// Nothing but a refresh makes a view fresh again: counts of a base only grow.
///
/// What a nested materialized view holds is decided by the order of the refreshes (core/monitor/refreshorder.h) where that
/// is known, else by its counters, as for a table.
///
/// Rows are counted where they lie: a partitioned table, inheritance parent or hypertable is the sum of its leaves. The
/// counters of all leaves would cost too much each tick, so they are read in slices: those that moved lately every time,
/// the others in turn. A reading of a leaf that was last read before the refresh had settled counts as "around". The server
/// also counts rows whose transaction was rolled back in the end, so a count may be too high. Lives on its collector's
/// thread.
class FreshnessSources
{
public:
    /// The base of a view's count.
    struct Base : SourceBase
    {
        std::optional<qint64> look; ///< of this start, that is certainly older than the refresh
        bool dirty = false;
    };
    struct Judgement
    {
        std::optional<qint64> changes;
        QString blindSpot;
        bool isWhole = false; ///< all that came since the refresh is counted, or named by the blind spot
    };
    using OrderOf = std::function<RefreshOrder(quint32 source)>;

    /// What is read from here on is of this look of the transaction log, or of before it. Stamps rise.
    void beginReading(qint64 stamp) { m_stamp = stamp; }
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
    /// The server's counters of changed enum labels, functions and INHERIT; true where the last moved: leaves may be others.
    [[nodiscard]] bool setCatalogueChanges(qint64 enums, qint64 functions, qint64 inheritance);

    /// All relations read by some view, apart from plain views.
    [[nodiscard]] std::vector<quint32> relations() const;
    /// Those that may have leaves below them.
    [[nodiscard]] std::vector<quint32> roots() const;
    /// The next leaves to count.
    [[nodiscard]] std::vector<quint32> slice();
    /// Some relation came or went: the next slice is all, for dropped leaves must not wait for their turn.
    void askAllLeaves() { m_allAsked = true; }
    [[nodiscard]] std::vector<quint32> allLeaves() const { return m_order; }
    /// Views and materialized views whose definitions have not been looked into yet, a few at a time.
    [[nodiscard]] std::vector<quint32> unreadDefinitions(std::size_t most) const;
    [[nodiscard]] bool isView(quint32 oid) const { return m_views.contains(oid); }
    [[nodiscard]] bool isKnown(quint32 oid) const { return m_relations.contains(oid) || m_leaves.contains(oid); }
    /// The definition of a view may be another.
    void forgetDefinition(quint32 oid) { m_notes.remove(oid); }

    /// A view was refreshed, which left this version of its row, after the look of this stamp; nothing where no look of
    /// this start is certainly before it, and then what an earlier start read may stand in.
    void rebase(quint32 view, quint32 xmin, Instant committedBy, std::optional<qint64> before,
                const SourceBase *earlier);
    /// A view is seen for the first time: what came before is not known, what comes is news.
    void begin(quint32 view, Instant now);
    /// Continues from what an earlier start knew. What became of partitions in between is told by their files: no counter
    /// tells of a TRUNCATE.
    void restore(quint32 view, const SourceBase &known);
    void forget(quint32 view);
    /// Since when the server counts: what was counted before is lost, by a reset or a crash.
    void setCountedSince(std::optional<Instant> since);
    [[nodiscard]] bool hasBase(quint32 view) const { return m_bases.contains(view); }
    /// It is that of the refresh which left this version of the view's row.
    [[nodiscard]] bool hasBaseOf(quint32 view, quint32 xmin) const { return m_bases.value(view).ofXmin == xmin; }
    [[nodiscard]] std::optional<qint64> lookBefore(quint32 view) const { return m_bases.value(view).look; }
    /// What a nested view holds by this version of its row is in the view, whatever its traces will be later.
    void include(quint32 view, quint32 source, quint32 xmin);
    [[nodiscard]] bool includes(quint32 view, quint32 source, quint32 xmin) const;
    /// The counters of a view's sources at a look, to be kept for a later start.
    void keepReading(quint32 view, const SourceReading &look, qint64 stamp);
    /// Bases that changed since the last call.
    [[nodiscard]] std::vector<std::pair<quint32, const Base *>> takeDirty();

    /// What a view's base was taken at is only probably a refresh, and not all was known to be in the view before it.
    void doubt(quint32 view);
    /// The same where nothing that comes later can confirm it.
    void distrust(quint32 view);
    /// Changes since the refresh, and the reason why they are not the whole truth. `probable`: nothing has confirmed yet
    /// that it was one.
    [[nodiscard]] Judgement judge(quint32 view, bool probable = false, const OrderOf &orderOf = {}) const;
    [[nodiscard]] const std::vector<quint32> &sourcesOf(quint32 view) const;
    [[nodiscard]] std::vector<SourceRelation> sourceRelations() const;

private:
    struct Relation
    {
        pg::QualifiedName name;
        char kind = 'r';
        quint32 fileNode = 0;
        qint64 modifications = 0; ///< sum over the leaves, as far as read
        CounterHistory history;
        QString event; ///< the last that no counter tells of
        qint64 eventStamp = -1;
        qint64 fileStamp = -1; ///< when its file was last found to be another
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

    struct Note
    {
        QString whyNot; ///< why its definition cannot be judged; empty: it can
        bool readsEnum = false;
        bool callsFunctions = false;
    };

    void count(quint32 oid, Leaf &leaf, qint64 modifications, Instant now);
    /// Of its leaves with an oid up to that; nothing where it has none below it.
    [[nodiscard]] std::optional<LeafPrint> leafPrint(quint32 relation, quint32 newest) const;
    void noteEvent(Relation &relation, const QString &what) const;
    void markBlind(quint32 root, const QString &what);
    static void markBlind(Base &base, const QString &what);
    /// Why files and partitions are not those of now.
    [[nodiscard]] QString structureChange(const SourceState &base, bool filesToo) const;
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
    QHash<quint32, Note> m_notes; ///< by view or materialized view
    QHash<quint32, Base> m_bases;
    QHash<quint32, qint64> m_redefinedBy; ///< plain views: the look by which another definition was found
    CounterHistory m_enumChanges;
    CounterHistory m_functionChanges;
    std::optional<qint64> m_inheritanceChanges;
    std::optional<Instant> m_countedSince;
    qint64 m_resetStamp = -1; ///< of the look that found that to be another
    qint64 m_stamp = 0;
    bool m_allAsked = false;
};

} // namespace tidemark
