// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/dependencygraph.h"

#include "ui/models/severity.h"
#include "ui/models/texts.h"

#include <QCoreApplication>
#include <QHash>

#include <algorithm>

namespace tidemark::ui {

namespace {

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(tidemark::ui::DependencyGraph)
};

class Builder
{
public:
    explicit Builder(const std::shared_ptr<const FreshnessSnapshot> &snapshot)
        : m_snapshot(snapshot)
    {
    }

    DependencyGraph build(quint32 focus)
    {
        if (!findRefreshable(focus))
            return {};
        collect(focus, &Refreshable::sources);
        collect(focus, &Refreshable::dependents);
        connect();
        const int at = m_indexOf.value(focus);
        layer(at);
        return sorted(focus);
    }

private:
    template<typename Value>
    static const Value *find(const std::vector<Value> &sortedByOid, quint32 oid)
    {
        const auto found = std::lower_bound(sortedByOid.begin(), sortedByOid.end(), oid,
                                            [](const Value &value, quint32 wanted) { return value.oid < wanted; });
        return found != sortedByOid.end() && found->oid == oid ? &*found : nullptr;
    }

    const Refreshable *findRefreshable(quint32 oid) const { return find(m_snapshot->refreshables, oid); }

    void collect(quint32 start, std::vector<quint32> Refreshable::*next)
    {
        std::vector<quint32> open{start};
        while (!open.empty()) {
            const quint32 oid = open.back();
            open.pop_back();
            const Refreshable *refreshable = findRefreshable(oid);
            if (!add(oid, refreshable) && oid != start)
                continue;
            if (refreshable)
                open.insert(open.end(), (refreshable->*next).begin(), (refreshable->*next).end());
        }
    }

    /// False where it was there already or is in no list of the snapshot.
    bool add(quint32 oid, const Refreshable *refreshable)
    {
        if (m_indexOf.contains(oid))
            return false;
        GraphNode node;
        if (refreshable)
            node.refreshable = std::shared_ptr<const Refreshable>(m_snapshot, refreshable);
        else if (const SourceRelation *table = find(m_snapshot->sources, oid))
            node.table = std::shared_ptr<const SourceRelation>(m_snapshot, table);
        else
            return false;
        m_indexOf.insert(oid, static_cast<int>(m_graph.nodes.size()));
        m_graph.nodes.push_back(std::move(node));
        return true;
    }

    void connect()
    {
        for (std::size_t to = 0; to < m_graph.nodes.size(); ++to) {
            if (!m_graph.nodes[to].refreshable)
                continue;
            for (const quint32 source : m_graph.nodes[to].refreshable->sources) {
                const auto from = m_indexOf.constFind(source);
                if (from != m_indexOf.cend() && *from != static_cast<int>(to))
                    m_graph.edges.push_back({*from, static_cast<int>(to)});
            }
        }
    }

    /// Longest paths from the focus in both directions. As many rounds as nodes are enough; only a cycle wants more.
    void layer(int focus)
    {
        std::vector<int> up(m_graph.nodes.size(), -1);
        std::vector<int> down(m_graph.nodes.size(), -1);
        up[static_cast<std::size_t>(focus)] = down[static_cast<std::size_t>(focus)] = 0;
        bool moved = true;
        for (std::size_t round = 0; moved && round < m_graph.nodes.size(); ++round) {
            moved = false;
            for (const auto &[fromIndex, toIndex] : m_graph.edges) {
                const auto from = static_cast<std::size_t>(fromIndex);
                const auto to = static_cast<std::size_t>(toIndex);
                const auto raise = [&moved](int &value, int least) {
                    if (value < least) {
                        value = least;
                        moved = true;
                    }
                };
                if (up[to] >= 0 && fromIndex != focus)
                    raise(up[from], up[to] + 1);
                if (down[from] >= 0 && toIndex != focus)
                    raise(down[to], down[from] + 1);
            }
        }
        for (std::size_t index = 0; index < m_graph.nodes.size(); ++index)
            m_graph.nodes[index].layer = up[index] > 0 ? -up[index] : std::max(down[index], 0);
        std::erase_if(m_graph.edges, [this](const GraphEdge &edge) {
            return m_graph.nodes[static_cast<std::size_t>(edge.from)].layer
                   >= m_graph.nodes[static_cast<std::size_t>(edge.to)].layer;
        });
    }

    DependencyGraph sorted(quint32 focus)
    {
        std::vector<int> places(m_graph.nodes.size());
        for (std::size_t index = 0; index < places.size(); ++index)
            places[index] = static_cast<int>(index);
        const auto &nodes = m_graph.nodes;
        std::sort(places.begin(), places.end(), [&nodes](int left, int right) {
            const GraphNode &a = nodes[static_cast<std::size_t>(left)];
            const GraphNode &b = nodes[static_cast<std::size_t>(right)];
            return a.layer != b.layer ? a.layer < b.layer : a.name() < b.name();
        });
        DependencyGraph graph;
        std::vector<int> newIndex(places.size());
        for (const int place : places) {
            GraphNode node = nodes[static_cast<std::size_t>(place)];
            const bool sameLayer = !graph.nodes.empty() && graph.nodes.back().layer == node.layer;
            node.order = sameLayer ? graph.nodes.back().order + 1 : 0;
            if (node.oid() == focus)
                graph.focus = static_cast<int>(graph.nodes.size());
            newIndex[static_cast<std::size_t>(place)] = static_cast<int>(graph.nodes.size());
            graph.nodes.push_back(std::move(node));
        }
        for (const auto &[from, to] : m_graph.edges)
            graph.edges.push_back({newIndex[static_cast<std::size_t>(from)], newIndex[static_cast<std::size_t>(to)]});
        return graph;
    }

    const std::shared_ptr<const FreshnessSnapshot> &m_snapshot;
    DependencyGraph m_graph;
    QHash<quint32, int> m_indexOf;
};

QString tableWord(char relkind)
{
    switch (relkind) {
    case 'f':
        return Words::tr("foreign table");
    case 'p':
        return Words::tr("partitioned table");
    default:
        return Words::tr("table");
    }
}

} // namespace

DependencyGraph dependencyGraph(const std::shared_ptr<const FreshnessSnapshot> &snapshot, quint32 oid)
{
    return snapshot ? Builder(snapshot).build(oid) : DependencyGraph{};
}

QString nodeCaption(const GraphNode &node, Instant now)
{
    if (node.table)
        return tableWord(node.table->relkind);
    const Refreshable &refreshable = *node.refreshable;
    return statusText(freshnessStatus(refreshable, now)) + QStringLiteral(", ")
           + texts::age(refreshable.lastRefresh, now);
}

QStringList graphLines(const DependencyGraph &graph, Instant now)
{
    QStringList lines;
    for (const GraphNode &node : graph.nodes) {
        const QString what = QStringLiteral("%1 (%2)").arg(node.name().display(), nodeCaption(node, now));
        if (node.layer < 0)
            lines << Words::tr("reads %1, %n step(s) away", nullptr, -node.layer).arg(what);
        else if (node.layer > 0)
            lines << Words::tr("read by %1, %n step(s) away", nullptr, node.layer).arg(what);
        else
            lines << what;
    }
    return lines;
}

} // namespace tidemark::ui
