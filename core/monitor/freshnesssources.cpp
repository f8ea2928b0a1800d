// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/freshnesssources.h"

#include <QCoreApplication>

#include <algorithm>
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

std::vector<quint32> toOids(const std::vector<qint64> &numbers)
{
    return {numbers.begin(), numbers.end()};
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
    QHash<quint32, quint32> definedBefore;
    for (const Edges &known : std::as_const(m_edges))
        definedBefore.insert(known.views);
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
            if (definedBefore.value(between[i], definedBy.at(i)) != definedBy.at(i))
                m_redefinedBy.insert(between[i], m_stamp);
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
                Relation &relation = m_relations[root];
                if (leaf->fileNode == 0)
                    continue;
                if (root != id)
                    markBlind(root,
                              Words::tr("a partition of %1 was truncated or rewritten").arg(relation.name.display()));
                else if (relation.kind == 'm')
                    relation.fileStamp = m_stamp;
                else
                    noteEvent(relation, Words::tr("%1 was truncated or rewritten").arg(relation.name.display()));
            }
            leaf->fileNode = file;
        }
        const auto known = m_relations.find(id);
        if (known == m_relations.end())
            continue;
        known->name = {rows.text(row, schema), rows.text(row, name)};
        known->kind = rows.bytes(row, kind).at(0);
        known->fileNode = file;
        known->history.note(m_stamp, known->modifications);
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
    for (Relation &relation : m_relations)
        relation.history.note(m_stamp, relation.modifications);
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
        relation.history.note(m_stamp, relation.modifications);
        if (!readBefore)
            continue;
        for (const quint32 view : relation.readBy) {
            const auto base = m_bases.find(view);
            if (base == m_bases.end() || !base->modifications.contains(root))
                continue;
            const bool mayBeOfBefore = delta > 0 && *readBefore < base->settlesAt;
            if (!mayBeOfBefore && delta > 0)
                continue;
            base->modifications[root] += delta;
            if (mayBeOfBefore)
                base->around[root] += delta;
            base->dirty = true;
        }
        if (delta < 0)
            markBlind(root, Words::tr("the statistics of %1 were reset").arg(relation.name.display()));
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
        relation.history.subtract(leaf->modifications);
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
    const auto sampled = rows.column("is_sampled");
    const auto uncounted = rows.column("uncounted_relations");
    const auto readsEnum = rows.column("reads_enum");
    const auto callsFunctions = rows.column("calls_functions");
    for (int row = 0; row < rows.rowCount(); ++row) {
        QString note;
        if (rows.boolean(row, sampled))
            note = Words::tr("it takes a sample (TABLESAMPLE), another one each time");
        else if (const QStringList names = rows.texts(row, readers); !names.isEmpty())
            note = Words::tr("it calls %1, which may read tables of its own").arg(names.join(QStringLiteral(", ")));
        else if (const QStringList relations = rows.texts(row, uncounted); !relations.isEmpty())
            note = Words::tr("it reads %1, whose changes are not counted").arg(relations.join(QStringLiteral(", ")));
        else if (const QStringList random = rows.texts(row, volatiles); !random.isEmpty())
            note = Words::tr("it calls %1, which is volatile").arg(random.join(QStringLiteral(", ")));
        else if (const QStringList clocks = rows.texts(row, times); !clocks.isEmpty())
            note = Words::tr("it ages by itself, for it uses %1").arg(clocks.join(QStringLiteral(", ")));
        m_notes.insert(rows.oid(row, oid), {note, rows.boolean(row, readsEnum), rows.boolean(row, callsFunctions)});
    }
}

bool FreshnessSources::setCatalogueChanges(qint64 enums, qint64 functions, qint64 inheritance)
{
    m_enumChanges.note(m_stamp, enums);
    m_functionChanges.note(m_stamp, functions);
    return std::exchange(m_inheritanceChanges, inheritance).value_or(inheritance) != inheritance;
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
    if (std::exchange(m_allAsked, false))
        return m_order;
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
