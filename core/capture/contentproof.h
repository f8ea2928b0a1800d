// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/capture/capturecatalog.h"
#include "core/pg/transaction.h"

#include <optional>

namespace tidemark {

namespace proofsql {
struct Unsettled;
}

/// A part of both tables by one column: from (included) to (excluded), as text of the column's type; or its NULLs.
struct ProofRange
{
    QString column;
    std::optional<QString> from;
    std::optional<QString> to;
    bool onlyNull = false;
};

struct ProofSpec
{
    CaptureSpec capture;
    pg::QualifiedName target;
    std::vector<RowColumn> columns; ///< of the source, its key among them: readRowColumns()
    std::optional<ProofRange> range;
    int buckets = 256;                  ///< a power of two
    std::optional<int> parallelWorkers; ///< a query; by default what the server would take
    qint64 mostMismatches = 100;        ///< how many keys are named
};

struct ProofMismatch
{
    QString key;         ///< as PostgreSQL prints a row: (7,"2026-01-01")
    qint64 inSource = 0; ///< rows; 1 and 1 where their content differs
    qint64 inTarget = 0;
    friend bool operator==(const ProofMismatch &, const ProofMismatch &) = default;
};

struct ProofBucket
{
    int number = 0;
    qint64 sourceRows = 0;
    qint64 targetRows = 0;
    QString sourceSum; ///< of the rows' hashes, decimal; empty without rows
    QString targetSum;
    [[nodiscard]] bool isEqual() const { return sourceRows == targetRows && sourceSum == targetSum; }
};

struct ProofResult
{
    qint64 sourceRows = 0; ///< compared: rows of settled keys
    qint64 targetRows = 0;
    QString sourceSum; ///< of the rows' hashes, decimal; empty without rows
    QString targetSum;
    std::vector<ProofBucket> buckets;      ///< where the sums differ: those that have rows on either side, by number
    qint64 pending = 0;                    ///< entries that waited in the log, whose keys' rows were left out
    int truncations = 0;                   ///< that waited
    qint64 mismatched = 0;                 ///< keys
    std::vector<ProofMismatch> mismatches; ///< the first of them
    std::chrono::microseconds scanned{0};  ///< both sides
    std::chrono::microseconds drilledDown{0};

    /// Every settled key has the same rows on both sides.
    [[nodiscard]] bool isEqual() const { return mismatched == 0; }
    /// Nothing waited: equal means that the tables are.
    [[nodiscard]] bool isComplete() const { return pending == 0 && truncations == 0; }
    [[nodiscard]] std::vector<int> mismatchedBuckets() const;
};

/// Proves that source and target have the same content, byte for byte, on one snapshot while writers go on.
///
/// Each side is scanned once: the number of its rows and the sum of a 64-bit hash of each whole row, so that the order does
/// not matter and duplicates do. What hashes
/// alike without being alike (1.0 and 1.00, -0, letters under a loose collation, json) is hashed as text. Rows of keys that
/// wait in the capture's log of the same snapshot are left out on both sides: reconcile owes them. Sides that differ are
/// scanned once more on the same snapshot, by buckets of their keys, and buckets that differ joined by key; what differs
/// then nothing explains.
///
/// A difference passes unseen with a chance of 2^-64, and where values differ that print the same text.
class ContentProof
{
public:
    explicit ContentProof(ProofSpec spec);

    /// With a helper both sides are scanned at once, on the same exported snapshot; the helper is used on another thread
    /// until this returns. Writes nothing. Errors are the server's.
    [[nodiscard]] Result<ProofResult> run(pg::Session &session, pg::Session *helper = nullptr,
                                          const pg::CallOptions &call = {}) const;

    /// Puts the keys that differ in the mismatched buckets of a result, looked up anew, into the capture's log, for
    /// reconcile to heal. How many. Errors: Conflict, retryable, while the capture is being reconciled.
    [[nodiscard]] Result<qint64> repair(pg::Session &session, const ProofResult &result,
                                        const pg::CallOptions &call = {}) const;

private:
    [[nodiscard]] Result<ProofResult> prove(pg::Session &session, pg::Session *helper,
                                            const pg::CallOptions &call) const;
    /// Names the keys that differ.
    [[nodiscard]] Status drillDown(const pg::Session &session, pg::Transaction &transaction, pg::Session *helper,
                                   const proofsql::Unsettled &unsettled, ProofResult &result,
                                   const pg::CallOptions &call) const;
    [[nodiscard]] Error within(const Error &error) const;

    ProofSpec m_spec;
};

} // namespace tidemark
