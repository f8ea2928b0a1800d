// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/relationfeedreader.h"

namespace tidemark {

pg::Params RelationFeedReader::params() const
{
    // With an epoch the counter has 64 bits; the xid type keeps the lower 32.
    if (!m_horizon)
        return {nullptr};
    return {static_cast<quint32>(*m_horizon & 0xffffffff)};
}

RelationFeed RelationFeedReader::absorb(const pg::ResultSet &rows)
{
    RelationFeed feed;
    feed.serverNow = rows.instant(0, rows.column("server_now")).value_or(Instant{});
    feed.nextXid = rows.int64(0, rows.column("next_xid"));

    const auto oids = rows.int64s(0, rows.column("changed"));
    const auto xmins = rows.int64s(0, rows.column("changed_xmin"));
    QHash<quint32, quint32> reported;
    for (std::size_t i = 0; i < oids.size(); ++i) {
        const auto oid = static_cast<quint32>(oids[i]);
        const auto xmin = static_cast<quint32>(xmins[i]);
        const auto known = m_reported.constFind(oid);
        if (known == m_reported.cend() || *known != xmin) {
            feed.changed.push_back(oid);
            feed.xmins.insert(oid, xmin);
        }
        reported.insert(oid, xmin);
    }
    m_reported = reported;

    const qint64 matviews = rows.int64(0, rows.column("matviews"));
    const qint64 relations = rows.int64(0, rows.column("relations"));
    feed.matviewsChanged = m_matviews && *m_matviews != matviews;
    feed.relationsChanged = m_relations && *m_relations != relations;
    m_matviews = matviews;
    m_relations = relations;
    m_horizon = rows.int64(0, rows.column("horizon"));
    return feed;
}

void RelationFeedReader::reset()
{
    *this = {};
}

} // namespace tidemark
