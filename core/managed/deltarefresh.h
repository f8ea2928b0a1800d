// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/managed/managedtable.h"
#include "core/pg/transaction.h"

#include <functional>

namespace tidemark::managed {

struct DeltaOptions
{
    Millis waitForOther{0};     ///< who refreshes the table already is waited for so long
    std::size_t batch = 10'000; ///< keys that are fetched and compared at a time; all where more than the key is unique
    qint64 analyzeFrom = 20'000; ///< so many fetched rows are analysed before they are joined
    bool prove = false; ///< compare all of it with the definition before the commit, which a difference prevents
    int attempts = 3;   ///< where others wrote to the table meanwhile, or it came to a deadlock
};

/// What a refresh found and did.
struct DeltaOutcome
{
    qint64 id = 0; ///< of its line in tidemark.managed_refresh
    pg::QualifiedName table;
    DeltaScope::Mode mode = DeltaScope::Mode::Full;
    qint64 compared = 0; ///< rows that the definition has in the scope
    qint64 deleted = 0;
    qint64 updated = 0; ///< also those that were removed and inserted anew: see deltasql::removeMoved()
    qint64 inserted = 0;
    bool rebuilt = false; ///< a crash of the server had emptied the table: it was refreshed in full, whatever the scope
    bool proven = false;  ///< all of it was compared with the definition, on the snapshot of the refresh
    int attempts = 1;
    Millis took{0};

    [[nodiscard]] qint64 unchanged() const { return compared - updated - inserted; }
    [[nodiscard]] bool hasChanged() const { return deleted + updated + inserted > 0; }
    friend bool operator==(const DeltaOutcome &, const DeltaOutcome &) = default;
};

struct DeltaRequest
{
    pg::QualifiedName table;
    DeltaScope scope;
};

/// Makes managed tables equal to their definitions: all of each, or the rows of a scope and those that belong to it now. Only
/// rows that differ are touched, all in one transaction, each table after those it reads: readers never wait, and see all of
/// it or nothing. One refresh of a table at a time, by advisory lock (1414087757, oid); the lines of the history are written in
/// the transaction that did it, those of one that failed afterwards. Runs on the session's thread; the session must be able to
/// write and be in no transaction.
///
/// A scope that leaves out what changed leaves that stale, and what reads the table computes from it: in a chain, refresh all
/// that changed in a table before what reads it.
///
/// `beforeCommit` joins the transaction. Errors: Missing where one is no managed table; Conflict where another refreshes it,
/// saying who; Constraint where a definition has a key twice, naming one, or what stands is not what it should be when that
/// is proven; Input where table and definition have come apart or a scope names a column that cannot be compared; Conflict,
/// retryable, where others kept writing to a table; those of the session.
[[nodiscard]] Result<std::vector<DeltaOutcome>>
refreshTogether(pg::Session &session, const std::vector<DeltaRequest> &requests, const DeltaOptions &options = {},
                const pg::CallOptions &call = {},
                const std::function<Status(pg::Transaction &, const std::vector<DeltaOutcome> &)> &beforeCommit = {});

/// The same of one table.
[[nodiscard]] Result<DeltaOutcome> refreshManaged(pg::Session &session, const pg::QualifiedName &table,
                                                  const DeltaScope &scope = {}, const DeltaOptions &options = {},
                                                  const pg::CallOptions &call = {});

/// Where a managed table is not what its definition says, on one snapshot.
struct Divergence
{
    qint64 surplus = 0; ///< rows that the table has and the definition has not
    qint64 lacking = 0; ///< the other way round; a row that differs counts in both
    [[nodiscard]] bool isEqual() const { return surplus == 0 && lacking == 0; }
};

/// Compares row for row, duplicates too, byte for byte. Reads both in full.
[[nodiscard]] Result<Divergence> compareManaged(pg::Session &session, const pg::QualifiedName &table,
                                                const pg::CallOptions &call = {});

} // namespace tidemark::managed
