// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/pg/qualifiedname.h"
#include "core/pg/session.h"

namespace tidemark::stage {

/// A column that a table can be partitioned by range of.
struct RangeColumn
{
    QString name;
    QString type; ///< as format_type prints it
    friend bool operator==(const RangeColumn &, const RangeColumn &) = default;
    [[nodiscard]] bool isInteger() const;
    [[nodiscard]] bool hasZone() const { return type == QLatin1String("timestamp with time zone"); }
};

/// A table that a staged migration may be asked for. Whether it can be done, planStage() says.
struct Candidate
{
    quint32 oid = 0;
    pg::QualifiedName name;
    qint64 rowEstimate = -1; ///< below 0: never analysed
    qint64 bytes = 0;        ///< of its own pages, as of the last VACUUM or ANALYZE
    QStringList primaryKey;
    std::vector<RangeColumn> rangeColumns;
    friend bool operator==(const Candidate &, const Candidate &) = default;
};

/// The ordinary tables of this database, the largest first; at most 2000.
[[nodiscard]] Result<std::vector<Candidate>> readCandidates(pg::Session &session, const pg::CallOptions &call = {});

} // namespace tidemark::stage
