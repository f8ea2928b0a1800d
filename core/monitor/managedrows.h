// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/catalog/refreshable.h"
#include "core/pg/capabilities.h"
#include "core/pg/resultset.h"

#include <vector>

namespace tidemark {

/// The managed tables of a database as rows of the freshness board: what their refreshes wrote down is exact. A value of the
/// freshness collector.
class ManagedRows
{
public:
    /// Reads the answer of freshness/managed.
    void read(const pg::ResultSet &rows, const pg::Capabilities &capabilities);
    void clear() { m_tables.clear(); }
    [[nodiscard]] const std::vector<Refreshable> &tables() const { return m_tables; }

private:
    std::vector<Refreshable> m_tables; ///< by oid
};

} // namespace tidemark
