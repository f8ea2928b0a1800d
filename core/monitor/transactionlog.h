// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/pg/resultset.h"
#include "core/store/history.h"

#include <optional>
#include <vector>

namespace tidemark {

/// Which transactions were open at each look, to tell which readings of counters are certainly older than a refresh.
///
/// A refresh shows what its snapshot saw. The snapshot is taken when its statement begins, or its transaction where that
/// is REPEATABLE READ; the commit, which is all that the catalogue tells of, may be hours later. So a reading is older for
/// certain where the refresh had no transaction id yet and held no snapshot right after it. Looks are numbered by stamps
/// that rise with time; counters bear the stamp of the look that follows them. Lives on its collector's thread.
class TransactionLog
{
public:
    struct Look
    {
        qint64 stamp = 0;
        qint64 nextXid = 0;
        std::vector<OpenTransaction> open;
    };
    /// What is known of when a transaction committed.
    struct Commit
    {
        std::optional<qint64> xid; ///< with its epoch; nothing where the row no longer tells it
        qint64 notBefore = 0;      ///< after all looks up to this stamp
        qint64 notAfter = 0;       ///< before all looks from this stamp on
    };

    /// A row of freshness/transactions.
    [[nodiscard]] static Look read(const pg::ResultSet &rows, qint64 stamp);
    void add(Look look);
    void clear() { m_looks.clear(); }

    /// The newest look at which the transaction had certainly not taken its snapshot yet.
    [[nodiscard]] std::optional<qint64> newestBefore(const Commit &commit) const;
    /// Likewise of a look of an earlier start.
    [[nodiscard]] bool isBefore(const SourceReading &reading, const Commit &commit) const;
    [[nodiscard]] const Look *newest() const { return m_looks.empty() ? nullptr : &m_looks.back(); }

private:
    [[nodiscard]] bool mayBe(const OpenTransaction &open, std::size_t firstAfter, const Commit &commit) const;

    std::vector<Look> m_looks; // oldest first
};

} // namespace tidemark
