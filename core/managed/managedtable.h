// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/instant.h"
#include "core/managed/deltasql.h"

namespace tidemark::managed {

/// A table of this database that is kept equal to a view, as the toolkit knows it.
struct ManagedTable
{
    quint32 oid = 0;
    pg::QualifiedName name;
    quint32 definitionOid = 0;
    pg::QualifiedName definition; ///< no name: the view is gone
    QStringList key;
    QString rangeColumn;
    QString timeZone; ///< in which its definition is computed
    bool isUnlogged = false;
    bool wasEmptied = false; ///< it is UNLOGGED, and a crash of the server took its rows
    std::optional<Instant> keptSince;
    std::optional<Instant> lastRefreshAt;
    std::optional<Instant> lastFullAt;
    std::optional<Instant> lastChangedAt;
    QString lastMode;
    std::optional<Millis> lastDuration;
    std::optional<qint64> deleted;
    std::optional<qint64> updated;
    std::optional<qint64> inserted;
    std::optional<Instant> lastErrorAt;
    QString lastError;
    QString owner;
    /// What its definition reads, seen through plain views.
    std::vector<std::pair<quint32, pg::QualifiedName>> sources;
    std::vector<quint32> reads; ///< other managed tables that its definition reads, directly or through views

    [[nodiscard]] bool hasFailed() const { return lastErrorAt && (!lastRefreshAt || *lastErrorAt > *lastRefreshAt); }
};

/// Each after those that it reads; none where the toolkit's part is not installed or this role may not read it. Errors are the session's.
[[nodiscard]] Result<std::vector<ManagedTable>> readManaged(pg::Session &session, const pg::CallOptions &call = {});
/// Error: Missing, naming those there are.
[[nodiscard]] Result<ManagedTable> readManaged(pg::Session &session, const pg::QualifiedName &table,
                                               const pg::CallOptions &call = {});

/// What its refreshes are made from. Errors: Input where table and definition have come apart, naming the column; Missing.
[[nodiscard]] Result<DeltaTarget> readDeltaTarget(pg::Session &session, const ManagedTable &table,
                                                  const pg::CallOptions &call = {});

} // namespace tidemark::managed
