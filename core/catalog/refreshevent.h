// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/catalog/refreshable.h"

namespace tidemark {

/// One refresh that happened, or failed, as far as any source knows. Several sources may tell of the same one; the store
/// keeps one row, with each fact from the source that knows it best.
struct RefreshEvent
{
    qint64 id = 0; ///< the local store's; 0 before it is stored
    pg::QualifiedName name;
    RefreshableKind kind = RefreshableKind::MaterializedView;
    std::optional<Instant> startedAt;
    std::optional<Instant> finishedAt; ///< best single point
    std::optional<TimeRange> finishedBracket;
    std::optional<Millis> duration;
    std::optional<qint64> rows;
    bool succeeded = true;
    QString error; ///< whole text when it failed
    QString user;
    bool concurrently = false;
    Confidence confidence = Confidence::Unknown;
    RefreshSource source = RefreshSource::None;
    bool probable = false; ///< told from traces that something else could leave too
    quint32 xid = 0;       ///< of the transaction that refreshed, where the source knows it: it makes two accounts one
    QString sourceDetail;  ///< "pg_cron job 3", "policy job 1004", application name
    int timeline = 0;      ///< of the server when it was told last; filled in by reading, 0 where it is not known
    friend bool operator==(const RefreshEvent &, const RefreshEvent &) = default;
};

} // namespace tidemark
