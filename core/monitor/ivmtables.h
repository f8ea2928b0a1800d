// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/catalog/refreshable.h"
#include "core/monitor/xidclock.h"
#include "core/pg/capabilities.h"
#include "core/pg/resultset.h"

#include <vector>

namespace tidemark {

/// The tables that pg_ivm keeps up to date within the very transactions that change their sources, as rows of the freshness
/// board. A value of the freshness collector.
class IvmTables
{
public:
    /// Reads the answer of freshness/pg_ivm.
    void read(const pg::ResultSet &rows, const XidClock &clock, const pg::Capabilities &capabilities);
    void clear() { m_tables.clear(); }
    [[nodiscard]] const std::vector<Refreshable> &tables() const { return m_tables; }

private:
    std::vector<Refreshable> m_tables; ///< by oid
};

} // namespace tidemark
