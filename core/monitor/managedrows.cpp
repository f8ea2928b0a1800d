// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/managedrows.h"

#include <QCoreApplication>

#include <algorithm>

namespace tidemark {

void ManagedRows::read(const pg::ResultSet &rows, const pg::Capabilities &capabilities)
{
    m_tables.clear();
    for (int row = 0; row < rows.rowCount(); ++row) {
        Refreshable table;
        table.kind = RefreshableKind::ManagedTable;
        table.oid = rows.oid(row, rows.column("oid"));
        table.name = {rows.text(row, rows.column("schema")), rows.text(row, rows.column("name"))};
        table.owner = rows.text(row, rows.column("owner"));
        table.populated = !rows.boolean(row, rows.column("emptied"));
        setEstimates(table, rows.int32(row, rows.column("pages")), rows.real(row, rows.column("rows")),
                     capabilities.blockSize, capabilities.major());
        table.concurrently.reason = QCoreApplication::translate("Freshness",
                                                                "only rows that differ are touched, and readers go on");
        table.notJudgedBecause = QCoreApplication::translate(
            "Freshness", "the changes of a managed table's sources are not counted");
        if (const auto at = rows.instant(row, rows.column("last_refresh_at")))
            table.lastRefresh = {Confidence::Exact, RefreshSource::OwnRun, at, {}, false};
        table.lastChangedAt = rows.instant(row, rows.column("last_changed_at"));
        for (const qint64 duration : rows.int64s(row, rows.column("durations")))
            table.recentDurations.emplace_back(duration);
        if (!table.recentDurations.empty())
            table.lastDuration = table.recentDurations.back();
        m_tables.push_back(std::move(table));
    }
    std::sort(m_tables.begin(), m_tables.end(),
              [](const Refreshable &left, const Refreshable &right) { return left.oid < right.oid; });
}

} // namespace tidemark
