// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/catalog/partition.h"

#include <QByteArray>
#include <QHash>

namespace tidemark {

/// What pg_partman is told to do with its tables, of whatever version: columns that a version lacks are left out.
class PartmanConfig
{
public:
    /// Reads the answer of partitions/partman.
    [[nodiscard]] static PartmanConfig parse(const QByteArray &xml);

    /// Fills in managedBy, intervalText, premake and retention where pg_partman keeps this table.
    void apply(PartitionedTable &table) const;

    friend bool operator==(const PartmanConfig &, const PartmanConfig &) = default;

private:
    struct Entry
    {
        QString interval;
        std::optional<int> premake;
        QString retention;
        friend bool operator==(const Entry &, const Entry &) = default;
    };
    QHash<QString, Entry> m_entries; ///< by "schema.table", unquoted as part_config has it
};

} // namespace tidemark
