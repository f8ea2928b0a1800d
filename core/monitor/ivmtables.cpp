// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/ivmtables.h"

#include "core/catalog/jsonrows.h"

#include <QCoreApplication>

namespace tidemark {

void IvmTables::read(const pg::ResultSet &rows, const XidClock &clock, const pg::Capabilities &capabilities)
{
    m_tables.clear();
    if (rows.isEmpty())
        return;
    for (const QJsonObject &row : jsonRows(rows.bytes(0, rows.column("immvs")), "immv")) {
        Refreshable table;
        table.kind = RefreshableKind::PgIvmTable;
        table.oid = static_cast<quint32>(row.value(QLatin1String("oid")).toInteger());
        table.name = {row.value(QLatin1String("schema")).toString(), row.value(QLatin1String("name")).toString()};
        table.owner = row.value(QLatin1String("owner")).toString();
        table.populated = row.value(QLatin1String("populated")).toBool();
        setEstimates(table, row.value(QLatin1String("pages")).toInteger(),
                     row.value(QLatin1String("rows")).toDouble(-1), capabilities.blockSize, capabilities.major());
        table.concurrently.reason = QCoreApplication::translate("Freshness", "pg_ivm keeps it up to date by itself");
        if (table.populated)
            table.sourceChanges = 0; // what changes a source changes the table, in the same transaction

        const auto xid = static_cast<quint32>(row.value(QLatin1String("xid")).toInteger());
        if (const auto committed = parseTimestamp(row.value(QLatin1String("committed_at")).toString())) {
            table.lastRefresh = {Confidence::Commit, RefreshSource::CommitTimestamp, committed, {}, false};
        } else if (const auto bracket = clock.bracket(xid)) {
            table.lastRefresh = {Confidence::Bracketed, RefreshSource::XidClock, bracket->to, bracket, false};
        }
        table.lastChangedAt = table.lastRefresh.at;
        m_tables.push_back(std::move(table));
    }
}

} // namespace tidemark
