// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/freshnesssources.h"

#include <QCoreApplication>

#include <algorithm>
#include <limits>
#include <utility>

namespace tidemark {

namespace {

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(Freshness)
};

constexpr std::size_t mostHot = 300;
constexpr std::size_t mostInTurn = 300;
constexpr int hotFor = 15;
// Until then counters of before the refresh may still come in: a busy backend reports once a second, and a poll follows.
constexpr Millis lateReports{1'500};

std::vector<quint32> toOids(const std::vector<qint64> &numbers)
{
    return {numbers.begin(), numbers.end()};
}

/// Kept in the store, so it must be the same in every build.
quint32 mixed(quint32 oid, quint32 fileNode)
{
    quint64 bits = (static_cast<quint64>(oid) << 32 | fileNode) * 0x9e3779b97f4a7c15ULL;
    bits = (bits ^ (bits >> 29)) * 0xbf58476d1ce4e5b9ULL;
    return static_cast<quint32>(bits >> 32);
}

bool contains(const std::vector<quint32> &oids, quint32 oid)
{
    return std::find(oids.begin(), oids.end(), oid) != oids.end();
}

} // namespace

void FreshnessSources::setEdges(const pg::ResultSet &rows)
{
    const auto oid = rows.column("oid");
    const auto sources = rows.column("sources");
    const auto views = rows.column("views");
    const auto viewNames = rows.column("view_names");
    const auto definitions = rows.column("definitions");
    m_edges.clear();
    m_views.clear();
    for (auto &relation : m_relations)
        relation.readBy.clear();
    for (int row = 0; row < rows.rowCount(); ++row) {
        const quint32 view = rows.oid(row, oid);
        Edges &edges = m_edges[view];
        edges.sources = toOids(rows.int64s(row, sources));
        const std::vector<quint32> between = toOids(rows.int64s(row, views));
        const std::vector<quint32> definedBy = toOids(rows.int64s(row, definitions));
        const QStringList names = rows.texts(row, viewNames);
        for (std::size_t i = 0; i < between.size(); ++i) {
            edges.views.insert(between[i], definedBy.at(i));
            m_views.insert(between[i], names.at(static_cast<qsizetype>(i)));
        }
        std::sort(edges.sources.begin(), edges.sources.end());
        for (const quint32 source : edges.sources)
            m_relations[source].readBy.push_back(view);
    }
    for (auto relation = m_relations.begin(); relation != m_relations.end();) {
        if (!relation->readBy.empty()) {
            ++relation;
            continue;
        }
        for (const quint32 leaf : relation->leaves) {
            auto &roots = m_leaves[leaf].roots;
            roots.erase(std::remove(roots.begin(), roots.end(), relation.key()), roots.end());
            if (roots.empty())
                m_leaves.remove(leaf);
        }
        relation = m_relations.erase(relation);
    }
    rebuildOrder();
}

void FreshnessSources::setRelations(const pg::ResultSet &rows, Instant now)
{
    const auto oid = rows.column("oid");
    const auto schema = rows.column("schema");
    const auto name = rows.column("name");
    const auto kind = rows.column("relkind");
    const auto fileNode = rows.column("relfilenode");
    for (int row = 0; row < rows.rowCount(); ++row) {
        const quint32 id = rows.oid(row, oid);
        const quint32 file = rows.oid(row, fileNode);
        if (const auto leaf = m_leaves.find(id); leaf != m_leaves.end() && leaf->fileNode != file) {
            for (const quint32 root : leaf->roots) {
                const Relation &relation = m_relations[root];
                if (root != id && leaf->fileNode != 0)
                    markBlind(root,
                              Words::tr("a partition of %1 was truncated or rewritten").arg(relation.name.display()));
            }
            leaf->fileNode = file;
        }
        const auto known = m_relations.find(id);
        if (known == m_relations.end())
            continue;
        known->name = {rows.text(row, schema), rows.text(row, name)};
        known->kind = rows.bytes(row, kind).at(0);
        known->fileNode = file;
        if (known->leaves.empty() && (known->kind == 'r' || known->kind == 'm')) {
            known->leaves.push_back(id);
            Leaf &leaf = m_leaves[id];
            leaf.fileNode = file;
            if (!contains(leaf.roots, id))
                leaf.roots.push_back(id);
        }
    }
    rebuildOrder();
    setCounters(rows, now);
}

void FreshnessSources::setLeaves(const pg::ResultSet &rows, Instant now)
{
    const auto rootColumn = rows.column("root");
    const auto oid = rows.column("oid");
    const auto kind = rows.column("relkind");
    const auto fileNode = rows.column("relfilenode");
    const auto modifications = rows.column("modifications");
    const auto hasRows = rows.column("has_rows");
    QHash<quint32, std::vector<quint32>> found;
    QSet<quint32> truncated;
    for (Relation &relation : m_relations)
        relation.hasForeignLeaf = false;
    for (int row = 0; row < rows.rowCount(); ++row) {
        const quint32 root = rows.oid(row, rootColumn);
        const auto relation = m_relations.find(root);
        if (relation == m_relations.end())
            continue;
        const quint32 id = rows.oid(row, oid);
        if (rows.bytes(row, kind) == "f") {
            relation->hasForeignLeaf = true;
            continue;
        }
        found[root].push_back(id);
        Leaf &leaf = m_leaves[id];
        const quint32 before = std::exchange(leaf.fileNode, rows.oid(row, fileNode));
        if (before != 0 && before != leaf.fileNode)
            truncated.insert(id);
        if (truncated.contains(id))
            markBlind(root, Words::tr("a partition of %1 was truncated or rewritten").arg(relation->name.display()));
        if (!contains(leaf.roots, root)) {
            leaf.holdsUncounted = rows.boolean(row, hasRows) && rows.int64(row, modifications) == 0;
            if (leaf.holdsUncounted)
                markBlind(root, Words::tr("a partition with rows was attached to %1").arg(relation->name.display()));
            leaf.roots.push_back(root);
            relation->leaves.push_back(id);
            relation->modifications += leaf.modifications;
        }
    }
    for (auto relation = m_relations.begin(); relation != m_relations.end(); ++relation) {
        const std::vector<quint32> before = relation->leaves;
        std::vector<quint32> now = found.value(relation.key());
        std::sort(now.begin(), now.end());
        for (const quint32 leaf : before) {
            if (leaf != relation.key() && !std::binary_search(now.begin(), now.end(), leaf))
                dropLeaf(leaf);
        }
    }
    rebuildOrder();
    setCounters(rows, now);
}

bool FreshnessSources::leavesDiffer(const pg::ResultSet &ancestors) const
{
    const auto oid = ancestors.column("oid");
    const auto above = ancestors.column("ancestors");
    for (int row = 0; row < ancestors.rowCount(); ++row) {
        const quint32 id = ancestors.oid(row, oid);
        std::vector<quint32> roots;
        for (const quint32 ancestor : toOids(ancestors.int64s(row, above))) {
            if (m_relations.contains(ancestor))
                roots.push_back(ancestor);
        }
        std::vector<quint32> known;
        if (const auto leaf = m_leaves.constFind(id); leaf != m_leaves.cend()) {
            known = leaf->roots;
            known.erase(std::remove(known.begin(), known.end(), id), known.end());
        }
        std::sort(roots.begin(), roots.end());
        std::sort(known.begin(), known.end());
        if (roots != known)
            return true;
    }
    return false;
}

void FreshnessSources::setCounters(const pg::ResultSet &rows, Instant now)
{
    const auto oid = rows.column("oid");
    const auto modifications = rows.column("modifications");
    for (int row = 0; row < rows.rowCount(); ++row) {
        const quint32 id = rows.oid(row, oid);
        const auto leaf = m_leaves.find(id);
        if (leaf == m_leaves.end())
            continue;
        if (rows.isNull(row, modifications))
            dropLeaf(id);
        else
            count(id, *leaf, rows.int64(row, modifications), now);
    }
}

void FreshnessSources::count(quint32 oid, Leaf &leaf, qint64 modifications, Instant now)
{
    const qint64 delta = modifications - leaf.modifications;
    const auto readBefore = leaf.readAt;
    leaf.modifications = modifications;
    leaf.readAt = now;
    if (delta == 0 || !readBefore)
        leaf.heat = std::max(0, leaf.heat - 1);
    else
        leaf.heat = hotFor;
    if (leaf.heat > 0 && std::size_t(m_hot.size()) < mostHot)
        m_hot.insert(oid);
    else if (leaf.heat == 0)
        m_hot.remove(oid);
    if (delta == 0)
        return;
    for (const quint32 root : leaf.roots) {
        Relation &relation = m_relations[root];
        relation.modifications += delta;
        for (const quint32 view : relation.readBy) {
            const auto base = m_bases.find(view);
            if (base == m_bases.end() || !base->modifications.contains(root) || !readBefore)
                continue;
            const bool belongsToTheBase = delta > 0 && *readBefore < base->countedFrom;
            if (!belongsToTheBase && delta > 0)
                continue;
            base->modifications[root] += delta;
            base->dirty = true;
            if (delta < 0)
                markBlind(*base, Words::tr("the statistics of %1 were reset").arg(relation.name.display()));
        }
    }
}

void FreshnessSources::dropLeaf(quint32 oid)
{
    const auto leaf = m_leaves.find(oid);
    if (leaf == m_leaves.end())
        return;
    for (const quint32 root : leaf->roots) {
        Relation &relation = m_relations[root];
        relation.modifications -= leaf->modifications;
        relation.leaves.erase(std::remove(relation.leaves.begin(), relation.leaves.end(), oid), relation.leaves.end());
        for (const quint32 view : relation.readBy) {
            const auto base = m_bases.find(view);
            if (base != m_bases.end() && base->modifications.contains(root)) {
                base->modifications[root] -= leaf->modifications;
                base->dirty = true;
            }
        }
        markBlind(root, Words::tr("partitions of %1 were dropped or detached").arg(relation.name.display()));
    }
    m_leaves.erase(leaf);
    rebuildOrder();
}

void FreshnessSources::setDefinitions(const pg::ResultSet &rows)
{
    const auto oid = rows.column("oid");
    const auto times = rows.column("time_functions");
    const auto volatiles = rows.column("volatile_functions");
    const auto readers = rows.column("reading_functions");
    for (int row = 0; row < rows.rowCount(); ++row) {
        QString note;
        if (const QStringList names = rows.texts(row, readers); !names.isEmpty())
            note = Words::tr("it calls %1, which may read tables of its own").arg(names.join(QStringLiteral(", ")));
        else if (const QStringList random = rows.texts(row, volatiles); !random.isEmpty())
            note = Words::tr("it calls %1, which is volatile").arg(random.join(QStringLiteral(", ")));
        else if (const QStringList clocks = rows.texts(row, times); !clocks.isEmpty())
            note = Words::tr("it ages by itself, for it uses %1").arg(clocks.join(QStringLiteral(", ")));
        m_notes.insert(rows.oid(row, oid), note);
    }
}

std::vector<quint32> FreshnessSources::relations() const
{
    return {m_relations.keyBegin(), m_relations.keyEnd()};
}

std::vector<quint32> FreshnessSources::roots() const
{
    std::vector<quint32> roots;
    for (auto relation = m_relations.cbegin(); relation != m_relations.cend(); ++relation) {
        if (relation->kind == 'r' || relation->kind == 'p')
            roots.push_back(relation.key());
    }
    return roots;
}

std::vector<quint32> FreshnessSources::slice()
{
    std::vector<quint32> oids(m_hot.cbegin(), m_hot.cend());
    for (std::size_t taken = 0; taken < std::min(mostInTurn, m_order.size()); ++taken) {
        m_next = (m_next + 1) % m_order.size();
        if (!m_hot.contains(m_order[m_next]))
            oids.push_back(m_order[m_next]);
    }
    return oids;
}

std::vector<quint32> FreshnessSources::unreadDefinitions(std::size_t most) const
{
    std::vector<quint32> oids;
    const auto add = [&](quint32 oid) {
        if (oids.size() < most && !m_notes.contains(oid))
            oids.push_back(oid);
    };
    for (auto view = m_edges.cbegin(); view != m_edges.cend(); ++view)
        add(view.key());
    for (auto view = m_views.cbegin(); view != m_views.cend(); ++view)
        add(view.key());
    return oids;
}

void FreshnessSources::rebase(quint32 view, Instant finishedAt, bool startIsMarked)
{
    const QHash<quint32, qint64> marked = m_starts.take(view);
    const QHash<quint32, qint64> started = startIsMarked ? marked : QHash<quint32, qint64>();
    Base base;
    for (const quint32 source : sourcesOf(view)) {
        const auto relation = m_relations.constFind(source);
        if (relation == m_relations.cend())
            continue;
        base.modifications.insert(source, started.value(source, relation->modifications));
        base.fileNodes.insert(source, relation->fileNode);
        if (const auto print = leafPrint(source, std::numeric_limits<quint32>::max()))
            base.leaves.insert(source, *print);
    }
    base.definitions = m_edges.value(view).views;
    base.countedFrom = finishedAt + lateReports;
    base.dirty = true;
    m_bases.insert(view, base);
}

void FreshnessSources::doubt(quint32 view)
{
    if (const auto base = m_bases.find(view); base != m_bases.end())
        base->doubtful = base->dirty = true;
}

void FreshnessSources::awaitStructure(quint32 view, quint32 xid)
{
    if (const auto base = m_bases.find(view); base != m_bases.end())
        base->openSince = xid;
}

void FreshnessSources::completeBases()
{
    for (auto base = m_bases.begin(); base != m_bases.end(); ++base) {
        const quint32 refreshedBy = std::exchange(base->openSince, 0);
        if (refreshedBy == 0)
            continue;
        const Edges edges = m_edges.value(base.key());
        const bool definedSince = std::any_of(edges.views.cbegin(), edges.views.cend(), [&](quint32 definedBy) {
            return static_cast<qint32>(definedBy - refreshedBy) > 0; // ids of transactions go round
        });
        if (definedSince)
            continue;
        base->definitions = edges.views;
        for (const quint32 source : edges.sources) {
            if (base->modifications.contains(source))
                continue;
            const Relation relation = m_relations.value(source);
            base->modifications.insert(source, relation.modifications);
            base->fileNodes.insert(source, relation.fileNode);
            if (const auto print = leafPrint(source, std::numeric_limits<quint32>::max()))
                base->leaves.insert(source, *print);
        }
        base->dirty = true;
    }
}

void FreshnessSources::begin(quint32 view, Instant now)
{
    rebase(view, now, false);
    m_bases[view].countedFrom = now;
}

void FreshnessSources::markStart(quint32 view)
{
    QHash<quint32, qint64> &start = m_starts[view];
    start.clear();
    for (const quint32 source : sourcesOf(view))
        start.insert(source, m_relations.value(source).modifications);
}

void FreshnessSources::restore(quint32 view, const SourceBase &known)
{
    Base base;
    static_cast<SourceBase &>(base) = known;
    if (base.definitions.isEmpty()) { // kept by a release that did not know them
        base.definitions = m_edges.value(view).views;
        base.dirty = !base.definitions.isEmpty();
    }
    for (auto kept = base.leaves.cbegin(); kept != base.leaves.cend(); ++kept) {
        const auto relation = m_relations.constFind(kept.key());
        if (relation == m_relations.cend())
            continue;
        const bool holdsUncounted = std::any_of(relation->leaves.begin(), relation->leaves.end(), [&](quint32 leaf) {
            return leaf > kept->newest && m_leaves.value(leaf).holdsUncounted;
        });
        if (holdsUncounted || leafPrint(kept.key(), kept->newest) != *kept) {
            markBlind(base,
                      Words::tr("partitions of %1 were truncated, rewritten, dropped or attached while nobody watched")
                          .arg(relation->name.display()));
        }
    }
    m_bases.insert(view, base);
}

std::optional<LeafPrint> FreshnessSources::leafPrint(quint32 relation, quint32 newest) const
{
    // Many views may read one table of many partitions.
    const QPair<quint32, quint32> asked(relation, newest);
    if (const auto known = m_prints.constFind(asked); known != m_prints.cend())
        return *known;
    LeafPrint print;
    for (const quint32 leaf : m_relations.value(relation).leaves) {
        if (leaf == relation || leaf > newest)
            continue;
        print.newest = std::max(print.newest, leaf);
        const auto known = m_leaves.constFind(leaf);
        print.sum += mixed(leaf, known == m_leaves.cend() ? 0 : known->fileNode);
    }
    return *m_prints.insert(asked, print.newest == 0 ? std::nullopt : std::optional(print));
}

void FreshnessSources::forget(quint32 view)
{
    m_bases.remove(view);
    m_starts.remove(view);
    m_notes.remove(view);
}

void FreshnessSources::countersWereReset()
{
    for (Base &base : m_bases)
        markBlind(base, Words::tr("the statistics of this database were reset"));
}

std::vector<std::pair<quint32, const FreshnessSources::Base *>> FreshnessSources::takeDirty()
{
    std::vector<std::pair<quint32, const Base *>> dirty;
    for (auto base = m_bases.begin(); base != m_bases.end(); ++base) {
        if (base->dirty)
            dirty.emplace_back(base.key(), &*base);
        base->dirty = false;
    }
    return dirty;
}

FreshnessSources::Judgement FreshnessSources::judge(quint32 view, bool probable) const
{
    const auto base = m_bases.constFind(view);
    const auto edges = m_edges.constFind(view);
    if (edges == m_edges.cend() || edges->sources.empty())
        return {std::nullopt, Words::tr("its definition names no table")};
    if (base == m_bases.cend())
        return {};

    Judgement judgement{0, base->blindSpot};
    const auto blind = [&](const QString &what) {
        if (judgement.blindSpot.isEmpty())
            judgement.blindSpot = what;
    };
    if (base->doubtful && probable)
        blind(Words::tr("its last change was probably a refresh, but nothing proves it"));
    for (auto between = edges->views.cbegin(); between != edges->views.cend(); ++between) {
        if (base->definitions.value(between.key(), *between) != *between)
            blind(Words::tr("the definition of %1 changed").arg(m_views.value(between.key())));
    }
    for (const quint32 source : edges->sources) {
        const auto relation = m_relations.constFind(source);
        if (relation == m_relations.cend())
            continue;
        const QString name = relation->name.display();
        if (relation->kind == 'f')
            blind(Words::tr("changes of the foreign table %1 are not counted here").arg(name));
        if (relation->hasForeignLeaf)
            blind(Words::tr("changes of foreign partitions of %1 are not counted here").arg(name));
        if (!base->modifications.contains(source)) {
            // A release that did not know definitions may have left a base of before they changed.
            blind(Words::tr("what it reads was defined anew: now it reads %1").arg(name));
            continue;
        }
        const qint64 changes = relation->modifications - base->modifications.value(source);
        if (changes < 0)
            blind(Words::tr("the counters of %1 went back while nobody watched").arg(name));
        *judgement.changes += std::max<qint64>(0, changes);
        if (relation->kind == 'r' && base->fileNodes.value(source, relation->fileNode) != relation->fileNode)
            blind(Words::tr("%1 was truncated or rewritten").arg(name));
        // A refresh counts the rows it writes, but not those it throws away.
        const bool otherFile = base->fileNodes.value(source, relation->fileNode) != relation->fileNode;
        if (relation->kind == 'm' && otherFile && changes == 0)
            blind(Words::tr("%1 was rewritten, or refreshed to no rows").arg(name));
    }
    blind(m_notes.value(view));
    for (auto between = edges->views.cbegin(); between != edges->views.cend(); ++between)
        blind(m_notes.value(between.key()));
    return judgement;
}

const std::vector<quint32> &FreshnessSources::sourcesOf(quint32 view) const
{
    static const std::vector<quint32> none;
    const auto edges = m_edges.constFind(view);
    return edges == m_edges.cend() ? none : edges->sources;
}

std::vector<SourceRelation> FreshnessSources::sourceRelations() const
{
    std::vector<SourceRelation> sources;
    sources.reserve(static_cast<std::size_t>(m_relations.size()));
    for (auto relation = m_relations.cbegin(); relation != m_relations.cend(); ++relation)
        sources.push_back({relation.key(), relation->name, relation->kind, relation->readBy, relation->modifications});
    std::sort(sources.begin(), sources.end(),
              [](const SourceRelation &left, const SourceRelation &right) { return left.oid < right.oid; });
    return sources;
}

void FreshnessSources::markBlind(quint32 root, const QString &what)
{
    for (const quint32 view : m_relations.value(root).readBy) {
        const auto base = m_bases.find(view);
        if (base != m_bases.end() && base->modifications.contains(root))
            markBlind(*base, what);
    }
}

void FreshnessSources::markBlind(Base &base, const QString &what)
{
    base.blindSpot = what;
    base.dirty = true;
}

void FreshnessSources::rebuildOrder()
{
    m_order.assign(m_leaves.keyBegin(), m_leaves.keyEnd());
    std::sort(m_order.begin(), m_order.end());
    m_next = 0;
    m_prints.clear();
    for (auto hot = m_hot.begin(); hot != m_hot.end();)
        hot = m_leaves.contains(*hot) ? std::next(hot) : m_hot.erase(hot);
}

} // namespace tidemark
