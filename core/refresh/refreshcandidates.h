// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/catalog/refreshable.h"
#include "core/pg/capabilities.h"
#include "core/refresh/refreshgraph.h"

#include <stop_token>

namespace tidemark::refresh {

/// Something that can be brought up to date, as its refresh must know it.
struct RefreshCandidate
{
    quint32 oid = 0;
    pg::QualifiedName name;
    RefreshableKind kind = RefreshableKind::MaterializedView;
    QString owner;
    bool populated = true;
    bool mayRefresh = true; ///< this role may
    ConcurrentEligibility concurrently;
    QString delta;    ///< what the refresh of a managed table does, as SQL
    QString obstacle; ///< why it cannot be refreshed now, whatever is asked
    qint64 bytes = 0; ///< of the heap, about; 0 where it was not counted
};

/// All of a database, and which reads which, read anew from its catalogue. Kinds to come are further queries here.
struct RefreshCandidates
{
    std::vector<RefreshCandidate> all; ///< by name
    RefreshGraph graph{{}, {}};
    QHash<quint32, pg::QualifiedName> tables; ///< names of the graph's relations that are no candidates

    /// Those of that name: one, or without a schema as many as there are schemas with one.
    [[nodiscard]] std::vector<const RefreshCandidate *> named(const pg::QualifiedName &name) const;
    [[nodiscard]] const RefreshCandidate *find(quint32 oid) const;

    /// Errors are the session's.
    [[nodiscard]] static Result<RefreshCandidates> read(pg::Session &session, const pg::Capabilities &capabilities,
                                                        std::stop_token stop = {});
};

} // namespace tidemark::refresh
