// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/catalog/lockmode.h"
#include "core/refresh/refreshcandidates.h"
#include "core/refresh/refreshspec.h"

namespace tidemark::refresh {

/// What a refresh does, and so what it costs others.
enum class Method {
    Concurrently, ///< readers go on
    Plain,        ///< readers wait until it is done
    NoData,       ///< it is empty afterwards
    Range,        ///< a continuous aggregate between two moments; readers go on
    Delta,        ///< a managed table: only rows that differ; readers go on
    Ivm,          ///< pg_ivm makes the table anew; readers wait
};

[[nodiscard]] QString toWord(Method method); ///< "concurrently", "plain", "with_no_data", "range", "delta", "pg_ivm"

/// How one candidate is refreshed, and why so; or why not.
struct RefreshChoice
{
    Method method = Method::Plain;
    QString because;              ///< the reason for the method, for people
    std::optional<LockMode> lock; ///< on itself; nothing: none that anybody notices
    bool locksReadersOut = false; ///< of something that can be read now
    QString obstacle;             ///< why it is not refreshed at all; empty: it is
    bool needsAcceptance = false; ///< it would be, were the lock accepted
};

/// Pure.
[[nodiscard]] RefreshChoice choose(const RefreshCandidate &candidate, const RefreshSpec &spec);

/// The one statement that does it, exactly as it will run; of a delta refresh several, without what managed::deltasql::wholeText()
/// leaves out and says so. `capabilities`: where the extensions' functions are.
[[nodiscard]] QString statementOf(const RefreshCandidate &candidate, Method method, const RefreshSpec &spec,
                                  const pg::Capabilities &capabilities);

} // namespace tidemark::refresh
