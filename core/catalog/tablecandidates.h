// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/pg/qualifiedname.h"
#include "core/pg/session.h"

namespace tidemark {

/// A column that a table can be partitioned by range of.
struct RangeColumn
{
    QString name;
    QString type; ///< as format_type prints it
    friend bool operator==(const RangeColumn &, const RangeColumn &) = default;
    [[nodiscard]] bool isInteger() const;
    [[nodiscard]] bool hasZone() const { return type == QLatin1String("timestamp with time zone"); }
};

/// A table that a change may be asked for. Whether it can be done, planning it says.
struct TableCandidate
{
    quint32 oid = 0;
    pg::QualifiedName name;
    qint64 rowEstimate = -1; ///< below 0: never analysed
    qint64 bytes = 0;        ///< of its own pages and its partitions', as of the last VACUUM or ANALYZE
    QStringList primaryKey;
    std::vector<RangeColumn> rangeColumns; ///< read for staged migrations alone
    friend bool operator==(const TableCandidate &, const TableCandidate &) = default;
};

enum class CandidatesFor {
    StagedMigration, ///< ordinary tables alone
    Backfill,        ///< partitioned tables and partitions too
};

/// The tables of this database, the largest first; at most 2000.
[[nodiscard]] Result<std::vector<TableCandidate>> readCandidates(pg::Session &session, CandidatesFor change,
                                                                 const pg::CallOptions &call = {});

} // namespace tidemark
