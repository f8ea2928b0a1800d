// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QHash>
#include <QtGlobal>

#include <vector>

namespace tidemark::refresh {

/// One relation reads another, as the catalogue tells: a materialized view a plain view, the view a table.
struct Reading
{
    quint32 reader = 0;
    quint32 source = 0;
};

/// Which refreshable shows what another holds: directly, or through plain views and tables that are none themselves. What
/// is read through a refreshable is that one's own matter, for its readers see what it holds, not what it was made of.
/// Pure; oids in, oids out.
class RefreshGraph
{
public:
    RefreshGraph(const std::vector<quint32> &refreshables, const std::vector<Reading> &readings);

    /// The refreshables that one reads, by oid.
    [[nodiscard]] std::vector<quint32> sourcesOf(quint32 refreshable) const { return m_sources.value(refreshable); }
    /// Relations that are none, which it reads likewise; without those that read others in turn.
    [[nodiscard]] std::vector<quint32> tablesOf(quint32 refreshable) const { return m_tables.value(refreshable); }
    /// All that shows what these hold, however many refreshables lie between; each once, these themselves not.
    [[nodiscard]] std::vector<quint32> downstreamOf(const std::vector<quint32> &refreshables) const;
    /// The same ones so that each comes after what it reads; those that are free of each other stay in the order given.
    [[nodiscard]] std::vector<quint32> sorted(const std::vector<quint32> &refreshables) const;

private:
    QHash<quint32, std::vector<quint32>> m_sources;
    QHash<quint32, std::vector<quint32>> m_readers;
    QHash<quint32, std::vector<quint32>> m_tables;
};

} // namespace tidemark::refresh
