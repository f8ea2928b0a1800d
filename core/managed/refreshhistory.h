// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/managed/deltarefresh.h"

namespace tidemark::managed {

/// What refreshes leave in the toolkit. `startedAt` is the server's word.

/// In the transaction that did it; returns the line's id.
[[nodiscard]] Result<qint64> writeHistory(pg::Transaction &transaction, const ManagedTable &table,
                                          const DeltaScope &scope, const DeltaOutcome &outcome,
                                          const QString &startedAt);
/// After the commit, once in a while: lines of more than 90 days ago go, a thousand at a time. Not in the refresh's own
/// transaction, where a line that another has pruned meanwhile would be a serialization failure. That it fails harms nothing.
void pruneHistory(pg::Session &session, const std::vector<DeltaOutcome> &outcomes);
/// After it was rolled back. What cannot be written down is no second failure.
void writeFailure(pg::Session &session, const ManagedTable &table, const DeltaScope &scope, const QString &startedAt,
                  const Error &error);

} // namespace tidemark::managed
