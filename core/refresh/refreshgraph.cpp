// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/refresh/refreshgraph.h"

#include <QSet>

#include <algorithm>
#include <functional>

namespace tidemark::refresh {

RefreshGraph::RefreshGraph(const std::vector<quint32> &refreshables, const std::vector<Reading> &readings)
{
    const QSet<quint32> known(refreshables.begin(), refreshables.end());
    QHash<quint32, std::vector<quint32>> reads;
    for (const Reading &reading : readings)
        reads[reading.reader].push_back(reading.source);
    for (const quint32 refreshable : known) {
        QSet<quint32> seen{refreshable};
        std::vector<quint32> open{refreshable};
        while (!open.empty()) {
            const quint32 reader = open.back();
            open.pop_back();
            for (const quint32 source : reads.value(reader)) {
                if (seen.contains(source))
                    continue;
                seen.insert(source);
                if (known.contains(source)) {
                    m_sources[refreshable].push_back(source);
                    m_readers[source].push_back(refreshable);
                } else if (reads.contains(source)) {
                    open.push_back(source);
                } else {
                    m_tables[refreshable].push_back(source);
                }
            }
        }
    }
    for (auto *lists : {&m_sources, &m_readers, &m_tables}) {
        for (std::vector<quint32> &list : *lists)
            std::sort(list.begin(), list.end());
    }
}

std::vector<quint32> RefreshGraph::downstreamOf(const std::vector<quint32> &refreshables) const
{
    QSet<quint32> seen(refreshables.begin(), refreshables.end());
    std::vector<quint32> open = refreshables;
    std::vector<quint32> found;
    while (!open.empty()) {
        const quint32 source = open.back();
        open.pop_back();
        for (const quint32 reader : m_readers.value(source)) {
            if (seen.contains(reader))
                continue;
            seen.insert(reader);
            found.push_back(reader);
            open.push_back(reader);
        }
    }
    std::sort(found.begin(), found.end());
    return found;
}

std::vector<quint32> RefreshGraph::sorted(const std::vector<quint32> &refreshables) const
{
    const QSet<quint32> wanted(refreshables.begin(), refreshables.end());
    QSet<quint32> visited;
    std::vector<quint32> order;
    order.reserve(refreshables.size());
    // Views cannot read each other in a circle, and what is visited is not entered again, so this ends.
    const std::function<void(quint32)> visit = [&](quint32 refreshable) {
        if (visited.contains(refreshable))
            return;
        visited.insert(refreshable);
        for (const quint32 source : m_sources.value(refreshable)) {
            if (wanted.contains(source))
                visit(source);
        }
        order.push_back(refreshable);
    };
    for (const quint32 refreshable : refreshables)
        visit(refreshable);
    return order;
}

} // namespace tidemark::refresh
