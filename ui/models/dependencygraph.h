// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/catalog/refreshable.h"

#include <memory>
#include <optional>
#include <vector>

namespace tidemark::ui {

/// A relation in the picture of what one refreshable reads and who reads it. Exactly one of the two pointers is set; both
/// keep their snapshot alive.
struct GraphNode
{
    std::shared_ptr<const Refreshable> refreshable;
    std::shared_ptr<const SourceRelation> table;
    int layer = 0; ///< 0 is the focus, sources stand below 0, readers above; an edge always leads to a higher layer
    int order = 0; ///< place in its layer, from 0

    [[nodiscard]] quint32 oid() const { return refreshable ? refreshable->oid : table->oid; }
    [[nodiscard]] const pg::QualifiedName &name() const { return refreshable ? refreshable->name : table->name; }
};

/// From a source to its reader; indexes into DependencyGraph::nodes.
struct GraphEdge
{
    int from = 0;
    int to = 0;
    friend bool operator==(const GraphEdge &, const GraphEdge &) = default;
};

/// All that a refreshable reads, however indirectly, and all that reads it. Nodes are sorted by layer, then order.
struct DependencyGraph
{
    std::vector<GraphNode> nodes;
    std::vector<GraphEdge> edges;
    int focus = -1; ///< index of the refreshable it is about; -1 in an empty graph
};

/// Empty where the snapshot does not hold the refreshable. A cycle, which only declared (not real) dependencies can make,
/// is cut. Pure; any thread.
[[nodiscard]] DependencyGraph dependencyGraph(const std::shared_ptr<const FreshnessSnapshot> &snapshot, quint32 oid);

/// What a node says under its name: "fresh, 2 min ago", "1,204 changes", "foreign table". `changes` of a plain table are
/// not against anything, so they are not shown.
[[nodiscard]] QString nodeCaption(const GraphNode &node, Instant now);

/// The picture in words, one line a relation, sources first: what a screen reader or a paste gets.
[[nodiscard]] QStringList graphLines(const DependencyGraph &graph, Instant now);

} // namespace tidemark::ui
